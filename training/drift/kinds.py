"""What can be amiss, what is to be done, and how both are said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from decisions.text import Text
from features.definition import Feature
from training.drift.requests import Span
from training.drift.spread import Move

Kind = Literal[
    "input_shift", "unit_mistake", "missing_block", "score_shift", "tax_calendar", "policy_change", "outcome_drift",
    "label_delay",
]  # fmt: skip

KINDS: Mapping[Kind, Text] = {
    "input_shift": Text(zh="输入分布偏移", en="inputs moved"),
    "unit_mistake": Text(zh="金额单位错误", en="mistake in units"),
    "missing_block": Text(zh="数据块缺失变化", en="missing blocks"),
    "score_shift": Text(zh="评分偏移而输入未变", en="score moved, inputs did not"),
    "tax_calendar": Text(zh="办税日历", en="tax calendar"),
    "policy_change": Text(zh="政策或规则变更", en="policy or rule changed"),
    "outcome_drift": Text(zh="结果偏离预期", en="outcomes differ"),
    "label_delay": Text(zh="结果回传延迟", en="labels come late"),
}

Advice = Literal["nothing", "wait_for_labels", "look", "recalibrate", "retrain", "fix_source"]

ADVICES: Mapping[Advice, Text] = {
    "nothing": Text(zh="无需处理", en="nothing to do"),
    "wait_for_labels": Text(zh="等待结果回传后再判断", en="wait for labels before judging outcomes"),
    "look": Text(zh="请人工查看", en="have a look"),
    "recalibrate": Text(zh="重新校准违约概率", en="recalibrate the probability of default"),
    "retrain": Text(zh="重新训练模型", en="retrain the model"),
    "fix_source": Text(zh="先修复数据来源", en="fix the source first"),
}
"""Least urgent first; what comes later prevails."""

ASKS_FOR_ACTION: frozenset[Advice] = frozenset({"look", "recalibrate", "retrain", "fix_source"})


@dataclass(frozen=True)
class Moved:
    """A feature that moved: by how much, beside the most that months of the reference differ by.

    Attributes:
        p: adjusted for all features looked at (Holm).
    """

    feature: Feature
    move: Move
    usual: float
    p: float

    @property
    def name(self) -> str:
        return self.feature.name


@dataclass(frozen=True)
class Alarm:
    """Something amiss.

    Attributes:
        text: what was seen, as a sentence.
        features: that moved, farthest first; empty where it is not about features.
        numbers: what it rests on.
    """

    kind: Kind
    advice: Advice
    text: Text
    features: tuple[Moved, ...] = ()
    numbers: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """What a look at some days gave.

    Attributes:
        span: the days; of two spans that were looked at, the shorter.
        figures: what was measured, alarms or not.
        notes: what could not be looked at, and why.
    """

    span: Span
    rows: int
    enterprises: int
    alarms: tuple[Alarm, ...]
    figures: Mapping[str, float | None]
    notes: tuple[Text, ...] = ()

    @property
    def advice(self) -> Advice:
        return most_urgent(alarm.advice for alarm in self.alarms)

    @property
    def asks_for_action(self) -> bool:
        return self.advice in ASKS_FOR_ACTION


def most_urgent(advices: Iterable[Advice]) -> Advice:
    order = list(ADVICES)
    return max(advices, key=order.index, default="nothing")
