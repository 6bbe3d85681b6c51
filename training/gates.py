"""The gates that a version must pass before it becomes champion: pure, on dated numbers."""

import datetime as dt
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from scipy.stats import norm

from decisions.dated import DatedNumber, NotInForceError, newest
from decisions.files import FileMistakesError, read
from decisions.text import Text
from training.evaluation.resampling import NORMAL, wilson
from training.evaluation.types import Comparison, Evaluation, Identity, Segment
from training.metrics import Estimate

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

P = TypeVar("P", bound="DataclassInstance")

POLICY_FILE = Path(__file__).parent / "policy" / "promotion.toml"

NO_CHAMPION = "no champion 尚无冠军模型"
NEVER_WAIVED = frozenset({"digest", "leaks", "monotone"})
"""Nobody may answer for these: the evaluation would be of another model, or no evaluation at all."""

OUT_OF_TIME = Text(zh="在训练样本之后的时间上评估", en="Judged on days after all training days")
MOST_NAMED = 5


class GateError(ValueError):
    """A gate that is none, or that nobody may waive."""


@dataclass(frozen=True)
class PromotionPolicy:
    """The numbers in force on one day; promotion.toml says what each is.

    Attributes:
        version: the newest first day among them.
    """

    version: str
    fewest_rows: float
    fewest_defaults: float
    most_days_old: float
    highest_ece: float
    highest_segment_ece: float
    most_segment_harm: float
    segment_error: float
    most_rises: float


@dataclass(frozen=True)
class Gate:
    """One condition of a promotion.

    Attributes:
        given, expected: what the evaluation says and what the policy asks for.
        zh, en: the condition as a sentence.
        waived: why it was accepted although it failed; empty otherwise.
    """

    name: str
    passed: bool
    given: str
    expected: str
    zh: str
    en: str
    waived: str = ""

    @property
    def lets_through(self) -> bool:
        return self.passed or bool(self.waived)


@dataclass(frozen=True)
class Candidate:
    """What would be promoted, in whose place, when.

    Attributes:
        trained_until: the last day that the model's training rows stand on, as its card says; None where it does not.
        champion: what it must beat; None where there is none.
        why_none: what to say then.
    """

    model: Identity
    trained_until: dt.date | None
    champion: Identity | None
    on: dt.date
    why_none: str = NO_CHAMPION


@cache
def _numbers(path: Path, names: tuple[str, ...]) -> Mapping[str, DatedNumber]:
    numbers = read(path, dict[str, DatedNumber])
    lines = [f"{path.name}: {name}: missing, expected this number" for name in names if name not in numbers]
    lines += [f"{path.name}: {name}: got an unknown number" for name in sorted(set(numbers) - set(names))]
    if lines:
        raise FileMistakesError(lines)
    return numbers


def dated_numbers(kind: type[P], path: Path, day: dt.date) -> P:
    """The numbers of a file in force on a day: a dataclass of `version`, the newest first day among them, and floats.

    Raises:
        NotInForceError: the day lies before the first version of some number.
        FileMistakesError: with a line for every mistake in the file.
    """
    names = tuple(sorted(field.name for field in fields(kind) if field.name != "version"))
    try:
        chosen = {name: newest(number.versions, day, name) for name, number in _numbers(path, names).items()}
    except NotInForceError as error:
        raise NotInForceError(f"--on: {error}") from error
    last = max(version.from_day for version in chosen.values())
    made: Callable[..., P] = kind
    return made(version=last.isoformat(), **{name: float(version.value) for name, version in chosen.items()})


def promotion_policy(day: dt.date, path: Path = POLICY_FILE) -> PromotionPolicy:
    """What is in force on a day.

    Raises:
        NotInForceError: the day lies before the first version of some number.
        FileMistakesError: with a line for every mistake in the file.
    """
    return dated_numbers(PromotionPolicy, path, day)


def gates(evaluation: Evaluation, policy: PromotionPolicy, candidate: Candidate) -> tuple[Gate, ...]:
    """Every gate, passed or not, in one order. What is not known (NaN, absent) never passes."""
    return (
        digest_gate(evaluation.model, evaluation.comparison.champion if evaluation.comparison else None, candidate),
        fresh_gate(evaluation.on, policy.most_days_old, candidate),
        out_of_time_gate(evaluation.first_as_of, evaluation.last_as_of, candidate, text=OUT_OF_TIME),
        _enough(evaluation, policy),
        *_against(evaluation, candidate),
        _calibrated(evaluation, policy),
        _segments_calibrated(evaluation, policy),
        _segments_unharmed(evaluation, policy, candidate),
        _monotone(evaluation),
        _leaks(evaluation),
        _withholding(evaluation, policy),
    )


def waived(
    judged: Sequence[Gate], accepted: Collection[str], *, why: str, never: Collection[str] = NEVER_WAIVED
) -> tuple[Gate, ...]:
    """The gates with a reason at those that failed and are accepted all the same; `never` names those that cannot be.

    Raises:
        GateError: a name that is no gate, or a gate that cannot be waived.
    """
    names = {gate.name for gate in judged}
    for name in accepted:
        if name not in names or name in never:
            may = ", ".join(sorted(names - set(never)))
            raise GateError(f"--accept: got {name!r}, expected some of {may}")
    return tuple(replace(gate, waived=why) if gate.name in accepted and not gate.passed else gate for gate in judged)


def digest_gate(model: Identity, champion: Identity | None, candidate: Candidate) -> Gate:
    """Whether an evaluation is of what would be promoted: of this model, beside this champion."""
    is_same_champion = candidate.champion is None or champion == candidate.champion
    return Gate(
        name="digest",
        passed=model == candidate.model and is_same_champion,
        given=f"{_named(model)} / {_named(champion)}",
        expected=f"{_named(candidate.model)} / {_named(candidate.champion)}",
        zh="评估的正是这一版模型和现任冠军",
        en="The evaluation is of this very model and against this very champion",
    )


def fresh_gate(evaluated_on: dt.date, most_days_old: float, candidate: Candidate) -> Gate:
    """Whether an evaluation is young enough to be relied on."""
    age = (candidate.on - evaluated_on).days
    return Gate(
        name="fresh",
        passed=0 <= age <= most_days_old,
        given=f"{evaluated_on} ({age} d)",
        expected=f"0–{most_days_old:.0f} d",
        zh="评估未过期",
        en="The evaluation is not outdated",
    )


def out_of_time_gate(first: dt.date, last: dt.date, candidate: Candidate, *, text: Text) -> Gate:
    """Whether the days that an evaluation judges on, from the first to the last, lie after all training days."""
    until = candidate.trained_until
    return Gate(
        name="out_of_time",
        passed=until is not None and first > until,
        given=f"{first} – {last}",
        expected=f"> {until}" if until else "training days on the card 模型卡写明训练日",
        zh=text.zh,
        en=text.en,
    )


def _enough(evaluation: Evaluation, policy: PromotionPolicy) -> Gate:
    return Gate(
        name="enough",
        passed=evaluation.rows >= policy.fewest_rows and evaluation.defaults >= policy.fewest_defaults,
        given=f"{evaluation.rows:,} / {evaluation.defaults:,}",
        expected=f"≥ {policy.fewest_rows:,.0f} / {policy.fewest_defaults:,.0f}",
        zh="评估样本行数和违约数足够",
        en="Rows and defaults enough to judge by",
    )


def _against(evaluation: Evaluation, candidate: Candidate) -> Iterator[Gate]:
    """The three gates of the comparison with the champion."""
    texts = {
        "same_data": ("两版模型在同一批样本上评估", "Both models judged on the same rows", "a comparison 有比较"),
        "better": (
            "显著优于现任冠军（AUC或对数损失）",
            "Better than the champion with confidence, in AUC or in log loss",
            "AUC low > 0, or log loss high < 0",
        ),
        "not_worse": (
            "另一指标未显著变差",
            "Not worse with confidence in the other",
            "AUC high ≥ 0, and log loss low ≤ 0",
        ),
    }
    comparison = evaluation.comparison
    for name, (zh, en, expected) in texts.items():
        passed, given = candidate.champion is None, candidate.why_none
        if candidate.champion is not None:
            passed, given = _compared(name, comparison), _differences(evaluation)
        yield Gate(name, passed, given, expected, zh, en)


def _compared(name: str, comparison: Comparison | None) -> bool:
    if comparison is None:
        return False
    if name == "better":
        return comparison.auc.low > 0 or comparison.loss.high < 0
    return name == "same_data" or (comparison.auc.high >= 0 and comparison.loss.low <= 0)


def _differences(evaluation: Evaluation) -> str:
    comparison = evaluation.comparison
    if comparison is None:
        return "not compared 未比较"
    is_better = _compared("better", comparison)
    told = "" if is_better else "no better with confidence 未显著更优: "
    return f"{told}AUC {_signed(comparison.auc)}, log loss {_signed(comparison.loss)}"


def _calibrated(evaluation: Evaluation, policy: PromotionPolicy) -> Gate:
    """Refused when out of calibration with confidence: on few rows even a perfect model has an ECE of some points."""
    ece = evaluation.metrics.get("ece")
    return Gate(
        name="calibrated",
        passed=ece is not None and ece.low <= policy.highest_ece,
        given=f"ECE {ece.value:.4f} [{ece.low:.4f}, {ece.high:.4f}]" if ece else "no ECE 无ECE",
        expected=f"low ≤ {policy.highest_ece:g}",
        zh="违约概率总体校准良好",
        en="Probabilities of default are calibrated over all",
    )


def _segments_calibrated(evaluation: Evaluation, policy: PromotionPolicy) -> Gate:
    judged = [segment for segment in evaluation.segments if _is_judged(segment) and math.isfinite(segment.ece.low)]
    bad = [segment for segment in judged if segment.ece.low > policy.highest_segment_ece]
    worst = max(judged, key=lambda segment: segment.ece.low, default=None)
    named = sorted(bad, key=lambda segment: -segment.ece.low) or ([worst] if worst else [])
    told = [f"{_name(segment)} ECE {segment.ece.value:.4f} [{segment.ece.low:.4f}, …]" for segment in named]
    return Gate(
        name="segments_calibrated",
        passed=bool(judged) and not bad,
        given=_listed(told, judged=len(judged), evaluation=evaluation),
        expected=f"low ≤ {policy.highest_segment_ece:g}",
        zh="各客群违约概率校准良好",
        en="Probabilities of default are calibrated in every judged segment",
    )


def _segments_unharmed(evaluation: Evaluation, policy: PromotionPolicy, candidate: Candidate) -> Gate:
    differences = {
        _name(segment): segment.auc_difference
        for segment in evaluation.segments
        if segment.auc_difference is not None and math.isfinite(segment.auc_difference.value)
    }
    bad = harmed(differences, margin=policy.most_segment_harm, error=policy.segment_error)
    told = [f"{name} AUC {_signed(differences[name])}" for name in bad]
    given = _listed(told, judged=len(differences), evaluation=evaluation)
    return Gate(
        name="segments_unharmed",
        passed=candidate.champion is None or (bool(differences) and not bad),
        given=candidate.why_none if candidate.champion is None else given,
        expected=f"AUC high ≥ −{policy.most_segment_harm:g}, Holm",
        zh="没有客群因换模型而受损",
        en="No segment is harmed by the change",
    )


def harmed(differences: Mapping[str, Estimate], *, margin: float, error: float) -> tuple[str, ...]:
    """Segments whose AUC falls by more than `margin`, with an error of at most `error` over all of them (Holm 1979).

    The interval's upper half gives the standard error, se = (high - value) / 1.96; p = Φ((value + margin) / se). With
    one segment that is an upper bound below -margin. In the order of p, the k-th of m is harmed if all before it are
    and its p is at most error / 2 / (m - k + 1).
    """
    chances = sorted((_chance(estimate, margin), name) for name, estimate in differences.items())
    found = []
    for place, (chance, name) in enumerate(chances):
        if chance > error / 2 / (len(chances) - place):
            break
        found.append(name)
    return tuple(found)


def _chance(estimate: Estimate, margin: float) -> float:
    error = (estimate.high - estimate.value) / NORMAL
    if not math.isfinite(error):
        return 1.0
    if error <= 0:
        return 0.0 if estimate.value < -margin else 1.0
    return float(norm.cdf((estimate.value + margin) / error))


def _monotone(evaluation: Evaluation) -> Gate:
    proof = evaluation.proof
    looked = f"{proof.trees:,} trees, {proof.leaves:,} leaves, {proof.constrained} features"
    faults = f"{len(proof.faults)} faults: {'; '.join(proof.faults[:MOST_NAMED])}"
    return Gate(
        name="monotone",
        passed=proof.trees > 0 and not proof.faults,
        given=faults if proof.faults else looked,
        expected="no fault 无违反",
        zh="逐树证明单调性成立",
        en="Monotonicity is proved over every path of every tree",
    )


def _leaks(evaluation: Evaluation) -> Gate:
    told = [f"{finding.probe} {finding.feature} {finding.value:.3f}" for finding in evaluation.findings]
    return Gate(
        name="leaks",
        passed=not told,
        given="; ".join(told[:MOST_NAMED]) or "none 无",
        expected="none 无",
        zh="未发现标签泄漏",
        en="No probe found a leak",
    )


def _withholding(evaluation: Evaluation, policy: PromotionPolicy) -> Gate:
    """Refused when more than the policy's share gains with confidence: few rows show a share only roughly."""
    tried = [block for block in evaluation.withheld if block.rows > 0]
    bad = [block for block in tried if not wilson(block.rises, block.rows).low <= policy.most_rises]
    told = [f"{block.block} {block.rises:.2%}" for block in bad or sorted(tried, key=lambda block: -block.rises)[:1]]
    return Gate(
        name="withholding",
        passed=bool(tried) and not bad,
        given="; ".join(told) or "not tried 未检验",
        expected=f"low ≤ {policy.most_rises:.1%}",
        zh="拒绝授权不会抬高分数",
        en="Withholding a block raises hardly any score",
    )


def _is_judged(segment: Segment) -> bool:
    return math.isfinite(segment.auc.value)


def _listed(told: Sequence[str], *, judged: int, evaluation: Evaluation) -> str:
    """The segments that matter, how many were judged, and which were too small to be."""
    small = [_name(segment) for segment in evaluation.segments if not _is_judged(segment)]
    parts = ["; ".join(told[:MOST_NAMED])] if told else []
    parts.append(f"{judged} judged 已检验")
    if small:
        more = "…" if len(small) > MOST_NAMED else ""
        parts.append(f"{len(small)} too small 样本太少: {', '.join(small[:MOST_NAMED])}{more}")
    return "; ".join(parts)


def _name(segment: Segment) -> str:
    return f"{segment.by}={segment.name}"


def _named(identity: Identity | None) -> str:
    return f"v{identity.version} {identity.digest.removeprefix('sha256:')[:8]}" if identity else "none 无"


def _signed(estimate: Estimate) -> str:
    return f"{estimate.value:+.4f} [{estimate.low:+.4f}, {estimate.high:+.4f}]"
