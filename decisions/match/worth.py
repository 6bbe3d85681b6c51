"""What a product is worth to one enterprise against the next best money: chance, amount, cost, term and speed."""

from dataclasses import dataclass, replace

from decisions.facts import Facts, Need
from decisions.money.lending import affordable
from decisions.money.limit import Limit
from decisions.money.price import AllInRate, all_in_rate
from decisions.money.schedules import MONTHS_A_YEAR
from decisions.money.subsidies import Ground, Grounds, grounds_for
from decisions.money.subsidy_terms import SubsidyTerms
from decisions.offered.products import Product
from decisions.policies import Numbers, Policy

LARGE_FEN = 10**10
"""An amount of which the smallest share is some fen."""

WORKING_DAYS_A_WEEK, DAYS_A_WEEK = 5, 7

PAID_FROM_CASH_FLOW = frozenset({"credit", "credit+mortgage", "guarantee"})
"""Modes whose conditions ask for nothing that could be sold; a guarantor, too, looks at the enterprise's own income."""


@dataclass(frozen=True)
class Worth:
    """Expected value to the enterprise of having a product, as the factors it is made of.

    Attributes:
        chance: of approval.
        usable_fen: amount it would use.
        saving: annual cost saved on that amount: outside rate less all-in rate, not below zero.
        years: for which it would use it.
        rate: the all-in rate behind `saving`, after the subsidies that are counted; assumed where none is stated.
        speed: 1, or the policy's factor where the decision comes later than the money is needed.
    """

    chance: float
    usable_fen: int
    saving: float
    years: float
    rate: float
    speed: float = 1.0

    @property
    def fen(self) -> int:
        """Chance x usable amount x saving x years x speed, in whole fen."""
        return round(self.chance * self.usable_fen * self.saving * self.years * self.speed)


@dataclass(frozen=True)
class Borrower:
    """What of one enterprise enters the worth of every product.

    Attributes:
        grounds: the subsidies that known facts leave open to it.
        sure: those of them that may lower a rate, because nothing about them is open.
        wanted_fen, wanted_months: what it asks for, or what the policy assumes where it does not say.
        affordable_fen: what it can carry; None = not known.
    """

    facts: Facts
    policy: Policy
    grounds: Grounds
    sure: Grounds
    wanted_fen: int
    wanted_months: int
    affordable_fen: int | None

    @classmethod
    def of(cls, facts: Facts, policy: Policy) -> "Borrower":
        grounds = grounds_for(facts, policy)
        sure = (one for one in grounds.each if not one.open_facts and may_lower_a_rate(one.terms, policy))
        return cls(
            facts=facts,
            policy=policy,
            grounds=grounds,
            sure=replace(grounds, each=tuple(sure)),
            wanted_fen=wanted_fen(facts.need, policy),
            wanted_months=wanted_months(facts.need, policy),
            affordable_fen=affordable(facts, policy).fen,
        )

    def usable_fen(self, limit: Limit) -> int:
        """min(limit, need, affordable); while the limit is unknown or a bare cap, a set share of min(bound, need).

        What can be afforded beside the existing debt bounds every loan but one that known security or a maturing loan
        carries.
        """
        at_most = limit.at_most_fen
        usable = self.wanted_fen if at_most is None else min(at_most, self.wanted_fen)
        if not limit.is_worked_out:
            usable = int(usable * self.policy.numbers.share_of_unknown_limit.value)
        is_carried = limit.is_worked_out and not rests_on_cash_flow(limit.product)
        if self.affordable_fen is None or is_carried:
            return usable
        return min(usable, self.affordable_fen)

    def months(self, product: Product) -> int:
        """The term it would use: what it asks for, but no longer than the product offers."""
        return self.wanted_months if product.term_months is None else min(self.wanted_months, product.term_months)

    def all_in_rate(self, product: Product, amount_fen: int) -> AllInRate | None:
        """The rate of an amount, before and after the subsidies that are counted; None = not stated in full."""
        months = self.months(product)
        counted = self.sure.subsidies(product, amount_fen=amount_fen, months=months) if self.sure.each else ()
        return all_in_rate(product, amount_fen=amount_fen, months=months, subsidies=counted)

    def speed(self, product: Product) -> float:
        """The policy's factor where the decision comes later than the money is needed; 1 = in time or not known."""
        return self.policy.numbers.late_factor.value if comes_late(product, self.facts.need) else 1.0

    def worth(self, product: Product, *, chance: float, usable_fen: int, all_in: AllInRate | None) -> Worth:
        """What a product is worth to it; a rate that is not stated in full is assumed."""
        numbers = self.policy.numbers
        rate = assumed_rate(product, numbers) if all_in is None else all_in.after
        return Worth(
            chance=chance,
            usable_fen=usable_fen,
            saving=max(numbers.outside_rate - rate, 0.0),
            years=self.months(product) / MONTHS_A_YEAR,
            rate=rate,
            speed=self.speed(product),
        )


def wanted_fen(need: Need, policy: Policy) -> int:
    """The amount asked for; where none is stated, what the policy assumes."""
    assumed = policy.numbers.amount_where_unasked_fen.value
    return int(assumed) if need.amount_fen is None else need.amount_fen


def wanted_months(need: Need, policy: Policy) -> int:
    """The term asked for; where none is stated, what the policy assumes."""
    assumed = policy.numbers.term_where_unasked_months.value
    return int(assumed) if need.term_months is None else need.term_months


def may_lower_a_rate(terms: SubsidyTerms, policy: Policy) -> bool:
    """Whether a subsidy may lower the rate of a loan drawn today: it has not ended and is no mere target."""
    return not terms.is_target and (terms.until is None or policy.day <= terms.until)


def lowers_the_rate_of(product: Product, terms: SubsidyTerms, policy: Policy) -> bool:
    """Whether a subsidy lowers the rate of some loan of a product, for an enterprise that meets all its conditions."""
    benefits = [terms.benefit, *([terms.better.benefit] if terms.better else [])]
    sure = tuple(Ground(terms, benefit, ()) for benefit in benefits)
    grounds = Grounds(policy.day, float(policy.numbers.lpr_1y.value), sure)
    return any(found.is_counted for found in grounds.subsidies(product, amount_fen=LARGE_FEN, months=1))


def rests_on_cash_flow(product: Product) -> bool:
    """Whether cash flow pays it back: a renewal is no new debt, and a mortgage or pledge stands behind others."""
    return product.guarantee_mode in PAID_FROM_CASH_FLOW and not product.is_renewal


def comes_late(product: Product, need: Need) -> bool:
    """Whether the decision, in working days of a week of five, comes after the money is needed."""
    urgency, decision = need.urgency_days, product.decision_days
    return urgency is not None and decision is not None and decision * DAYS_A_WEEK > urgency * WORKING_DAYS_A_WEEK


def assumed_rate(product: Product, numbers: Numbers) -> float:
    """What a product counts with whose rate is not stated in full: the assumed rate, or the low end where higher."""
    return max(numbers.rate_where_unstated.value, product.rate.low if product.rate else 0.0)
