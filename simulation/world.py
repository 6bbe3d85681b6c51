"""One call that invents a small city of enterprises: their register, invoices and loan outcomes."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from simulation.economy import Lives, draw_firms, live
from simulation.invoices import invoices
from simulation.register import codes, register
from simulation.seasons import Calendar, calendar
from sources.contracts import LABELS, VAT_INVOICES

MOST_ENTERPRISES = 999_999
"""As many placeholder codes as there are."""


@dataclass(frozen=True)
class Simulated:
    """Frames that keep the contracts of `sources.contracts`."""

    registry: pl.DataFrame
    vat_invoices: pl.DataFrame
    labels: pl.DataFrame

    def tables(self) -> Mapping[str, pl.DataFrame]:
        """The frames by the name of their contract."""
        return {"registry": self.registry, "vat_invoices": self.vat_invoices, "labels": self.labels}


def simulate(*, enterprises: int, months: int, seed: int, until: dt.date) -> Simulated:
    """Invent enterprises and all that is known of them on the day `until`.

    The same arguments give the same frames, and the first n enterprises are the same however many follow. Labels look
    twelve months ahead from twelve months before `until`. Not judged are firms that were in default or closed by then.
    About one judged firm in ten defaults, several times the rate of life, so that a small demo has enough defaults:
    nothing learned here is a probability of default for anybody.

    Args:
        enterprises: how many, at least 1.
        months: months of invoices up to `until`, at least 14.
        seed: not negative.
        until: last day of a month, up to the end of 2027; the first month is March 2020 or later.

    Raises:
        ValueError: an argument outside these bounds.
    """
    if not 1 <= enterprises <= MOST_ENTERPRISES:
        raise ValueError(f"enterprises: got {enterprises}, expected 1 to {MOST_ENTERPRISES}")
    if seed < 0:
        raise ValueError(f"seed: got {seed}, expected 0 or more")
    days = calendar(months, until)
    firms = draw_firms(enterprises, months, seed=seed)
    lives = live(firms, days)
    registry = register(firms, lives, calendar=days)
    names = codes(registry)
    rows = invoices(firms, lives, calendar=days, seed=seed)
    rows = rows.with_columns(names.gather(rows["firm"]).alias("enterprise_id"))
    return Simulated(registry, VAT_INVOICES.typed(rows), _labels(lives, days, names=names))


def _labels(lives: Lives, days: Calendar, *, names: pl.Series) -> pl.DataFrame:
    """Outcomes of the firms that trade and are not in default at the end of the label month."""
    judged = (lives.default > days.label_month) & (lives.closed > days.label_month)
    columns = {
        "enterprise_id": names.filter(pl.Series(judged)),
        "defaulted": lives.default[judged] < days.months,
    }
    labels = pl.DataFrame(columns).with_columns(
        as_of=pl.lit(days.last_day_of(days.label_month)),
        window=pl.lit("next_12_months"),
        known_on=pl.lit(days.last_day_of(days.months - 1)),
    )
    return LABELS.typed(labels)
