"""What subsidies.toml holds: public money that lowers the cost of a loan, through time."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator

from decisions.dated import Mark
from decisions.files import Fraction, Frozen, Number, Whole
from decisions.offered.products import Area, Category, GuaranteeMode, Product, Repayment, Slug
from decisions.offered.rules import Rule
from decisions.text import Text, Words

Fund = Literal["central", "municipal", "district"]
Paid = Literal["quarterly", "at_end"]
"""When the money comes back: at the end of each quarter of the loan, or with its last payment."""

FORMULAS = ("share_of_interest", "points", "lpr_margin", "guarantee_fee_above")


class Benefit(Frozen):
    """How much is paid; of the four formulas one is given, or none where no amount is stated.

    Attributes:
        share_of_interest: this share of the interest is paid.
        points: this fraction of the principal is paid for a year, never more than the interest.
        lpr_margin: interest above the one-year loan prime rate plus this is paid.
        guarantee_fee_above: the yearly guarantee fee above this fraction of the principal is paid.
        rate_at_most_of_lpr: interest is counted up to this multiple of the one-year loan prime rate.
        most_months: interest is counted for so many months from drawing; None = the whole term.
        most_principal_fen: principal is counted up to this.
        cap_share_of_principal, cap_fen: never more in all.
    """

    share_of_interest: Fraction | None = None
    points: Fraction | None = None
    lpr_margin: Number | None = None
    guarantee_fee_above: Fraction | None = None
    rate_at_most_of_lpr: Number | None = None
    most_months: Annotated[Whole, Field(gt=0)] | None = None
    most_principal_fen: Whole | None = None
    cap_share_of_principal: Fraction | None = None
    cap_fen: Whole | None = None

    @model_validator(mode="after")
    def _one_formula(self) -> Self:
        given = [name for name in FORMULAS if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(
                f"got {', '.join(given)}, expected one of {', '.join(FORMULAS)}, or none where none is stated"
            )
        return self

    @property
    def is_stated(self) -> bool:
        """Whether an amount follows from it."""
        return any(getattr(self, name) is not None for name in FORMULAS)


class Tier(Frozen):
    """A better benefit for those who meet further rules."""

    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    benefit: Benefit


class SubsidyTerms(Frozen):
    """One subsidy as its source describes it.

    Attributes:
        from_day, until: first and last day on which loans are drawn under these terms.
        must_settle: whether the loan must also be repaid in full by `until`.
        fund: who pays; `exclusive` = not together with another one of the same fund.
        application: whether the enterprise must apply, or is paid without asking (免申即享).
        is_target: a level that is aimed at, not money that is promised: shown, never counted.
        districts: places of registration; none = anywhere.
        categories, guarantee_modes, repayments: the products it can go with, each one of these; none = any.
        already_in_rate_of: ids of products whose stated rate is what remains after it.
        rules: what must hold for the enterprise.
        better: a better benefit on further conditions.
        notes: what people should know about it.
    """

    code: Words
    name: Text
    from_day: dt.date = Field(alias="from")
    until: dt.date | None = None
    must_settle: StrictBool = False
    unit: Words
    mark: Mark
    source: Words
    fund: Fund
    exclusive: StrictBool
    application: Literal["automatic", "needed"]
    paid: Paid
    is_target: StrictBool = False
    districts: tuple[Area, ...] = ()
    categories: tuple[Category, ...] = ()
    guarantee_modes: tuple[GuaranteeMode, ...] = ()
    repayments: tuple[Repayment, ...] = ()
    already_in_rate_of: tuple[Slug, ...] = ()
    rules: tuple[Rule, ...] = ()
    benefit: Benefit
    better: Tier | None = None
    notes: Text

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.until is not None and self.until < self.from_day:
            raise ValueError(f"until: got {self.until}, expected a day from {self.from_day} on")
        if self.must_settle and self.until is None:
            raise ValueError("must_settle: got true without until, expected the last day by which the loan is repaid")
        return self

    def goes_with(self, product: Product) -> bool:
        """Whether it is for this kind of product."""
        return (
            (not self.categories or product.category in self.categories)
            and (not self.guarantee_modes or product.guarantee_mode in self.guarantee_modes)
            and (not self.repayments or product.repayment in self.repayments)
        )


class SubsidiesFile(Frozen):
    """All of them through time; new terms of a code are a new entry with a later first day."""

    subsidy: tuple[SubsidyTerms, ...]

    def mistakes(self) -> Iterator[str]:
        """What is wrong between the entries, a line each."""
        times = Counter((entry.code, entry.from_day) for entry in self.subsidy)
        for (code, day), count in times.items():
            if count > 1:
                yield f"{code}: from: got {day} {count} times, expected once"

    def on(self, day: dt.date) -> tuple[SubsidyTerms, ...]:
        """Of each code its newest terms that have begun, those that have ended included."""
        begun = (entry for entry in self.subsidy if entry.from_day <= day)
        latest = {entry.code: entry for entry in sorted(begun, key=lambda entry: entry.from_day)}
        return tuple(latest[entry] for entry in dict.fromkeys(row.code for row in self.subsidy) if entry in latest)
