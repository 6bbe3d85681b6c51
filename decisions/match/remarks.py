"""What an enterprise should know about a product that it can have: where it falls short of the wish, what is open."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from decisions.formatting import money, percent, shown
from decisions.match.ranking import Ranked
from decisions.match.worth import comes_late, rests_on_cash_flow
from decisions.text import Text

LIMIT_IS_CAP = Text(
    zh="所示额度为产品最高额，来源未给出测算公式，实际额度由银行核定",
    en="the amount shown is the product's highest: its source gives no formula, the bank works out what it lends",
)


@dataclass(frozen=True)
class Remark:
    """One way in which a product falls short of the wish, or what is open about it; never a refusal."""

    code: Literal["LIMIT_IS_CAP", "TERM_SHORTER", "AMOUNT_LOWER", "BEYOND_MEANS", "DECISION_LATE", "OPEN_QUESTIONS"]
    text: Text


def remarks(row: Ranked) -> tuple[Remark, ...]:
    """Where a product falls short of what the enterprise stated or exceeds what it carries, and what is open."""
    return tuple(_remarks(row))


def _remarks(row: Ranked) -> Iterator[Remark]:
    product, need, limit = row.candidate.entry.product, row.borrower.facts.need, row.candidate.limit
    if limit.fen is not None and not limit.is_worked_out:
        yield Remark("LIMIT_IS_CAP", LIMIT_IS_CAP)
    if need.term_months is not None and product.term_months is not None and need.term_months > product.term_months:
        yield Remark("TERM_SHORTER", _shorter(product.term_months, need.term_months))
    if need.amount_fen is not None and limit.at_most_fen is not None and need.amount_fen > limit.at_most_fen:
        yield Remark("AMOUNT_LOWER", _lower(limit.at_most_fen, need.amount_fen))
    carried = row.borrower.affordable_fen
    if carried is not None and row.amount_fen > carried and rests_on_cash_flow(product):
        yield Remark("BEYOND_MEANS", _beyond(row.amount_fen, carried))
    if product.decision_days is not None and need.urgency_days is not None and comes_late(product, need):
        yield Remark("DECISION_LATE", _late(product.decision_days, need.urgency_days))
    if round(row.fit.passing, 2) < 1.0:
        yield Remark("OPEN_QUESTIONS", _open(row.fit.passing))


def _shorter(most: int, asked: int) -> Text:
    offered, wished = shown(most, "months"), shown(asked, "months")
    return Text(
        zh=f"期限最长{offered.zh}，短于申请的{wished.zh}，按{offered.zh}计",
        en=f"the term is {offered.en} at most, shorter than the {wished.en} asked for: {offered.en} are counted",
    )


def _lower(most: int, asked: int) -> Text:
    offered, wished = money(most), money(asked)
    return Text(
        zh=f"额度最高{offered.zh}，低于申请的{wished.zh}",
        en=f"the amount is {offered.en} at most, less than the {wished.en} asked for",
    )


def _beyond(counted: int, carried: int) -> Text:
    amount, means = money(counted), money(carried)
    return Text(
        zh=f"按{amount.zh}计，高于营业额与现金流在现有负债之外可承受的{means.zh}，请量力借款",
        en=f"{amount.en} are counted, more than the {means.en} that turnover and cash flow carry beside existing debt",
    )


def _open(passing: float) -> Text:
    left = percent(round(passing, 2))
    return Text(
        zh=f"有待核实事项，并非所有企业都符合：排序时获批机会按{left}计；能证明符合的，以所示获批概率为准",
        en=f"open questions that not every enterprise meets: the order counts {left} of the chance of approval; "
        "the probability shown is that of an enterprise that can prove that it meets them",
    )


def _late(decision: int, urgency: int) -> Text:
    return Text(
        zh=f"审批约{decision}个工作日，晚于{urgency}天内的用款时间",
        en=f"a decision takes about {decision} working days; the money is needed within {urgency} days",
    )
