"""The sample that models of fit learn from: past applications as pairs, and what became of each."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from decisions.batch.quotes import quotes_of_all
from decisions.fact_sources import READ
from decisions.facts import Facts, Need
from decisions.facts_of_records import facts_of_all
from decisions.offered.catalogue import Catalogue
from decisions.offered.offers import offers_of
from decisions.policies import Policy
from features.definition import Feature
from features.pairs.cross import cross
from features.pairs.good_match import FIRM
from features.pairs.ties import bank_ties
from features.profile import profiles
from scoring.product_fit import Matrix, pair_matrix
from sources.records import Records
from training.cohort import numbered
from training.product_fit.became import Floats, approved, cleared, kept
from training.product_fit.passes import Answered

Rows = NDArray[np.bool_] | NDArray[np.int64]

FIRMS_AT_ONCE = 4_000
"""Enterprises whose records are looked at together, so that memory is bounded where many are given."""

WHO = ("enterprise_id", "as_of")
PAIR = (*WHO, "product_id")
OUTCOMES = ("approved", "cleared", "kept", "granted_share", "granted_rate", "stated_rate", "ruled_out_by")
"""Columns that stand beside the pairs in a file."""

BESIDE = ("wanted_fen", "limit_fen", "failed", "rate", "is_rate_assumed")
QUOTED = "quoted "
"""What columns of quotes begin with beside features: those of BESIDE, which outcomes are told with."""

BASIS_POINTS = 10_000


class PairSampleError(ValueError):
    """Applications from which nothing can be learned."""


@dataclass(frozen=True)
class PairSample:
    """Past applications, by day.

    Attributes:
        pairs: as `features.pairs.cross.cross` returns, seen on the first day of the month of the application; and
            `application` and `day`, the day applied on.
        approved: 1, 0, or NaN where no answer is known.
        cleared: 0 where a refusal names a rule of the bank, 1 for any other answer, NaN where none is known.
        kept: of the approved 1 or 0, or NaN where it is not known yet; NaN for all others.
        granted_share: of the approved, granted ÷ the smaller of bound and wish, 1 at most; else NaN.
        granted_rate: of the approved, the annual rate, a fraction; else NaN.
        stated_rate: all-in rate that the product states for such a loan; NaN where it does not.
        ruled_out_by: conditions of the product that known facts failed on the day. Such a pair is never shown, so
            that by default nothing is learned from it.
        left_out: applications that are not here, by reason.
        answered: what each applicant answers to the questions of all products; None = they were not asked.
    """

    pairs: pl.DataFrame
    approved: Floats
    cleared: Floats
    kept: Floats
    granted_share: Floats
    granted_rate: Floats
    stated_rate: Floats
    ruled_out_by: NDArray[np.int64]
    left_out: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    answered: Answered | None = None

    def __len__(self) -> int:
        return self.pairs.height

    @cached_property
    def matrix(self) -> Matrix:
        """Columns of `scoring.product_fit.columns_seen`."""
        return pair_matrix(self.pairs)

    @property
    def days(self) -> NDArray[np.int64]:
        """The day of each application, in days since 1970-01-01."""
        return self.pairs["day"].to_physical().cast(pl.Int64).to_numpy()

    @property
    def enterprises(self) -> NDArray[np.int64]:
        """A number an enterprise, for each row."""
        return numbered(self.pairs["enterprise_id"])

    @property
    def passes(self) -> pl.DataFrame:
        """As `Answered.counted` tells of these applicants."""
        return (self.answered or Answered()).counted(self.pairs["product_id"])

    @property
    def eligible(self) -> "PairSample":
        """The applications that no known fact failed."""
        return self.take(self.ruled_out_by == 0)

    def take(self, rows: Rows) -> "PairSample":
        """Some of the rows: those flagged, or those at these places, in that order."""
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64)
        arrays = {name: getattr(self, name)[places] for name in OUTCOMES}
        answered = self.answered.take(places) if self.answered else None
        return replace(self, pairs=self.pairs[places], answered=answered, **arrays)

    def as_frame(self) -> pl.DataFrame:
        """Pairs and outcomes as one frame, such as for a file."""
        return self.pairs.with_columns(pl.Series(name, getattr(self, name)) for name in OUTCOMES)

    @classmethod
    def of_frame(cls, frame: pl.DataFrame) -> "PairSample":
        """What `as_frame` wrote."""
        arrays: dict[str, Any] = {name: frame[name].to_numpy() for name in OUTCOMES}
        return cls(frame.drop(OUTCOMES), **arrays)

    @classmethod
    def joined(cls, parts: Iterable["PairSample"]) -> "PairSample":
        """Samples of different enterprises as one.

        Raises:
            PairSampleError: there is none.
        """
        some = list(parts)
        if not some:
            raise PairSampleError("got no sample, expected at least one")
        frame = pl.concat(one.as_frame() for one in some)
        order = (
            frame.select(pl.arg_sort_by("day", "enterprise_id", "application", maintain_order=True))
            .to_series()
            .to_numpy()
        )
        reasons = dict.fromkeys(name for one in some for name in one.left_out)
        left_out = {name: sum(one.left_out.get(name, 0) for one in some) for name in reasons}
        answered = Answered.joined([one.answered or Answered.of_nobody(len(one)) for one in some])
        return replace(cls.of_frame(frame[order]), left_out=MappingProxyType(left_out), answered=answered.take(order))


@dataclass(frozen=True)
class Rules:
    """By what the products are judged: the catalogue and the policy in force on one day, today as a rule.

    A model is asked about the products of today, so that past applications are seen by today's terms.
    """

    catalogue: Catalogue
    policy: Policy

    @cached_property
    def offers(self) -> pl.DataFrame:
        return offers_of(self.catalogue)


def last_known(records: Records, applications: pl.DataFrame) -> dt.date:
    """The last day on which anything became known of applications, loans and instalments.

    Raises:
        PairSampleError: there is no application.
    """
    tables = (applications, records.loans, records.repayments)
    days: list[Any] = [frame["known_on"].max() for frame in tables if frame is not None]
    known: list[dt.date] = [day for day in days if day is not None]
    if applications.is_empty() or not known:
        raise PairSampleError("applications: got none, expected some to learn from")
    return max(known)


def pair_sample(
    records: Records,
    applications: pl.DataFrame,
    *,
    rules: Rules,
    known_until: dt.date | None = None,
    on_month: Callable[[int], None] = lambda _: None,
) -> PairSample:
    """Every application of some enterprises for a product of the catalogue, as it was known when it was made.

    Seen on the first day of its month: what the features see ends with a month, and nothing learned later is used.

    Args:
        records: of the enterprises.
        applications: rows of the contract `Applications`.
        rules: catalogue and policy.
        known_until: what became known later of answers, drawings and repayments does not count; None = `last_known`.
        on_month: told of the number of applications seen, month after month.

    Raises:
        PairSampleError: no application is for a product of the catalogue by an enterprise of the records.
    """
    until = known_until or last_known(records, applications)
    banks = rules.offers.select("product_id", "bank_id")
    offered = applications.join(banks, on="product_id", maintain_order="left")
    in_scope = offered.filter(pl.col("enterprise_id").is_in(records.enterprises.implode()))
    left_out = {
        "product_not_offered": applications.height - offered.height,
        "no_records": offered.height - in_scope.height,
    }
    if in_scope.is_empty():
        raise PairSampleError(
            f"applications: got {applications.height}, {left_out['product_not_offered']} of them for products that the "
            "catalogue does not have; expected some for its products by enterprises with records"
        )
    asked = in_scope.with_columns(as_of=pl.col("applied_on").dt.month_start(), turn=_turn())
    parts = [_of_group(records, group, rules, until, on_month) for group in _groups(asked)]
    return replace(PairSample.joined(parts), left_out=MappingProxyType(left_out))


def _turn() -> pl.Expr:
    """0 for the first application of an enterprise in a month, 1 for the next: each asks for its own amount."""
    return pl.int_range(pl.len()).over("enterprise_id", pl.col("applied_on").dt.month_start())


def _groups(asked: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The applications of so many enterprises at a time."""
    codes = asked["enterprise_id"].unique().sort()
    for start in range(0, len(codes), FIRMS_AT_ONCE):
        some = codes.slice(start, FIRMS_AT_ONCE)
        yield asked.filter(pl.col("enterprise_id").is_in(some.implode()))


def _of_group(
    records: Records, asked: pl.DataFrame, rules: Rules, until: dt.date, on_month: Callable[[int], None]
) -> PairSample:
    mine = records.only(asked["enterprise_id"].unique().sort())
    turns: list[pl.DataFrame] = []
    facts: list[Facts] = []
    who: list[pl.DataFrame] = []
    for turn in asked.partition_by("turn", maintain_order=True):
        seen = []
        for month in turn.sort("as_of").partition_by("as_of", maintain_order=True):
            seen.append(_looked_at(mine, month))
            on_month(month.height)
        turns.append(_crossed(seen, turn, rules))
        facts.extend(one for looked in seen for one in looked.facts)
        who.extend(looked.profiles.select(*WHO, turn=turn["turn"].first()) for looked in seen)
    told = pl.concat(turns).sort("day", "enterprise_id", "application")
    became = told.select("enterprise_id", "application").join(
        asked, on=("enterprise_id", "application"), how="left", maintain_order="left"
    )
    yes = approved(became, known_until=until)
    seen_as = became.join(pl.concat(who).with_row_index("place"), on=(*WHO, "turn"), how="left", maintain_order="left")
    answered = Answered.of(facts, catalogue=rules.catalogue, policy=rules.policy)
    return PairSample(
        pairs=told.drop(pl.selectors.starts_with(QUOTED)),
        approved=yes,
        cleared=cleared(became, known_until=until),
        kept=kept(became, mine.loans, mine.repayments, known_until=until),
        granted_share=np.where(yes == 1.0, _granted_share(told, became["limit_fen"]), np.nan),
        granted_rate=np.where(yes == 1.0, _floats(became["rate_bp"] / BASIS_POINTS), np.nan),
        stated_rate=_floats(told[f"{QUOTED}rate"].set(told[f"{QUOTED}is_rate_assumed"], None)),
        ruled_out_by=told[f"{QUOTED}failed"].cast(pl.Int64).to_numpy(),
        answered=answered.take(seen_as["place"].cast(pl.Int64).to_numpy()),
    )


def _granted_share(told: pl.DataFrame, granted_fen: pl.Series) -> Floats:
    """Granted ÷ what bound and wish leave; NaN where they leave nothing."""
    possible = pl.min_horizontal(f"{QUOTED}wanted_fen", f"{QUOTED}limit_fen").cast(pl.Float64)
    share = told.with_columns(granted_fen.alias("granted_fen")).select(
        pl.when(possible > 0).then((pl.col("granted_fen") / possible).clip(upper_bound=1.0))
    )
    return _floats(share.to_series())


def _floats(values: pl.Series) -> Floats:
    return values.cast(pl.Float64).fill_null(float("nan")).to_numpy()


@dataclass(frozen=True)
class _Looked:
    """What was known of applicants on one day: profiles of FIRM with the day, and facts in their order."""

    profiles: pl.DataFrame
    facts: Sequence[Facts]
    ties: pl.DataFrame


def _looked_at(records: Records, month: pl.DataFrame) -> _Looked:
    as_of: dt.date = month["as_of"][0]
    mine = records.only(month["enterprise_id"].sort())
    profile = profiles(mine, features_read(), as_of)
    known = mine.known_by(as_of)
    needs = {code: Need(amount_fen=fen) for code, fen in month.select("enterprise_id", "wanted_fen").iter_rows()}
    facts = tuple(facts_of_all(profile, known, as_of=as_of, needs=needs))
    seen = profile.select("enterprise_id", pl.lit(as_of).alias("as_of"), *(one.name for one in FIRM))
    return _Looked(seen, facts, bank_ties(mine, as_of))


def features_read() -> tuple[Feature, ...]:
    """Features of the enterprise that a sample is made of: those of models, and those that facts are taken from."""
    return tuple({one.name: one for one in (*FIRM, *READ)}.values())


def _crossed(seen: Sequence[_Looked], turn: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The pair of each application, with `application`, `day` and what its quote says beside the features."""
    profile = pl.concat(one.profiles for one in seen)
    quotes = quotes_of_all(
        [facts for one in seen for facts in one.facts],
        profile.select(WHO),
        catalogue=rules.catalogue,
        policy=rules.policy,
        wanted=turn.select(PAIR),
    )
    pairs = cross(profile, rules.offers, quotes, pl.concat(one.ties for one in seen))
    beside = quotes.select(*PAIR, pl.col(BESIDE).name.prefix(QUOTED))
    asked = turn.select(*PAIR, "application", day="applied_on")
    named = pairs.join(asked, on=PAIR, how="left", maintain_order="left")
    return named.join(beside, on=PAIR, how="left", maintain_order="left")
