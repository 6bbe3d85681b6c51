"""Invoice rows as a tax bureau exports them: numbers, voids and red letters."""

import numpy as np
import polars as pl

from simulation import assumptions as a
from simulation.economy import Firms, Lives, random_of
from simulation.seasons import Calendar
from simulation.trade import Columns, draw, flows

BLUE, RED = 1, 2


def invoices(firms: Firms, lives: Lives, *, calendar: Calendar, seed: int) -> pl.DataFrame:
    """Columns of the contract `vat_invoices`, with the firm's index `firm` in place of `enterprise_id`."""
    drawn: list[Columns] = []
    for firm in range(len(firms.sales)):
        random = random_of(seed, firm, stage=1)
        drawn += [draw(flow, calendar, random=random) for flow in flows(firms, lives, firm=firm, random=random)]
    lines = pl.DataFrame({name: np.concatenate([part[name] for part in drawn]) for name in drawn[0]})
    lines = lines.sort("firm", "direction", "issued_on", maintain_order=True).with_columns(
        serial=pl.int_range(pl.len()).over("firm", "direction"),
        counterparty=pl.format("c{}-{}", pl.col("firm") + 1, "partner"),
        # Digital invoices cannot be voided, and paper only within its month.
        voided=pl.col("cancelled") & ~pl.col("late") & _on_paper(),
    )
    blue = lines.with_columns(
        number=_number(BLUE),
        voided_on=pl.when("voided").then(_day_left_in_month()),
        red_letter_of=pl.lit(None, dtype=pl.String),
    )
    return pl.concat([_finished(blue), _finished(_reversals(blue, calendar))]).sort(
        "firm", "direction", "issued_on", "number"
    )


def _reversals(blue: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """A red-letter invoice for each cancelled one that is not void, days or weeks later but up to the last month."""
    last = calendar.last_day_of(calendar.months - 1)
    days = 1 + (pl.col("delay") * a.REVERSAL_DAYS).floor().cast(pl.Int64)
    red = blue.filter(pl.col("cancelled") & ~pl.col("voided")).with_columns(
        issued_on=pl.col("issued_on") + pl.duration(days=days),
        net_fen=-(pl.col("net_fen") * pl.col("part")).ceil().cast(pl.Int64),
        red_letter_of="number",
    )
    return red.filter(pl.col("issued_on") <= last).with_columns(number=_number(RED))


def _finished(lines: pl.DataFrame) -> pl.DataFrame:
    year = pl.col("issued_on").dt.strftime("%y")
    return lines.select(
        "firm",
        "direction",
        pl.when(_on_paper()).then(pl.format("0110{}{}", year, _padded(pl.col("firm") + 1, 6))).alias("code"),
        "number",
        "issued_on",
        "counterparty",
        "net_fen",
        (pl.col("net_fen") * pl.col("rate")).round().cast(pl.Int64).alias("vat_fen"),
        "voided_on",
        "red_letter_of",
        pl.col("issued_on").alias("known_on"),
    )


def _number(colour: int) -> pl.Expr:
    """Eight digits on paper, twenty when digital; no two alike within a firm and direction."""
    side = pl.when(pl.col("direction") == "issued").then(0).otherwise(2) + colour
    serial = _padded("serial", 7)
    digital = pl.format(
        "{}11{}{}{}", pl.col("issued_on").dt.strftime("%y"), side, _padded(pl.col("firm") + 1, 7), _padded("serial", 8)
    )
    return pl.when(_on_paper()).then(pl.format("{}{}", side, serial)).otherwise(digital)


def _padded(column: str | pl.Expr, digits: int) -> pl.Expr:
    number = pl.col(column) if isinstance(column, str) else column
    return number.cast(pl.String).str.zfill(digits)


def _on_paper() -> pl.Expr:
    return pl.col("issued_on") <= a.LAST_PAPER_DAY


def _day_left_in_month() -> pl.Expr:
    issued = pl.col("issued_on")
    left = issued.dt.month_end().dt.day().cast(pl.Int64) - issued.dt.day() + 1
    return issued + pl.duration(days=(pl.col("delay") * left).floor().cast(pl.Int64))
