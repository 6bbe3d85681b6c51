"""Alarms as sentences in both languages."""

from collections.abc import Mapping, Sequence

from decisions.text import Text
from training.drift.afterwards import Delay, Ratio
from training.drift.calendar import Rule
from training.drift.inputs import Units
from training.drift.kinds import Advice, Alarm, Moved
from training.drift.policy import DriftPolicy
from training.drift.reference import Reference
from training.drift.requests import Requests
from training.drift.shares import ShareMove
from training.drift.spread import Move

MOST_NAMED = 3
YUAN_FOR_FEN = 100.0


def too_few(rows: int, fewest: int) -> Text:
    return Text(
        zh=f"仅有{rows}次请求，少于{fewest}次，不作输入判断",
        en=f"{rows} requests, fewer than {fewest}: nothing is said of inputs",
    )


def input_shift(found: Sequence[Moved], score: Move | None, policy: DriftPolicy) -> Alarm:
    """Inputs that nothing else explains: retrain where the score moved with them and the move is great."""
    great = found[0].move.excess >= policy.great_index
    advice: Advice = "retrain" if score is not None and great else "look"
    zh, en = ("，评分随之偏移", ", and the score with them") if score is not None else ("", "")
    text = Text(
        zh=f"{len(found)}个特征的分布偏离参照期{zh}：{_zh(found)}",
        en=f"{len(found)} features moved away from the reference{en}: {_en(found)}",
    )
    return Alarm("input_shift", advice, text, tuple(found), {"score": score.excess if score else 0.0})


def wrong_units(units: Units, found: Sequence[Moved]) -> Alarm:
    told = ("分被当作元后乘以100", "a hundred times too large") if units.factor == YUAN_FOR_FEN else (
        "元被当作分", "a hundred times too small"
    )  # fmt: skip
    text = Text(
        zh=f"{units.table}中约{units.share:.0%}企业的金额疑似单位错误（{told[0]}）：{'、'.join(units.features)}",
        en=f"amounts of {units.table} look {told[1]} for about {units.share:.0%} of the enterprises, yuan taken for "
        f"fen or the reverse: {', '.join(units.features)}",
    )
    numbers: dict[str, float | str] = {"table": units.table, "factor": units.factor, "share": units.share}
    return Alarm("unit_mistake", "fix_source", text, tuple(found), numbers)


def missing_blocks(told: Mapping[str, ShareMove], policy: DriftPolicy) -> Alarm:
    falls = min(move.change for move in told.values())
    advice: Advice = "fix_source" if falls <= -policy.great_share else "look"
    parts = [f"{block} {move.before:.0%} → {move.after:.0%}" for block, move in told.items()]
    text = Text(
        zh=f"提供数据块的企业占比变化：{'；'.join(parts)}",
        en=f"the share of enterprises that gave a block changed: {'; '.join(parts)}",
    )
    return Alarm("missing_block", advice, text, (), {block: move.change for block, move in told.items()})


def score_shift(score: Move, requests: Requests, reference: Reference) -> Alarm:
    versions = sorted(set(requests.rows["model_version"].drop_nulls()) - {reference.model_version})
    other = f"（模型版本{versions}）" if versions else ""
    by = f", answered by version {', '.join(versions)}" if versions else ""
    text = Text(
        zh=f"评分中位数由{score.before:.0f}变为{score.after:.0f}，而输入未变{other}，请检查模型与服务",
        en=f"the median score went from {score.before:.0f} to {score.after:.0f} and no input moved{by}: check model "
        "and service",
    )
    return Alarm("score_shift", "look", text, (), {"excess": score.excess})


def tax_calendar(why: Text | None, found: Sequence[Moved]) -> Alarm:
    if why is None:
        why = Text(zh="日历中没有登记顺延，请核实", en="no moved deadline is on file: please check")
        return _tax_calendar(why, "look", found)
    return _tax_calendar(why, "nothing", found)


def _tax_calendar(why: Text, advice: Advice, found: Sequence[Moved]) -> Alarm:
    text = Text(
        zh=f"仅涉税特征同时偏移，{why.zh}：{_zh(found)}",
        en=f"only tax features moved, together; {why.en}: {_en(found)}",
    )
    return Alarm("tax_calendar", advice, text, tuple(found))


def rule_began(rule: Rule, found: Sequence[Moved]) -> Alarm:
    text = Text(zh=f"{rule.zh}：{_zh(found)}", en=f"{rule.en}: {_en(found)}")
    return Alarm("policy_change", "look", text, tuple(found), {"from": rule.from_day.isoformat()})


def policy_changed(began: Mapping[str, Sequence[str]], grades: float, eligible: Move | None) -> Alarm:
    versions = "; ".join(f"{name} {', '.join(some)}" for name, some in began.items() if some)
    zh, en = f"评级占比变动{grades:.0%}", f"{grades:.0%} of the grades changed"
    if eligible is not None:
        zh += f"，符合条件的产品占比由{eligible.before:.0%}变为{eligible.after:.0%}"
        en += f", products that no rule excludes went from {eligible.before:.0%} to {eligible.after:.0%}"
    text = Text(
        zh=f"新版本生效（{versions}）：{zh}，而输入与评分未变",
        en=f"{versions} began: {en}, inputs and scores did not move",
    )
    return Alarm("policy_change", "look", text, (), {"grades": grades, "versions": versions})


def label_delay(late: Delay) -> Alarm:
    shares = f"{late.before:.0%} → {late.after:.0%}"
    text = Text(
        zh=f"决策后{late.age}个月内已知结果的占比 {shares}，约晚{late.months:.1f}个月；已知的结果仍可比较",
        en=f"share of decisions with an outcome within {late.age} months {shares}, about {late.months:.1f} months "
        "later; those known are compared at their age less that",
    )
    numbers = {"months": late.months, "before": late.before, "after": late.after}
    return Alarm("label_delay", "wait_for_labels", text, (), numbers)


def outcome_drift(ratio: Ratio | None, granted: ShareMove | None) -> Alarm:
    """Defaults ask for a new calibration; answers of banks only for a look."""
    zh: list[str] = []
    en: list[str] = []
    numbers: dict[str, float | str] = {}
    if ratio is not None:
        span = f"{ratio.value:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]"
        zh.append(f"近{ratio.months}个月决策的已知违约{ratio.observed}笔，为预期的{span}倍")
        en.append(f"{ratio.observed} defaults known of decisions of {ratio.months} months, {span} times those expected")
        numbers |= {"ratio": ratio.value, "low": ratio.low, "high": ratio.high}
    if granted is not None:
        shares = f"{granted.before:.0%} → {granted.after:.0%}"
        zh.append(f"同分数下的通过率 {shares}")
        en.append(f"approvals at the same scores {shares}")
        numbers |= {"approvals": granted.change}
    advice: Advice = "recalibrate" if ratio is not None else "look"
    return Alarm("outcome_drift", advice, Text(zh="；".join(zh), en="; ".join(en)), (), numbers)


def _zh(found: Sequence[Moved]) -> str:
    named = "、".join(one.feature.zh for one in found[:MOST_NAMED])
    return named + ("等" if len(found) > MOST_NAMED else "")


def _en(found: Sequence[Moved]) -> str:
    named = ", ".join(one.name for one in found[:MOST_NAMED])
    return named + (f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else "")
