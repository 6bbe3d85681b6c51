"""What a product is worth to one enterprise against the next best money: chance, amount, cost, term, speed, papers."""

from dataclasses import dataclass, replace

from decisions.facts import Facts, Need
from decisions.match.granted import Granted
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

SIGNATURE_ONLY = "credit"
"""The one mode in which nothing is mortgaged, pledged, insured or guaranteed."""

PAID_FROM_CASH_FLOW = frozenset({"credit", "credit+mortgage", "guarantee"})
"""Modes whose conditions ask for nothing that could be sold; a guarantor, too, looks at the enterprise's own income."""


@dataclass(frozen=True)
class Worth:
    """Expected value to the enterprise of having a product, as the factors it is made of.

    Attributes:
        chance: that it works out.
        usable_fen: amount it would use.
        saving: annual cost saved on that amount: outside rate less all-in rate, not below zero.
        years: for which it would use it.
        rate: the all-in rate behind `saving`, after the subsidies that are counted; assumed where none is stated.
        speed: 1, or the policy's factor where the decision comes later than the money is needed.
        papers_fen: cost of what is asked for beyond a signature, such as a pledge put on record.
    """

    chance: float
    usable_fen: int
    saving: float
    years: float
    rate: float
    speed: float = 1.0
    papers_fen: int = 0

    @property
    def gain_fen(self) -> float:
        """What it saves when it works out: usable amount x saving x years x speed."""
        return self.usable_fen * self.saving * self.years * self.speed

    @property
    def left(self) -> float:
        """The share of the gain that the cost of papers leaves; 0 = it eats all of it."""
        return max(1.0 - self.papers_fen / self.gain_fen, 0.0) if self.gain_fen > 0 else 0.0

    @property
    def fen(self) -> int:
        """Chance x (gain less the cost of papers, not below zero), in whole fen."""
        return round(self.chance * max(self.gain_fen - self.papers_fen, 0.0))


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

    def usable_fen(self, limit: Limit, granted: Granted | None = None) -> int:
        """min(limit, need, affordable); while the limit is unknown or a bare cap, a share of min(limit, need).

        What can be afforded beside the existing debt bounds every loan but one that known security or a maturing loan
        carries. A model learned from loans as they were granted, so that with one the loan counts as it would be
        granted, and what cannot be carried lowers the chance that it is repaid.

        Args:
            limit: of the product.
            granted: what past approvals say of it; None = no model speaks.
        """
        at_most = limit.at_most_fen
        usable = self.wanted_fen if at_most is None else min(at_most, self.wanted_fen)
        if granted is not None and granted.share_here is not None:
            return int(usable * granted.share_here)
        if not limit.is_worked_out:
            usable = int(usable * share_of_open(self.policy.numbers, granted))
        if granted is not None:
            return usable
        is_carried = limit.is_worked_out and not rests_on_cash_flow(limit.product)
        if self.affordable_fen is None or is_carried:
            return usable
        return min(usable, self.affordable_fen)

    def months(self, product: Product) -> int:
        """The term it would use: what it asks for, but no longer than the product offers, or is taken to offer."""
        return min(self.wanted_months, longest_months(product, self.policy.numbers))

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
            papers_fen=papers_fen(product, numbers),
        )


def share_of_open(numbers: Numbers, granted: Granted | None) -> float:
    """The share of the possible amount that counts while a limit is open."""
    return numbers.share_of_unknown_limit.value if granted is None or granted.share is None else granted.share


def longest_months(product: Product, numbers: Numbers) -> int:
    """The longest term of a product; where its source is silent, what the policy assumes."""
    return int(numbers.term_where_unstated_months.value) if product.term_months is None else product.term_months


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


def papers_fen(product: Product, numbers: Numbers) -> int:
    """What the enterprise spends on papers: nothing where its signature is enough, the policy's number elsewhere."""
    return 0 if product.guarantee_mode == SIGNATURE_ONLY else int(numbers.papers_fen.value)


def comes_late(product: Product, need: Need) -> bool:
    """Whether the decision, in working days of a week of five, comes after the money is needed."""
    urgency, decision = need.urgency_days, product.decision_days
    return urgency is not None and decision is not None and decision * DAYS_A_WEEK > urgency * WORKING_DAYS_A_WEEK


def assumed_rate(product: Product, numbers: Numbers) -> float:
    """What a product counts with whose rate is not stated in full: the assumed rate, or the low end where higher."""
    return max(numbers.rate_where_unstated.value, product.rate.low if product.rate else 0.0)
