"""`screen()`: the one path from records to what screening says, for one enterprise and for a city."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from decisions.screening.activity import with_activity
from decisions.screening.policy import ScreeningPolicy
from decisions.screening.promise import with_priority, with_promise
from decisions.screening.signals import signals_of
from decisions.screening.standards import with_standards
from sources.records import Records


@dataclass(frozen=True)
class Screened:
    """What screening says of some enterprises.

    Attributes:
        firms: one row an enterprise, sorted by code: the signals, and what activity, standards, promise and priority
            add to them; see the functions of these names.
        as_of: the day stood on.
        policy: what was in force.
    """

    firms: pl.DataFrame
    as_of: dt.date
    policy: ScreeningPolicy

    def categories(self) -> pl.DataFrame:
        """`enterprise_id` and `categories`: of products that may suit it, by the specialities of the policy."""
        suits = (
            pl.when(pl.all_horizontal(one.holds for one in row.all)).then(pl.lit(row.category))
            for row in self.policy.specialities
        )
        return self.firms.select("enterprise_id", categories=pl.concat_list(suits).list.drop_nulls())

    def rows(self) -> Iterator[dict[str, object]]:
        """Every enterprise as a dictionary of its columns."""
        return self.firms.iter_rows(named=True)


def screen(records: Records, *, as_of: dt.date, policy: ScreeningPolicy, needs: pl.DataFrame | None = None) -> Screened:
    """Screen every enterprise in scope; see `signals_of` for the arguments and errors."""
    firms = with_activity(signals_of(records, as_of, policy, needs), policy)
    return Screened(with_priority(with_promise(with_standards(firms, policy), policy), policy), as_of, policy)
