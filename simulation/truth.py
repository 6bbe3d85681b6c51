"""What is true of the invented firms and no source tells: traits, hidden months, chances.

It lies in a folder of its own beside the tables. No table of evidence has a name or the columns of one of these, so
that nothing here can come into `Records`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from simulation.assumed.calendar import LABEL_MONTHS
from simulation.assumed.city import INDUSTRIES
from simulation.chance import Flags, Numbers, Whole
from simulation.community import Community
from simulation.firms import NEVER, ROLES, Firms
from simulation.futures import default_probability
from simulation.lending.known import GRADES
from simulation.lending.offers import Offers
from simulation.lending.worth import counterfactuals
from simulation.months import Calendar
from simulation.plan import FIRMS_OF_A_PART, City

FOLDER, MANIFEST = "truth", "manifest.json"
FORMAT, KIND = 1, "xinpei simulation"
FEN = 100
MONTHS_OF_FIRMS = ("born", "stopped", "pause", "resume")
STOCKS_AND_FLOWS = (
    *("sales", "purchases", "receipts", "suppliers_paid", "payroll", "rent", "taxes", "interest", "principal"),
    *("drawn", "owner_in", "owner_out", "cash", "receivables", "payables", "private_debt", "debt", "unpaid"),
)
Places = tuple[Whole, Whole]
"""Firms and months, one value a firm-month."""


def truth(community: Community, city: City, *, keep: range) -> dict[str, pl.DataFrame]:
    """Frames by name: firms, months and applications; with firm-months also products, with branches also pd.

    Months are told by their first day, money in fen, chances and rates as fractions. In months, products and pd a firm
    stands at the end of the month that a row names; `as_of`, the first day after it, is the day that labels name.

    Args:
        community: whose truth it is.
        city: how many firm-months and branches are asked for.
        keep: places of the firms that are told.
    """
    frames = {
        "firms": _firms(community)[keep.start : keep.stop],
        "months": _months(community, keep),
        "applications": _applications(community, keep),
    }
    if city.firm_months:
        drawn = _drawn(community, keep, city.firm_months_of(community.firms.community))
        frames["products"] = _products(community, drawn)
        if city.branches:
            frames["pd"] = _pd(community, drawn, city.branches)
    return frames


def offers_frame(offers: Offers) -> pl.DataFrame:
    """The products of the city, one row a product, with the facts of its hard rules that no bank of the city knows."""
    banks = np.array(offers.banks)
    return pl.DataFrame(
        {
            "product_id": offers.ids,
            "bank_id": banks[offers.bank],
            "bank_is_fictional": offers.fictional[offers.bank],
            "category": offers.categories,
            "guarantee_mode": offers.modes,
            **{name: getattr(offers, name) for name in ("low", "high", "term", "bullet", "popularity")},
            "unknown_rules": pl.Series(
                [list(facts) for facts in offers.conditions.open_facts], dtype=pl.List(pl.String)
            ),
        }
    )


def defaults_within(community: Community) -> tuple[Flags, Flags]:
    """For each firm and month: whether it can default after it, and whether it does within 12 months.

    A firm can default that has begun, and is neither in default nor closed for good by the end of the month.
    """
    lives, born = community.lives, community.firms.born
    month = np.arange(community.calendar.months)
    default, closed = lives.default[:, None], lives.closed[:, None]
    at_risk = (born[:, None] <= month) & (default > month) & (closed > month)
    return at_risk, (default > month) & (default <= month + LABEL_MONTHS)


def write_manifest(out: Path, city: City, *, rows: Mapping[str, int] | None, versions: Mapping[str, str]) -> None:
    """Say in `truth/manifest.json` what the folder is and, once it is whole, how many rows it has."""
    path = manifest_of(out)
    said = {
        "kind": KIND,
        "format": FORMAT,
        "finished": rows is not None,
        "arguments": asdict(city),
        "versions": dict(versions),
        "firms_of_a_part": FIRMS_OF_A_PART,
        "rows": dict(rows or {}),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(json.dumps(said, indent=1, default=str) + "\n", "utf-8")
    unfinished.replace(path)


def manifest_of(out: Path) -> Path:
    return out / FOLDER / MANIFEST


def is_simulated(out: Path) -> bool:
    """Whether a folder says of itself that it is a simulated city, whole or not."""
    try:
        said = json.loads(manifest_of(out).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(said, dict) and said.get("kind") == KIND


def read_truth(out: Path, name: str) -> pl.DataFrame:
    """One frame of the truth of a whole city: firms, months, applications, offers, products or pd.

    Raises:
        FileNotFoundError: the city has none of it.
    """
    folder = out / FOLDER / name
    if not folder.is_dir():
        raise FileNotFoundError(f"got {folder}, expected a folder with truth of a simulated city")
    return pl.read_parquet(folder / "part-*.parquet")


def _firms(community: Community) -> pl.DataFrame:
    firms, calendar, lives = community.firms, community.calendar, community.lives
    columns: dict[str, Any] = {"enterprise_id": firms.codes, "community": np.full(len(firms), firms.community)}
    for field in fields(Firms):
        value = getattr(firms, field.name)
        match field.name:
            case "seed" | "community":
                continue
            case "role":
                columns["role"] = np.array(ROLES)[value]
            case "industry":
                columns["industry"] = np.array([trade.zh for trade in INDUSTRIES])[value]
            case "sales":
                columns["sales_fen"] = _fen(value)
            case name if name in MONTHS_OF_FIRMS:
                columns[name] = _month(value, calendar)
            case name:
                columns[name] = value
    for name in ("default", "closed", "cancelled"):
        month = getattr(lives, name)
        columns[name] = _month(np.where(month < calendar.months, month, NEVER), calendar)
    return pl.DataFrame(columns)


def _months(community: Community, keep: range) -> pl.DataFrame:
    calendar, lives = community.calendar, community.lives
    told = np.arange(calendar.months) >= calendar.first
    born = community.firms.born[:, None] <= np.arange(calendar.months)
    firm, month = np.nonzero(born & told & _of(keep, len(community.firms))[:, None])
    at_risk, defaults = defaults_within(community)
    judged = (lives.default[firm] > month) & (month + LABEL_MONTHS < calendar.months)
    return pl.DataFrame(
        {
            **_standing(community, (firm, month)),
            "trading": lives.trading[firm, month],
            **{f"{name}_fen": _fen(getattr(lives, name)[firm, month]) for name in STOCKS_AND_FLOWS},
            "staff": lives.staff[firm, month],
            "strain": lives.strain[firm, month].astype(float),
            "overdue": lives.overdue[firm, month],
            "tax_grade": np.array(list(GRADES))[lives.grade[firm, month]],
            "at_risk": at_risk[firm, month],
            "defaulted_within_12m": _where(judged, defaults[firm, month]),
        }
    )


def _applications(community: Community, keep: range) -> pl.DataFrame:
    asked, calendar, offers = community.lives.applications, community.calendar, community.offers
    ids = np.array(offers.ids)
    wanted = np.flatnonzero(_of(keep, len(community.firms))[asked.firm] & (asked.month >= calendar.first))
    rows = wanted[np.argsort(asked.firm[wanted], kind="stable")]
    number = pl.Series(asked.firm).to_frame("firm").select(pl.int_range(1, pl.len() + 1).over("firm")).to_series()
    shown = [[offers.ids[place] for place in one] for one in asked.shown[rows].tolist()]
    granted = asked.granted[rows]
    return pl.DataFrame(
        {
            **_during(community, (asked.firm[rows], asked.month[rows])),
            "application": pl.select(pl.format("application-{}", number[rows])).to_series(),
            "product_id": ids[asked.offer[rows]],
            "position": asked.position[rows],
            "shown": pl.Series(shown, dtype=pl.List(pl.String)),
            "wanted_fen": _fen(asked.wanted[rows]),
            "chance": asked.chance[rows].astype(float),
            "granted": granted,
            "refusal_code": _where(~granted, asked.code[rows]),
            "limit_fen": _where(granted, _fen(asked.limit[rows])),
            "rate": _where(granted, asked.rate[rows].astype(float)),
            "drawn_fen": _fen(asked.drawn[rows]),
            "loan": _where(asked.loan[rows] >= 0, asked.loan[rows]),
        }
    )


def _drawn(community: Community, keep: range, count: int) -> Places:
    """Firm-months whose next 12 months are known, each as likely as any other; in order."""
    calendar = community.calendar
    at_risk, _ = defaults_within(community)
    month = np.arange(calendar.months)
    judged = (month >= calendar.first) & (month + LABEL_MONTHS < calendar.months)
    firm, month = np.nonzero(at_risk & judged & _of(keep, len(community.firms))[:, None])
    chosen = np.sort(community.random("firm-months").permutation(len(firm))[:count])
    return firm[chosen], month[chosen]


def _pd(community: Community, drawn: Places, branches: int) -> pl.DataFrame:
    """Of each of the firm-months: true probability of default, its Monte Carlo error, and what came of it."""
    firm, _ = drawn
    chance, error = np.empty((2, len(firm)))
    for month, rows in _by_month(drawn):
        chance[rows], error[rows] = default_probability(community, firm[rows], month, branches=branches)
    _, defaults = defaults_within(community)
    return pl.DataFrame({**_standing(community, drawn), "pd": chance, "error": error, "defaulted": defaults[drawn]})


def _products(community: Community, drawn: Places) -> pl.DataFrame:
    """What every offer would be to each of the firm-months, asked for or not."""
    ids = pl.Series("product_id", community.offers.ids, dtype=pl.String)
    many = len(ids)
    firm, month = drawn
    chance, limit, rate, utility = np.empty((4, len(firm), many))
    wanted = np.empty(len(firm))
    for one, rows in _by_month(drawn):
        worth = counterfactuals(community, firm[rows], one)
        wanted[rows] = worth.wanted
        chance[rows], limit[rows], rate[rows], utility[rows] = worth.chance, worth.limit, worth.rate, worth.utility
    product = ids.gather(pl.Series(np.tile(np.arange(many), len(firm)), dtype=pl.UInt32))
    return pl.DataFrame(
        {
            **_standing(community, (np.repeat(firm, many), np.repeat(month, many))),
            "product_id": product,
            "wanted_fen": _fen(np.repeat(wanted, many)),
            "chance": chance.ravel(),
            "limit_fen": _fen(limit.ravel()),
            "rate": rate.ravel(),
            "utility_fen": _fen(utility.ravel()),
        }
    )


def _by_month(drawn: Places) -> Iterator[tuple[int, Whole]]:
    """Each month with the places of its firm-months."""
    _, months = drawn
    for month in np.unique(months).tolist():
        yield month, np.flatnonzero(months == month)


def _standing(community: Community, places: Places) -> dict[str, pl.Series]:
    """Who stands where: the firm, the month, and the day after its end."""
    _, month = places
    return {**_during(community, places), "as_of": _month(month + 1, community.calendar)}


def _during(community: Community, places: Places) -> dict[str, pl.Series]:
    firm, month = places
    codes = community.firms.codes.gather(pl.Series(firm, dtype=pl.UInt32))
    return {"enterprise_id": codes, "month": _month(month, community.calendar)}


def _month(month: Whole, calendar: Calendar) -> pl.Series:
    """First days of months by their places in the calendar; null for what does not come."""
    known = np.where(month < NEVER, month, 0)
    days = (calendar.starts[0].astype("M8[M]") + known).astype("M8[D]")
    return _where(month < NEVER, days)


def _of(keep: range, many: int) -> Flags:
    return np.isin(np.arange(many), keep)


def _fen(yuan: Numbers) -> pl.Series:
    """Whole fen; null where there is no bound."""
    finite = np.isfinite(yuan)
    return _where(finite, np.rint(FEN * np.where(finite, yuan, 0)).astype(np.int64))


def _where(condition: Flags, values: Any) -> pl.Series:
    """Values where a condition holds, else null."""
    given = values if isinstance(values, pl.Series) else pl.Series(values)
    return pl.select(pl.when(pl.Series(condition)).then(given)).to_series()
