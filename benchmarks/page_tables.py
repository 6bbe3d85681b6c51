"""Tables of the page about the invented city, as Markdown."""

from collections.abc import Iterable, Sequence

import polars as pl

from benchmarks.page_anchors import Anchors
from benchmarks.page_assumed import MARKS, UNMARKED
from benchmarks.page_hardness import Hardness
from benchmarks.page_realism import Realism
from benchmarks.realism import NAMED
from features.sets import INVOICE_FLOW
from simulation.tables import ALL_TABLES

SHOWN = 8
"""Of the features that are nearest, and of those that are farthest."""

KINDS = {"consents": "authorisations", "labels": "outcome", "applications": "outcome"}

PUBLIC = (
    ("never lent", "never had a loan, of trading firms", "–", "none was found", "–"),
    (
        *("drawn", "drawn ÷ granted, by amount", "≈ 75 %"),
        "to June 2025, national coordination mechanism: 17.8 trillion yuan lent of 23.6 trillion granted",
        "derived",
    ),
    (
        *("credit", "loans without security, by amount of new loans", "27.6–32.8 %"),
        "27.6 % of inclusive small-business loans outstanding, February 2025; 32.8 % under the mechanism, June 2025",
        "seen",
    ),
    (
        *("rate", "mean rate of new loans, by amount", "3–4 %"),
        "national mean 4.03 % in early 2025; Beijing is said to lie about one point lower",
        "seen; derived",
    ),
    (
        *("default", "defaults of borrowers in 12 months", "1–3 %"),
        "bad loans of commercial banks are about 1.5 %, those of small firms more",
        "derived",
    ),
)
"""Key, figure, public value, source, status."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, words: Sequence[int] = (0,)) -> str:
    """A Markdown table; the columns at the places `words` are words, the others numbers."""
    rule = ["---" if place in words else "---:" for place in range(len(head))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


def within(value: float, low: float, high: float) -> str:
    """Whether an aim is kept, in words."""
    return "kept" if low <= value <= high else "**missed**"


def number(value: float | None) -> str:
    """Three digits that matter, thousands apart."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits


def files() -> str:
    """Every folder of tables below OUT."""
    rows = [
        (f"`{name}/`", one.zh, KINDS.get(name, one.block), _first_sentence(one.schema.__doc__ or ""))
        for name, one in ALL_TABLES.items()
    ]
    return table(("folder of OUT", "表", "block", "a row is"), rows, words=range(4))


def _first_sentence(text: str) -> str:
    """What the first sentence of a contract says of a row."""
    return " ".join(text.split()).removeprefix("One row ").split(". ")[0].split("; ")[0].split(": ")[0].rstrip(".")


def marks(counts: pl.DataFrame) -> str:
    """Numbers by file and mark, with their sum."""
    columns = ("seen", "derived", "recalled", "assumed", "ours", UNMARKED, "all")
    rows = [
        (f"[{row['file']}](../simulation/assumed/{row['file']})", row["about"], *(str(row[name]) for name in columns))
        for row in counts.iter_rows(named=True)
    ]
    sums = ("**all**", "", *(f"**{counts[name].sum():,}**" for name in columns))
    return table(("file", "what of", *columns), [*rows, sums], words=(0, 1))


def mark_shares(counts: pl.DataFrame) -> str:
    """Share of each mark, in words."""
    whole = counts["all"].sum()
    shares = {name: counts[name].sum() / whole for name in (*reversed(MARKS[:-1]), MARKS[-1], UNMARKED)}
    return ", ".join(f"{share:.1%} {name}" for name, share in shares.items() if share > 0)


def named_features(found: Realism) -> str:
    """The ten named features: quartiles of both, and the distance."""
    return _features(found.table.filter(pl.col("feature").is_in(list(NAMED))))


def nearest(found: Realism) -> str:
    """Of the other features, those whose distributions are most alike."""
    return _features(_others(found).sort("ks", "feature").head(SHOWN))


def farthest(found: Realism) -> str:
    """Of the other features, those whose distributions are least alike."""
    return _features(_others(found).sort("ks", "feature", descending=[True, False]).head(SHOWN))


def _others(found: Realism) -> pl.DataFrame:
    return found.table.filter(~pl.col("feature").is_in(list(NAMED)), pl.col("ks").is_not_null())


def _features(shown: pl.DataFrame) -> str:
    units = {one.name: one.unit for one in INVOICE_FLOW}
    rows = []
    for row in shown.iter_rows(named=True):
        unit = units[row["feature"]]
        cells = [_quartiles(row, side, 100 if unit == "fen" else 1) for side in ("real", "simulated")]
        missing = [f"{row[f'{side}_null']:.0%}" for side in ("real", "simulated")]
        rows.append(
            (f"`{row['feature']}`", "yuan" if unit == "fen" else unit, *cells, " / ".join(missing), f"{row['ks']:.3f}")
        )
    return table(("feature", "unit", "real: ¼ · ½ · ¾", "simulated: ¼ · ½ · ¾", "null", "KS"), rows, words=(0, 1))


def _quartiles(row: dict[str, float | None], side: str, unit: int) -> str:
    values = [row[f"{side}_{name}"] for name in ("q25", "median", "q75")]
    return " · ".join(number(None if value is None else value / unit) for value in values)


def months(found: Realism) -> str:
    """The share of each calendar month, a row a side."""
    rows = []
    for side in ("real", "simulated"):
        of_side = found.months.filter(side=side).sort("month")
        shares = ("–" if share is None else f"{share:.1%}" for share in of_side["share"])
        rows.append((side, f"{of_side['firm_years'][0]:,}", *shares))
    return table(("", "firm-years", *(str(month) for month in range(1, 13))), rows)


def telling(found: Realism) -> str:
    """How well a classifier tells real from simulated."""
    rows = [
        ("ten named features", "≤ 0.85", f"{found.named.auc:.3f}", _span(found.named.low, found.named.high),
         found.named.by, within(found.named.auc, 0, 0.85)),
        (f"all {len(INVOICE_FLOW)} features", "reported", f"{found.every.auc:.3f}",
         _span(found.every.low, found.every.high), found.every.by, "–"),
    ]  # fmt: skip
    return table(("features", "aim", "AUC", "range of repeats", "better classifier", "aim kept"), rows)


def _span(low: float, high: float) -> str:
    return f"{low:.3f}–{high:.3f}"


def models(hard: Hardness) -> str:
    """The ceilings and what lies below them."""
    rows = [(one.name, f"{one.auc:.3f}", _span(one.low, one.high), f"{one.expected:.3f}") for one in hard.models]
    return table(("score", "AUC", "95 % interval", "expected AUC"), rows)


def aims(hard: Hardness) -> str:
    """Aims of hardness beside what was found."""
    truth, observable, _, ratios = hard.models
    rows = [
        ("AUC of the true PD itself: the ceiling", "0.80–0.90", f"{truth.auc:.3f}", within(truth.auc, 0.80, 0.90)),
        ("ten ratios below the ceiling", "≥ 0.05", f"{truth.auc - ratios.auc:.3f}",
         within(truth.auc - ratios.auc, 0.05, 1)),
        ("ten ratios below what is observable", "reported", f"{observable.auc - ratios.auc:.3f}", "–"),
        ("defaults in 12 months, all trading firms", "1.5–4 %", f"{hard.rate_all:.2%}",
         within(hard.rate_all, 0.015, 0.04)),
        ("defaults in 12 months, borrowers", "1.5–4 %", f"{hard.rate_borrowers:.2%}",
         within(hard.rate_borrowers, 0.015, 0.04)),
        ("mean true PD, all trading firms", "reported", f"{hard.pd_all:.2%}", "–"),
        ("mean true PD, borrowers", "reported", f"{hard.pd_borrowers:.2%}", "–"),
        ("borrowers with a clean record", "reported", f"{hard.clean:.1%}", "–"),
        ("of borrowers that defaulted: with a clean record", "reported", f"{hard.clean_of_defaulted:.1%}", "–"),
        ("Monte Carlo error of a borrower's PD, mean", "reported", f"{hard.error:.4f}", "–"),
        ("the same, largest", "reported", f"{hard.most_error:.4f}", "–"),
    ]  # fmt: skip
    return table(("figure", "aim", "found", "aim kept"), rows)


def deciles(hard: Hardness) -> str:
    """True PD and realised defaults by tenth."""
    rows = [
        (str(row["decile"]), f"{row['firms']:,}", f"{row['pd']:.2%}", f"{row['rate']:.2%}",
         f"{row['low']:.1%}–{row['high']:.1%}")
        for row in hard.deciles.iter_rows(named=True)
    ]  # fmt: skip
    return table(("tenth by true PD", "borrowers", "mean true PD", "realised", "95 % interval"), rows)


def roles(hard: Hardness) -> str:
    """Default by role."""
    rows = [
        (f"`{row['role']}`", f"{row['firms']:,}", f"{row['borrowers'] / row['firms']:.0%}", f"{row['pd']:.2%}",
         f"{row['rate']:.2%}", f"{row['share']:.0%}")
        for row in hard.roles.iter_rows(named=True)
    ]  # fmt: skip
    return table(("role", "firms", "borrowers", "mean true PD", "realised", "share of all defaults"), rows)


def anchors(found: Anchors, hard: Hardness) -> str:
    """Figures of the city beside public ones."""
    ours = {
        "never lent": f"{found.never_lent:.0%}",
        "drawn": f"{found.drawn:.1%}",
        "credit": f"{found.credit:.1%}",
        "rate": f"{found.rate:.2%}",
        "default": f"{hard.rate_borrowers:.2%}",
    }
    rows = [(what, ours[key], public, source, status) for key, what, public, source, status in PUBLIC]
    head = ("figure", "city", "public", "where the public figure comes from", "status")
    return table(head, rows, words=(0, 3, 4))
