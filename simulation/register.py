"""The register's entries of the invented firms."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from simulation import assumptions as a
from simulation.economy import Firms, Lives
from simulation.seasons import Calendar, Days, Numbers
from sources.codes import placeholder_code
from sources.contracts import REGISTRY

PREFIX = "XP"


def register(firms: Firms, lives: Lives, *, calendar: Calendar) -> pl.DataFrame:
    """Rows of the contract `registry` by firm: one from the day it was established, one more if it is cancelled."""
    first = _first_entries(firms, calendar)
    gone = lives.repaid & (lives.closed < calendar.months)
    closed_on = calendar.starts[np.minimum(lives.closed, calendar.months)]
    last = first.with_columns(status=pl.lit("cancelled"), known_on=pl.Series(closed_on)).filter(pl.Series(gone))
    rows = pl.concat([first, last]).sort("firm", "known_on")
    return REGISTRY.typed(rows)


def codes(registry: pl.DataFrame) -> pl.Series:
    """Code of each firm in order."""
    return registry["enterprise_id"].unique(maintain_order=True)


def _first_entries(firms: Firms, calendar: Calendar) -> pl.DataFrame:
    _, district_luck, form_luck, day_luck, capital_luck, division_luck = firms.spare.T
    districts = [a.FIRST_DISTRICT, *_pick(a.DISTRICTS, district_luck)[1:]]
    capital = np.array(a.CAPITALS)[(capital_luck * len(a.CAPITALS)).astype(int)]
    established = _established(firms, calendar, luck=day_luck)
    trades = zip((a.INDUSTRIES[industry].divisions for industry in firms.industry), division_luck, strict=True)
    return pl.DataFrame(
        {
            "firm": np.arange(len(districts)),
            "enterprise_id": [
                placeholder_code(PREFIX, number, registrar_area=area) for number, area in enumerate(districts, start=1)
            ],
            "alias": [None] * len(districts),
            "legal_form": _pick(a.LEGAL_FORMS, form_luck),
            "status": ["active"] * len(districts),
            "established_on": established,
            "industry": [divisions[int(luck * len(divisions))] for divisions, luck in trades],
            "district": districts,
            "registered_capital_fen": 100 * capital,
            "employees": np.ceil(12 * firms.sales / a.SALES_PER_EMPLOYEE).astype(np.int64),
            "taxpayer_kind": np.where(firms.small_scale, "small_scale", "general"),
            "known_on": established,
        }
    )


def _established(firms: Firms, calendar: Calendar, *, luck: Numbers) -> Days:
    """A day in the month before the firm's first month of trade."""
    month = calendar.starts[calendar.label_month].astype("M8[M]") - firms.age
    day: Days = month.astype("M8[D]") + (28 * luck).astype(int)
    return day


def _pick(shares: Mapping[str, float], luck: Numbers) -> list[str]:
    """The names that uniform numbers fall on."""
    reached = np.cumsum(list(shares.values()))[:-1]
    picked: list[str] = np.array(list(shares))[np.searchsorted(reached, luck, side="right")].tolist()
    return picked
