"""Invoices as the tax bureau exports them: codes, numbers, kinds, risk, deduction."""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from simulation.assumed import calendar
from simulation.assumed import invoices as a
from simulation.chance import Flags, Whole
from simulation.firms import RING, SHELL
from simulation.partners import inside_names, outside_names
from simulation.told.invoice_lines import CLASSES, Lines
from simulation.told.invoice_papers import Papers
from simulation.told.network import scattered
from sources.contracts.invoice import INVOICE_KINDS, INVOICE_RISKS

if TYPE_CHECKING:
    from simulation.community import Community

COPRIME = 3**18
"""Without a factor in common with a power of ten, so that its multiples meet every rest once."""

PAPER_NUMBERS = 10**8
GOODS = tuple(sorted({code for codes in a.GOODS_CODES.values() for code in codes}))


def rows(papers: Papers, community: "Community", direction: str) -> pl.DataFrame:
    """Columns of the contract by firm and day, with `firm` and `inside` (the other side, -1 = outside)."""
    papers = _in_order(papers)
    lines, firms = papers.lines, community.firms
    random = community.random("rows", direction)
    n = len(papers)
    serial = _serials(lines.firm) if direction == "issued" else np.arange(n) * COPRIME % PAPER_NUMBERS
    original = np.where(papers.reverses >= 0, papers.reverses, np.arange(n))
    special = _special(papers, community, direction)[original]
    shady = np.where(firms.role == SHELL, a.RISK_OF_SHELL, np.where(firms.role == RING, a.RISK_OF_RING, 1.0))
    risk = random.random(n) / (shady[lines.firm] if direction == "issued" else 1.0)
    late = random.random(n) < a.LATE_KNOWN
    valid = np.isnat(papers.voided) & (lines.net > 0)
    frame = pl.DataFrame(
        {
            "firm": lines.firm,
            "inside": lines.inside,
            "taxpayer": firms.numbers[lines.firm],
            "serial": serial,
            "reverses": papers.reverses,
            "issued_on": lines.day,
            "net_fen": lines.net,
            "vat_fen": lines.vat,
            "voided_on": papers.voided,
            "special": special,
            "electronic": random.random(n)[original] < a.ELECTRONIC,
            "goods_code": _goods(lines, community),
            "risk": np.searchsorted([a.ABNORMAL, a.ABNORMAL + a.DOUBTFUL], risk),
            "wait": 1 + (a.DEDUCTED_DAYS * random.random(n) ** 2).astype(np.int64),
            "deducts": special & valid & (random.random(n) < a.DEDUCTED),
            "known_on": lines.day + np.where(late, 1 + (a.LATE_DAYS * random.random(n)).astype(np.int64), 0),
        }
    )
    return _worded(frame.with_columns(_names(lines, community, direction)), community, direction)


def received_inside(issued: pl.DataFrame, community: "Community") -> pl.DataFrame:
    """The same invoices as their buyers inside the community have them."""
    firms = community.firms
    inside = issued.filter(pl.col("inside") >= 0)
    general = pl.Series(~firms.small_scale).gather(inside["inside"])
    return inside.with_columns(
        firm="inside",
        counterparty=inside_names(firms, inside["firm"].to_numpy()),
        direction=pl.lit("received"),
        deducted_on=pl.when(general).then("deducted_on"),
    )


def _in_order(papers: Papers) -> Papers:
    """By firm and day; a blue invoice stays before those of its day that came after it."""
    n = len(papers)
    order = np.lexsort((papers.lines.day, papers.lines.firm))
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    reverses = papers.reverses[order]
    moved = np.where(reverses >= 0, place[reverses], -1)
    return Papers(papers.lines.take(order), moved, papers.voided[order])


def _serials(firm: Whole) -> Whole:
    """Running number within each firm."""
    begins = np.flatnonzero(np.diff(firm, prepend=-1))
    return np.arange(len(firm)) - np.repeat(begins, np.diff(begins, append=len(firm)))


def _special(papers: Papers, community: "Community", direction: str) -> Flags:
    """Whether an invoice is special: a partner that wants one always wants one."""
    lines, firms = papers.lines, community.firms
    key = int(community.random("special", direction).integers(2**62))
    often = np.where(firms.small_scale, a.SPECIAL_SMALL, a.SPECIAL_GENERAL)
    share = often[lines.firm] if direction == "issued" else np.full(len(papers), a.SPECIAL_RECEIVED)
    special: Flags = scattered(key, lines.firm, lines.place, lines.inside + 1) < share
    return special


def _goods(lines: Lines, community: "Community") -> Whole:
    """Place in `GOODS`: what is taxed as goods is goods, and so on; other classes follow the firm's own trade."""
    choices = [a.GOODS_CODES.get(kind, ()) for kind in CLASSES]
    most = max(len(codes) for codes in choices)
    own = np.array([CLASSES.index(kind) for kind in community.firms.goods])
    table = np.array([[GOODS.index(codes[k % len(codes)]) if codes else -1 for k in range(most)] for codes in choices])
    luck = scattered(int(community.random("goods").integers(2**62)), lines.firm, lines.place)
    taxed = np.where(table[lines.taxed, 0] >= 0, lines.taxed, own[lines.firm])
    goods: Whole = table[taxed, (most * luck).astype(np.int64)]
    return goods


def _names(lines: Lines, community: "Community", direction: str) -> pl.Series:
    kind = "buyer" if direction == "issued" else "supplier"
    outside = outside_names(kind, community.firms, lines.firm, lines.place)
    inside = inside_names(community.firms, np.maximum(lines.inside, 0))
    chosen = pl.Series(lines.inside >= 0)
    return inside.zip_with(chosen, outside).alias("counterparty")


def _worded(frame: pl.DataFrame, community: "Community", direction: str) -> pl.DataFrame:
    general = pl.Series(~community.firms.small_scale).gather(frame["firm"])
    buyer_deducts = pl.col("deducts") & ((pl.col("inside") >= 0) | ((direction == "received") & general))
    digital = pl.col("issued_on") > calendar.LAST_PAPER_DAY
    worded = frame.with_columns(digital=digital).with_columns(
        number=_number(direction),
        code=_code(direction),
        kind=_kind(),
        goods_code=_word("goods_code", GOODS, pl.Enum(GOODS)),
        risk=_word("risk", ("abnormal", "doubtful", "normal"), pl.Enum(list(INVOICE_RISKS))),
        deducted_on=pl.when(buyer_deducts).then(pl.col("issued_on") + pl.duration(days="wait")),
        direction=pl.lit(direction),
    )
    blue = worded["number"].gather(pl.Series(np.maximum(frame["reverses"].to_numpy(), 0)))
    return worded.select(
        "firm", "inside", "direction", "code", "number", "issued_on", "counterparty", "net_fen", "vat_fen", "voided_on",
        pl.when(pl.col("reverses") >= 0).then(blue).alias("red_letter_of"),
        "kind", "goods_code", "risk", "deducted_on", "known_on",
    )  # fmt: skip


def _word(column: str, words: tuple[str, ...], dtype: pl.DataType) -> pl.Expr:
    return pl.lit(pl.Series(list(words), dtype=dtype)).gather(pl.col(column))


def _number(direction: str) -> pl.Expr:
    """Eight digits on paper, twenty when digital: year, region, side, taxpayer and serial; unique within the seller."""
    year = pl.col("issued_on").dt.year().cast(pl.Int64) % 100
    side = 1 if direction == "issued" else 2
    high = (year * 100 + 11) * 10 + side
    low = pl.col("taxpayer") * PAPER_NUMBERS + pl.col("serial")
    paper = (pl.col("taxpayer") % 89 + 10) * 1_000_000 + pl.col("serial") if direction == "issued" else pl.col("serial")
    long = pl.concat_str(high.cast(pl.String), (10**15 + low).cast(pl.String).str.slice(1))
    short = (PAPER_NUMBERS + paper).cast(pl.String).str.slice(1)
    return pl.when("digital").then(long).otherwise(short)


def _code(direction: str) -> pl.Expr:
    """Ten digits: region, year, batch of the seller; none on digital invoices."""
    year = pl.col("issued_on").dt.year().cast(pl.Int64) % 100
    batch = pl.col("taxpayer") % 1_000_000 if direction == "issued" else pl.col("serial") % 997
    return pl.when(~pl.col("digital")).then((110_000_000_000 + year * 1_000_000 + batch).cast(pl.String))


def _kind() -> pl.Expr:
    electronic = pl.col("electronic") & (~pl.col("special") | (pl.col("issued_on") >= a.ELECTRONIC_FROM))
    place = pl.col("special").not_().cast(pl.Int64) + 2 * pl.when("digital").then(2).otherwise(
        electronic.cast(pl.Int64)
    )
    kinds = ("special", "ordinary", "electronic_special", "electronic_ordinary", "digital_special", "digital_ordinary")
    return pl.lit(pl.Series(kinds, dtype=pl.Enum(list(INVOICE_KINDS)))).gather(place)
