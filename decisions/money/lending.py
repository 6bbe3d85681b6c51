"""How much an enterprise can afford, and what a pure credit loan without a product could be."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from decisions.fact_definitions import facts as definitions
from decisions.facts import Facts
from decisions.formatting import money, percent
from decisions.money.lending_terms import LendingTerms
from decisions.money.schedules import MONTHS_A_YEAR, PLACES, annuity
from decisions.offered.products import RateBand
from decisions.policies import Policy
from decisions.text import Text, joined

TURNOVER = ("sales_12m_fen", "declared_sales_12m_fen", "settlement_inflow_12m_fen")
"""Facts that each tell a year's turnover; the lowest known one counts."""

NET_INFLOW, DEBT, DEBT_SERVICE = "net_inflow_12m_fen", "debt_fen", "debt_service_12m_fen"


@dataclass(frozen=True)
class LendingCeiling:
    """One bound on what can be afforded, with its arithmetic for people."""

    kind: Literal["turnover", "cash"]
    fen: int
    text: Text


@dataclass(frozen=True)
class Affordable:
    """What an enterprise can afford to borrow beside its existing debt.

    Attributes:
        ceilings: the bounds that known facts give; the lowest holds.
        open_facts: unknown facts that would give or settle a bound.
    """

    ceilings: tuple[LendingCeiling, ...]
    open_facts: tuple[str, ...]

    @property
    def fen(self) -> int | None:
        """The lowest ceiling; None while none is known."""
        return min((ceiling.fen for ceiling in self.ceilings), default=None)

    @property
    def knows_turnover(self) -> bool:
        return any(ceiling.kind == "turnover" for ceiling in self.ceilings)

    @property
    def basis(self) -> Text:
        """The arithmetic, for people."""
        if not self.ceilings:
            return Text(zh="营业额与资金净流入均未知，无法测算", en="neither turnover nor net inflow is known")
        return joined((ceiling.text for ceiling in self.ceilings), zh="；", en="; ")

    @property
    def needs(self) -> tuple[Text, ...]:
        """The papers that would settle what is open."""
        return tuple(dict.fromkeys(definitions()[name].need for name in self.open_facts))


@dataclass(frozen=True)
class Suggestion:
    """A limit and a band for a pure credit loan without a product; the bank decides.

    Attributes:
        limit_fen: 0 for the lowest grade; None while no turnover is known.
        rate: annual interest expected for the grade; None for a grade without a band.
        basis: the arithmetic, for people.
        needs: the papers that would settle what is open.
    """

    limit_fen: int | None
    rate: RateBand | None
    basis: Text
    needs: tuple[Text, ...]


def affordable(facts: Facts, policy: Policy) -> Affordable:
    """What cash flow and turnover carry beside existing debt.

    turnover: lowest known turnover of 12 months x share - debt. cash: (net inflow of 12 months x share - debt service)
    / 12 x annuity over the policy's months and rate, not below a smaller share of turnover within the first bound; debt
    service is the lower of what fell due in 12 months and what the debt would cost at the same term and rate, so that a
    loan that is renewed each year is not counted as repaid from income. While debts are unknown, a set share of each is
    counted. Both are whole fen, never below zero.
    """
    ceilings = (_turnover_ceiling(facts, policy.lending), _cash_ceiling(facts, policy.lending))
    found = tuple(ceiling for ceiling in ceilings if ceiling is not None)
    return Affordable(found, tuple(_open_facts(facts)))


def _open_facts(facts: Facts) -> Iterator[str]:
    if all(facts.number(name) is None for name in TURNOVER):
        yield from TURNOVER
    yield from (name for name in (NET_INFLOW, DEBT) if facts.number(name) is None)


def _turnover_ceiling(facts: Facts, terms: LendingTerms) -> LendingCeiling | None:
    known = _turnover(facts)
    if known is None:
        return None
    name, turnover = known
    share, debt = terms.turnover_share.value, facts.number(DEBT)
    told, fen = _share_text(name, turnover, share), _left_of_turnover(turnover, share, debt=debt, terms=terms)
    if debt is None:
        return LendingCeiling("turnover", fen, _kept_back_text(told, fen, terms))
    return LendingCeiling("turnover", fen, _less(told, _amount_text(DEBT, debt), fen))


def _turnover(facts: Facts) -> tuple[str, float] | None:
    """The fact that tells the lowest turnover, and that turnover; None while none is known."""
    known = [(name, turnover) for name in TURNOVER if (turnover := facts.number(name)) is not None]
    return min(known, key=lambda pair: pair[1]) if known else None


def _left_of_turnover(turnover: float, share: float, *, debt: float | None, terms: LendingTerms) -> int:
    """A share of turnover less existing debt; a part of it while that is unknown. Sales taken back leave nothing."""
    room = _times(max(turnover, 0), share)
    return _times(room, terms.share_while_debt_unknown.value) if debt is None else max(room - int(debt), 0)


def _cash_ceiling(facts: Facts, terms: LendingTerms) -> LendingCeiling | None:
    inflow = facts.number(NET_INFLOW)
    if inflow is None:
        return None
    share, service = terms.cash_share.value, _debt_service(facts, terms)
    yearly = _times(max(inflow, 0), share)
    told = _share_text(NET_INFLOW, inflow, share)
    if service is None:
        left = _times(yearly, terms.share_while_debt_unknown.value)
        told = _kept_back_text(told, left, terms)
    else:
        left, existing = max(yearly - service, 0), money(service)
        told = _less(told, Text(zh=f"年还本付息{existing.zh}", en=f"debt service a year {existing.en}"), left)
    months, rate = int(terms.cash_term_months.value), float(terms.cash_rate.value)
    fen = int(left / MONTHS_A_YEAR * annuity(rate / MONTHS_A_YEAR, months))
    principal, per_cent = money(fen), percent(rate)
    text = Text(
        zh=f"{told.zh}，按{months}个月等额还款、年利率{per_cent}折合本金{principal.zh}",
        en=f"{told.en}, which pays back {principal.en} in {months} equal months at {per_cent} a year",
    )
    return _at_least(LendingCeiling("cash", fen, text), facts, terms)


def _at_least(cash: LendingCeiling, facts: Facts, terms: LendingTerms) -> LendingCeiling:
    """The bound by cash, not below a small share of turnover."""
    known = _turnover(facts)
    if known is None:
        return cash
    share, debt = terms.least_turnover_share.value, facts.number(DEBT)
    room = _left_of_turnover(known[1], terms.turnover_share.value, debt=debt, terms=terms)
    least = min(_left_of_turnover(known[1], share, debt=None if debt is None else 0, terms=terms), room)
    if least <= cash.fen:
        return cash
    fen, per_cent = money(least), percent(share)
    text = Text(
        zh=f"{cash.text.zh}；资金净流入受提款、备货影响，不低于{fen.zh}（营业额的{per_cent}，且不超过上一项）",
        en=f"{cash.text.en}; profit taken out and stock lower a net inflow, so not below {fen.en} "
        f"({per_cent} of turnover, within the bound before)",
    )
    return LendingCeiling("cash", least, text)


def _debt_service(facts: Facts, terms: LendingTerms) -> int | None:
    """Existing debt service of a year; None while nothing is known of debts."""
    debt, due = facts.number(DEBT), facts.number(DEBT_SERVICE)
    monthly = float(terms.cash_rate.value) / MONTHS_A_YEAR
    spread = None if debt is None else round(debt * MONTHS_A_YEAR / annuity(monthly, int(terms.cash_term_months.value)))
    return min((int(service) for service in (due, spread) if service is not None), default=None)


def _kept_back_text(told: Text, fen: int, terms: LendingTerms) -> Text:
    """How a bound is worked out while debts are unknown."""
    left, per_cent = money(fen), percent(terms.share_while_debt_unknown.value)
    return Text(
        zh=f"{told.zh} × {per_cent}（负债未知，暂计此比例）= {left.zh}",
        en=f"{told.en} × {per_cent} (counted while debts are unknown) = {left.en}",
    )


def _times(fen: float, share: float) -> int:
    return int(Decimal(str(fen)) * Decimal(str(share)))


def _share_text(name: str, fen: float, share: float) -> Text:
    amount, per_cent = _amount_text(name, fen), percent(share)
    return Text(zh=f"{amount.zh} × {per_cent}", en=f"{amount.en} × {per_cent}")


def _amount_text(name: str, fen: float) -> Text:
    label, amount = definitions()[name].label, money(fen)
    return Text(zh=f"{label.zh}{amount.zh}", en=f"{label.en} {amount.en}")


def _less(told: Text, existing: Text, fen: int) -> Text:
    left = money(fen)
    least = Text(zh="（不低于0）", en=" (not below 0)") if fen == 0 else Text(zh="", en="")
    return Text(
        zh=f"{told.zh} − {existing.zh} = {left.zh}{least.zh}", en=f"{told.en} − {existing.en} = {left.en}{least.en}"
    )


def suggest(facts: Facts, grade: str, policy: Policy) -> Suggestion:
    """A limit and a band for a pure credit loan without a product.

    limit = min(affordable, cap of the grade, need when asked), rounded down to the policy's step; 0 for a grade whose
    cap is 0; None while no turnover is known. band = one-year loan prime rate of the day + spreads of the grade.

    Raises:
        ValueError: a grade that the policy has no cap for.
    """
    caps = policy.lending.caps.fen
    if grade not in caps:
        raise ValueError(f"grade: got {grade!r}, expected one of {', '.join(caps)}")
    if caps[grade] == 0:
        none = Text(zh=f"{grade}级不建议纯信用额度", en=f"no pure credit is suggested for grade {grade}")
        return Suggestion(0, _band(grade, policy), none, ())
    found = affordable(facts, policy)
    if not found.knows_turnover or found.fen is None:
        unknown = Text(zh="营业额未知，暂无法建议额度", en="turnover is not known, so no limit can be suggested yet")
        return Suggestion(None, _band(grade, policy), unknown, found.needs)
    wanted = facts.need.amount_fen
    bounds = [found.fen, caps[grade], *([] if wanted is None else [wanted])]
    step = int(policy.lending.rounding_fen.value)
    limit = min(bounds) // step * step
    return Suggestion(limit, _band(grade, policy), _suggestion_text(found, grade, wanted, policy, limit), found.needs)


def _band(grade: str, policy: Policy) -> RateBand | None:
    spread = policy.lending.spreads.low_and_high.get(grade)
    if spread is None:
        return None
    low, high = (max(round(policy.numbers.lpr_1y.value + points, PLACES), 0.0) for points in spread)
    return RateBand(low=low, high=high)


def _suggestion_text(found: Affordable, grade: str, wanted: int | None, policy: Policy, limit: int) -> Text:
    cap, step, result = money(policy.lending.caps.fen[grade]), money(policy.lending.rounding_fen.value), money(limit)
    parts = [
        *(ceiling.text for ceiling in found.ceilings),
        Text(zh=f"{grade}级上限{cap.zh}", en=f"cap of grade {grade} {cap.en}"),
    ]
    if wanted is not None:
        asked = money(wanted)
        parts.append(Text(zh=f"申请{asked.zh}", en=f"asked for {asked.en}"))
    text = joined(parts, zh="；", en="; ")
    return Text(
        zh=f"以下取低，按{step.zh}向下取整：{text.zh}。建议{result.zh}",
        en=f"the lowest of these, rounded down to {step.en}: {text.en}. Suggested: {result.en}",
    )
