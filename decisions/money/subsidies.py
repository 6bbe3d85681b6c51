"""Public money that lowers the cost of a loan: which there is for an enterprise and a product, and how much."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from decisions.fact_definitions import facts as definitions
from decisions.facts import Facts
from decisions.formatting import money, percent, plain
from decisions.money.schedules import MONTHS_A_YEAR, interest_share, middle_of
from decisions.money.subsidy_terms import Benefit, SubsidyTerms
from decisions.offered.eligibility import district_verdict, rule_verdict
from decisions.offered.products import Product
from decisions.offered.rules import Rule
from decisions.policies import Policy
from decisions.text import Text, joined
from features.terms.named import complete_months

State = Literal["applies", "needs_application", "ended_successor_unconfirmed"]


@dataclass(frozen=True)
class Subsidy:
    """One subsidy for one loan.

    Attributes:
        terms: as its source describes it.
        benefit: the part of the terms that is used.
        amount_fen: what is paid over the whole loan; 0 when it has ended, None where it is not known.
        interest_fen: the interest it is worked out on; None while the rate is not stated in full.
        months: for which interest is counted.
        state: `applies` = paid without application, `needs_application`, or ended.
        is_counted: its conditions are all met by known facts and its amount is known, so it lowers the rate.
        open_facts: unknown facts that its conditions ask about.
        beside: name of the subsidy that it cannot go together with and that is counted in its place.
        is_in_rate: the product's stated rate is what remains after it.
    """

    terms: SubsidyTerms
    benefit: Benefit
    amount_fen: int | None
    interest_fen: int | None
    months: int
    state: State
    is_counted: bool
    open_facts: tuple[str, ...] = ()
    beside: Text | None = None
    is_in_rate: bool = False

    @property
    def code(self) -> str:
        return self.terms.code

    @property
    def until(self) -> dt.date | None:
        """Last day on which loans are drawn under its terms."""
        return self.terms.until

    @property
    def source(self) -> str:
        """Where its terms were read, on one line."""
        return " ".join(self.terms.source.split())

    @property
    def has_ended(self) -> bool:
        return self.state == "ended_successor_unconfirmed"

    @property
    def needs(self) -> tuple[Text, ...]:
        """The papers that would settle its open conditions."""
        return tuple(dict.fromkeys(definitions()[name].need for name in self.open_facts))

    @property
    def text(self) -> Text:
        """What it is, how much and why, for people."""
        return subsidy_text(self)


@dataclass(frozen=True)
class Ground:
    """A subsidy that known facts of an enterprise do not rule out.

    Attributes:
        open_facts: unknown facts that its conditions ask about.
    """

    terms: SubsidyTerms
    benefit: Benefit
    open_facts: tuple[str, ...]

    @cached_property
    def ended(self) -> Subsidy:
        """What is shown of it where a loan drawn on the day is outside its terms."""
        state: State = "ended_successor_unconfirmed"
        return Subsidy(self.terms, self.benefit, 0, None, 0, state, is_counted=False)


@dataclass(frozen=True)
class Grounds:
    """What there is for one enterprise on one day, before any product is looked at.

    Attributes:
        day: on which loans are taken as drawn.
        prime_rate: the one-year loan prime rate of that day.
    """

    day: dt.date
    prime_rate: float
    each: tuple[Ground, ...]

    def subsidies(self, product: Product, *, amount_fen: int, months: int) -> tuple[Subsidy, ...]:
        """The subsidies there may be for a loan drawn on the day; ended ones included, of nothing.

        Args:
            product: the loan's terms; interest is worked out at the middle of its band.
            amount_fen: principal.
            months: term.

        Raises:
            ValueError: no month at all.
        """
        loan = _Loan(product, middle_of(product.rate), amount_fen, months)
        found = [self._subsidy(ground, loan) for ground in self.each if ground.terms.goes_with(product)]
        worth = [row for row in found if row.amount_fen != 0 or row.has_ended]
        if sum(row.is_counted for row in worth) > 1:
            worth = list(_within_interest(_one_of_a_fund(worth), loan))
        return tuple(worth)

    def _subsidy(self, ground: Ground, loan: "_Loan") -> Subsidy:
        terms, benefit = ground.terms, ground.benefit
        if self._is_outside(terms, loan.months):
            return ground.ended
        months = min(loan.months, benefit.most_months or loan.months)
        interest = loan.interest_fen(months, benefit.most_principal_fen)
        is_in_rate = loan.product.id in terms.already_in_rate_of
        amount = None if is_in_rate else _amount(benefit, loan, interest, self.prime_rate)
        is_sure = not ground.open_facts
        return Subsidy(
            terms,
            benefit,
            amount,
            interest,
            months,
            "applies" if is_sure and terms.application == "automatic" else "needs_application",
            is_counted=is_sure and bool(amount) and not terms.is_target,
            open_facts=ground.open_facts,
            is_in_rate=is_in_rate,
        )

    def _is_outside(self, terms: SubsidyTerms, months: int) -> bool:
        """Whether a loan drawn on the day is outside the terms; some also ask that it be repaid within them."""
        if terms.until is None:
            return False
        if self.day > terms.until:
            return True
        return terms.must_settle and complete_months(self.day, terms.until) < months


def grounds_for(facts: Facts, policy: Policy) -> Grounds:
    """What known facts leave open or grant, for all products of one enterprise."""
    each = tuple(ground for terms in policy.subsidies for ground in _ground(terms, facts))
    return Grounds(policy.day, float(policy.numbers.lpr_1y.value), each)


def _ground(terms: SubsidyTerms, facts: Facts) -> Iterator[Ground]:
    said = [(rule.fact, _said(rule, facts)) for rule in terms.rules]
    if terms.districts:
        said.append(("district", district_verdict(terms.districts, facts.value("district")).verdict))
    if any(outcome == "fail" for _, outcome in said):
        return
    open_facts = tuple(dict.fromkeys(name for name, outcome in said if outcome == "unknown"))
    better = terms.better
    is_better = better is not None and all(_said(rule, facts) == "pass" for rule in better.rules)
    yield Ground(terms, better.benefit if better is not None and is_better else terms.benefit, open_facts)


def _said(rule: Rule, facts: Facts) -> str:
    return rule_verdict(rule, facts.value(rule.fact)).verdict


@dataclass(frozen=True)
class _Loan:
    product: Product
    rate: float | None
    amount_fen: int
    months: int

    def interest_fen(self, months: int, most_principal_fen: int | None) -> int | None:
        """Interest of the first months on the principal that is counted, in whole fen."""
        if self.rate is None:
            return None
        share = interest_share(self.rate, self.months, self.product.repayment, months)
        return round(self.principal_fen(most_principal_fen) * share)

    def principal_fen(self, most: int | None) -> int:
        return self.amount_fen if most is None else min(self.amount_fen, most)


def _amount(benefit: Benefit, loan: _Loan, interest_fen: int | None, prime_rate: float) -> int | None:
    """What is paid, in whole fen rounded down; None where the source states no amount or the rate is not known."""
    if benefit.guarantee_fee_above is not None:
        return _fee_above(benefit.guarantee_fee_above, loan)
    if not benefit.is_stated or interest_fen is None or loan.rate is None:
        return None
    principal = loan.principal_fen(benefit.most_principal_fen)
    caps = [
        interest_fen,
        *([] if benefit.cap_fen is None else [benefit.cap_fen]),
        *([] if benefit.cap_share_of_principal is None else [_down(benefit.cap_share_of_principal * principal)]),
    ]
    return min(_down(_share_paid(benefit, loan.rate, prime_rate) * interest_fen), *caps)


def _share_paid(benefit: Benefit, rate: float, prime_rate: float) -> float:
    """The share of the interest that is paid."""
    if rate == 0:
        return 0.0
    if benefit.points is not None:
        return min(benefit.points / rate, 1.0)
    if benefit.lpr_margin is not None:
        return min(max(rate - prime_rate - benefit.lpr_margin, 0.0) / rate, 1.0)
    counted = rate if benefit.rate_at_most_of_lpr is None else min(rate, benefit.rate_at_most_of_lpr * prime_rate)
    return (benefit.share_of_interest or 0.0) * counted / rate


def _fee_above(target: float, loan: _Loan) -> int:
    fees = (fee.share for fee in loan.product.fees if fee.kind == "guarantee" and fee.every == "year")
    years = -(-loan.months // MONTHS_A_YEAR)
    return _down(max(sum(fees) - target, 0.0) * years * loan.amount_fen)


def _down(fen: float) -> int:
    """Whole fen, rounded down; a thousandth of a fen below a whole one is the arithmetic of floats."""
    return int(round(fen, 3))


def _one_of_a_fund(found: Iterable[Subsidy]) -> list[Subsidy]:
    """Of exclusive subsidies of one fund only the largest counts; equal ones go by code."""
    rows = list(found)
    best: dict[str, SubsidyTerms] = {}
    for row in sorted(rows, key=lambda row: (-(row.amount_fen or 0), row.code)):
        if row.is_counted and row.terms.exclusive:
            best.setdefault(row.terms.fund, row.terms)
    return [_yielding(row, best.get(row.terms.fund)) for row in rows]


def _yielding(row: Subsidy, counted: SubsidyTerms | None) -> Subsidy:
    if counted is None or row.terms is counted or not (row.is_counted and row.terms.exclusive):
        return row
    return replace(row, is_counted=False, beside=counted.name)


def _within_interest(rows: Iterable[Subsidy], loan: _Loan) -> Iterator[Subsidy]:
    """No more comes back than the loan's whole interest: what goes beyond it is cut, in the order of the file."""
    left = loan.interest_fen(loan.months, None) or 0
    for row in rows:
        if row.is_counted and row.amount_fen is not None:
            paid = min(row.amount_fen, left)
            left -= paid
            yield row if paid == row.amount_fen else replace(row, amount_fen=paid, is_counted=paid > 0)
        else:
            yield row


def subsidy_text(row: Subsidy) -> Text:
    """What a subsidy is, how much it gives and why, and what is still to be done, for people."""
    name, until = row.terms.name, row.until
    if row.has_ended:
        settled = Text(zh="提款并结清", en=" and repaid") if row.terms.must_settle else Text(zh="提款", en="")
        return Text(
            zh=f"{name.zh}：限{until}（含）前{settled.zh}的贷款，后续政策未确认，金额计为0，不计入成本",
            en=f"{name.en}: for loans drawn{settled.en} by {until}, no successor confirmed; 0, not counted in the cost",
        )
    parts = (_how_much(row), *_still_to_do(row), row.terms.notes)
    told = joined(parts, zh="；", en="; ")
    return Text(zh=f"{name.zh}：{told.zh}", en=f"{name.en}: {told.en}")


def _how_much(row: Subsidy) -> Text:
    if row.is_in_rate:
        return Text(
            zh="所示利率已是贴息后水平，不再扣减",
            en="the rate shown is what remains after it, nothing more is taken off",
        )
    if not row.benefit.is_stated:
        return Text(zh="金额未公布", en="the amount is not published")
    rule = _rule_text(row)
    if row.amount_fen is None:
        return Text(
            zh=f"{rule.zh}；来源未写明利率，金额待定", en=f"{rule.en}; open while the rate is not stated in full"
        )
    paid = money(row.amount_fen)
    return Text(zh=f"约{paid.zh}，{rule.zh}", en=f"about {paid.en}, {rule.en}")


def _rule_text(row: Subsidy) -> Text:
    return joined((_formula_text(row), *_bounds_text(row.benefit)), zh="，", en=", ")


def _formula_text(row: Subsidy) -> Text:
    benefit = row.benefit
    if benefit.points is not None:
        points = percent(benefit.points)
        return Text(
            zh=f"按本金每年{points}，计{row.months}个月", en=f"{points} of the principal a year for {row.months} months"
        )
    if benefit.lpr_margin is not None:
        margin = percent(abs(benefit.lpr_margin))
        side = Text(zh="减", en="less") if benefit.lpr_margin < 0 else Text(zh="加", en="plus")
        return Text(
            zh=f"利率高于一年期LPR{side.zh}{margin}的部分，计{row.months}个月",
            en=f"interest above the one-year loan prime rate {side.en} {margin} for {row.months} months",
        )
    if benefit.guarantee_fee_above is not None:
        level = percent(benefit.guarantee_fee_above)
        return Text(zh=f"担保费率高于每年{level}的部分", en=f"the guarantee fee above {level} a year")
    interest = None if row.interest_fen is None else money(row.interest_fen)
    share = percent(benefit.share_of_interest or 0.0)
    return Text(
        zh=f"{row.months}个月利息{interest.zh if interest else ''}的{share}",
        en=f"{share} of the interest of {row.months} months{f' ({interest.en})' if interest else ''}",
    )


def _bounds_text(benefit: Benefit) -> Iterator[Text]:
    if benefit.rate_at_most_of_lpr is not None:
        times = plain(benefit.rate_at_most_of_lpr, places=2)
        yield Text(zh=f"利率最高按LPR的{times}倍计", en=f"the rate counted up to {times} times the loan prime rate")
    if benefit.most_principal_fen is not None:
        most = money(benefit.most_principal_fen)
        yield Text(zh=f"本金最高计{most.zh}", en=f"principal up to {most.en}")
    if benefit.cap_share_of_principal is not None:
        share = percent(benefit.cap_share_of_principal)
        yield Text(zh=f"不超过本金的{share}", en=f"at most {share} of the principal")
    if benefit.cap_fen is not None:
        cap = money(benefit.cap_fen)
        yield Text(zh=f"不超过{cap.zh}", en=f"at most {cap.en}")


def _still_to_do(row: Subsidy) -> Iterator[Text]:
    if row.open_facts:
        labels = joined((definitions()[name].label for name in row.open_facts), zh="、", en=", ")
        yield Text(zh=f"待核实：{labels.zh}，核实前不计入成本", en=f"to be settled: {labels.en}; not counted before")
    if row.beside is not None:
        yield Text(zh=f"不与{row.beside.zh}同享，未计入成本", en=f"not together with: {row.beside.en}; not counted")
    if row.terms.application == "automatic":
        yield Text(zh="免申即享，无需申请", en="paid without application")
    elif not row.terms.is_target and not row.is_in_rate:
        yield Text(zh="须申请", en="to be applied for")
