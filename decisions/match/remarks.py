"""What an enterprise should know about a product that it can have and that does not give all it asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from decisions.formatting import money, shown
from decisions.match.ranking import Ranked
from decisions.match.worth import comes_late
from decisions.text import Text

LIMIT_IS_CAP = Text(
    zh="所示额度为产品最高额，来源未给出测算公式，实际额度由银行核定",
    en="the amount shown is the product's highest: its source gives no formula, the bank works out what it lends",
)


@dataclass(frozen=True)
class Remark:
    """One way in which a product falls short of the wish; never a refusal."""

    code: Literal["LIMIT_IS_CAP", "TERM_SHORTER", "AMOUNT_LOWER", "DECISION_LATE"]
    text: Text


def remarks(row: Ranked) -> tuple[Remark, ...]:
    """Where a product's term, amount or speed falls short of what the enterprise stated."""
    return tuple(_remarks(row))


def _remarks(row: Ranked) -> Iterator[Remark]:
    product, need, limit = row.candidate.entry.product, row.borrower.facts.need, row.candidate.limit
    if limit.fen is not None and not limit.is_worked_out:
        yield Remark("LIMIT_IS_CAP", LIMIT_IS_CAP)
    if need.term_months is not None and product.term_months is not None and need.term_months > product.term_months:
        yield Remark("TERM_SHORTER", _shorter(product.term_months, need.term_months))
    if need.amount_fen is not None and limit.at_most_fen is not None and need.amount_fen > limit.at_most_fen:
        yield Remark("AMOUNT_LOWER", _lower(limit.at_most_fen, need.amount_fen))
    if product.decision_days is not None and need.urgency_days is not None and comes_late(product, need):
        yield Remark("DECISION_LATE", _late(product.decision_days, need.urgency_days))


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


def _late(decision: int, urgency: int) -> Text:
    return Text(
        zh=f"审批约{decision}个工作日，晚于{urgency}天内的用款时间",
        en=f"a decision takes about {decision} working days; the money is needed within {urgency} days",
    )
