"""Why one product stands above the next."""

import math
from collections.abc import Callable
from functools import lru_cache

from decisions.formatting import money, percent, plain, shown
from decisions.match.ranking import Ranked
from decisions.money.schedules import MONTHS_A_YEAR
from decisions.text import Text

EQUAL_COST = Text(
    zh="预期价值与成本相同，按产品编号排列", en="Equal expected value and cost: in the order of product ids"
)
OTHER_BANK = Text(
    zh="下一名的银行已有产品排在前面，故先列其他银行",
    en="another bank's offer goes before a further one of the same bank",
)

APPROVAL = Text(zh="获批概率", en="of approval")
KEPT = Text(zh="获批后提款并按期还清的概率", en="that the loan, once approved, is drawn and repaid")

Say = Callable[[Ranked, Ranked], Text]
"""Tells by what a product leads the one that follows it."""

WHOLE = 100
"""Per cent of a probability of one."""

KEPT_AMOUNTS = 4_096

_money = lru_cache(maxsize=KEPT_AMOUNTS)(money)
"""Each value is told twice, of its own product and of the one above it."""


def why_above(first: Ranked, following: Ranked) -> Text:
    """What puts a product above the one that follows it: the factor of its value that leads by most."""
    first_value, next_value = first.worth.fen * first.weight, following.worth.fen * following.weight
    if first_value == next_value:
        if first.worth.rate == following.worth.rate:
            return EQUAL_COST
        cost = _cost(first, following)
        return Text(zh=f"预期价值相同，{cost.zh}", en=f"Equal expected value, {cost.en}")
    mine, other = _money(first.worth.fen), _money(following.worth.fen)
    reason = _leading_factor(first, following) if first.worth.fen > following.worth.fen else OTHER_BANK
    return Text(
        zh=f"对企业的预期价值{mine.zh}，下一名{other.zh}：{reason.zh}",
        en=f"Expected value to the enterprise {mine.en}, next {other.en}: {reason.en}",
    )


def _leading_factor(first: Ranked, following: Ranked) -> Text:
    mine, other = first.worth, following.worth
    leads = (
        (_lead(mine.saving, other.saving), _cost),
        (_lead(mine.usable_fen, other.usable_fen), _amount),
        *_leads_in_chance(first, following),
        (_lead(mine.years, other.years), _term),
        (_lead(mine.speed, other.speed), _speed),
        (_lead(mine.left, other.left) if mine.papers_fen < other.papers_fen else 0.0, _papers),
    )
    _, say = max(leads, key=lambda lead: lead[0])
    return say(first, following)


def _leads_in_chance(first: Ranked, following: Ranked) -> tuple[tuple[float, Say], ...]:
    """One factor by the rule of thumb, three by a model."""
    mine, other = first.fit, following.fit
    if None in {mine.approval_probability, mine.fit, other.approval_probability, other.fit}:
        return ((_lead(mine.chance, other.chance), _chance),)
    return (
        (_lead(mine.approval_probability or 0.0, other.approval_probability or 0.0), _approval),
        (_lead(mine.fit or 0.0, other.fit or 0.0), _kept),
        (_lead(mine.passing, other.passing), _passing),
    )


def _lead(mine: float, other: float) -> float:
    """By how much one factor of a product is ahead, on the log scale that adds up to the ratio of values."""
    if mine == other:
        return 0.0
    if other <= 0:
        return math.inf
    return math.log(mine / other) if mine > 0 else -math.inf


def _cost(first: Ranked, following: Ranked) -> Text:
    mine, other = _rate(first), _rate(following)
    return Text(zh=f"综合成本较低（{mine.zh}对{other.zh}）", en=f"lower all-in cost ({mine.en} against {other.en})")


def _rate(row: Ranked) -> Text:
    """The rate counted: whether it is that of past approvals, only assumed, or lowered by subsidies."""
    rate = percent(row.worth.rate)
    if row.fit.granted is not None and row.fit.granted.rate is not None:
        return Text(zh=f"按以往获批利率计{rate}", en=f"{rate} by the rates of past approvals")
    if row.all_in is None:
        return Text(zh=f"假定{rate}", en=f"assumed {rate}")
    if row.all_in.after < row.all_in.before:
        before = percent(row.all_in.before)
        return Text(zh=f"贴息后{rate}，贴息前{before}", en=f"{rate} after subsidies, {before} before")
    return Text(zh=rate, en=rate)


def _speed(first: Ranked, following: Ranked) -> Text:
    """Only a decision that comes too late lowers the worth, so the following one does."""
    mine, other, urgency = _decided(first), _decided(following), following.borrower.facts.need.urgency_days
    needed = shown(urgency, "days")
    return Text(
        zh=f"审批较快（{mine.zh}对{other.zh}，{needed.zh}内用款）",
        en=f"quicker decision ({mine.en} against {other.en}; the money is needed within {needed.en})",
    )


def _decided(row: Ranked) -> Text:
    days = row.candidate.entry.product.decision_days
    if days is None:
        return Text(zh="来源未说明", en="not stated")
    return Text(zh=f"{days}个工作日", en=f"{days} working days")


def _amount(first: Ranked, following: Ranked) -> Text:
    mine, other = _counted(first), _counted(following)
    return Text(zh=f"可用金额较高（{mine.zh}对{other.zh}）", en=f"more money to use ({mine.en} against {other.en})")


def _counted(row: Ranked) -> Text:
    """The amount counted: whether a model expects it, or it is only counted while nothing supports the limit."""
    amount = _money(row.worth.usable_fen)
    if row.fit.granted is not None and row.fit.granted.share_here is not None:
        return Text(zh=f"预计获批{amount.zh}", en=f"{amount.en} expected")
    if row.candidate.limit.is_worked_out:
        return amount
    return Text(zh=f"额度未定按{amount.zh}计", en=f"{amount.en} counted while the limit is open")


def _chance(first: Ranked, following: Ranked) -> Text:
    mine, other = len(first.candidate.open_facts), len(following.candidate.open_facts)
    if mine >= other:
        return Text(zh="获批把握较大", en="better prospects of approval")
    return Text(
        zh=f"获批把握较大（待核实事项{mine}项对{other}项）",
        en=f"better prospects of approval (open questions: {mine} against {other})",
    )


def _approval(first: Ranked, following: Ranked) -> Text:
    return _probabilities(first.fit.approval_probability, following.fit.approval_probability, APPROVAL)


def _kept(first: Ranked, following: Ranked) -> Text:
    return _probabilities(first.fit.fit, following.fit.fit, KEPT)


def _passing(first: Ranked, following: Ranked) -> Text:
    mine, other = _whole_percent(first.fit.passing), _whole_percent(following.fit.passing)
    return Text(
        zh=f"待核实事项较易符合（保留{mine}对{other}的获批机会）",
        en=f"open questions that more enterprises meet (they leave {mine} against {other} of the chance)",
    )


def _probabilities(mine: float | None, other: float | None, of: Text) -> Text:
    """In whole per cent, unless that hides the difference."""
    more, less = _whole_percent(mine or 0.0), _whole_percent(other or 0.0)
    if more == less:
        more, less = percent(mine or 0.0), percent(other or 0.0)
    return Text(zh=f"{of.zh}较高（{more}对{less}）", en=f"higher probability {of.en} ({more} against {less})")


def _whole_percent(probability: float) -> str:
    return f"{plain(probability * WHOLE, places=0)}%"


def _papers(first: Ranked, following: Ranked) -> Text:
    mine, other = _money(first.worth.papers_fen), _money(following.worth.papers_fen)
    return Text(
        zh=f"办理手续的费用较低（{mine.zh}对{other.zh}）",
        en=f"papers cost less ({mine.en} against {other.en})",
    )


def _term(first: Ranked, following: Ranked) -> Text:
    mine, other = (shown(row.worth.years * MONTHS_A_YEAR, "months") for row in (first, following))
    return Text(zh=f"可用期限较长（{mine.zh}对{other.zh}）", en=f"longer use ({mine.en} against {other.en})")
