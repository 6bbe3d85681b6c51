"""The gates that a model of fit must pass before it becomes champion: pure, on dated numbers.

A retraining from posted outcomes is judged on some dozens of pairs. So no gate asks for what few pairs cannot show: a
challenger need not be better, it must be surely not much worse; and a calibration error counts as far as it is more
than chance would make of that many pairs.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import norm

from decisions.text import Text
from training.evaluation.resampling import NORMAL, UNKNOWN
from training.gates import MOST_NAMED, Candidate, Gate, dated_numbers, digest_gate, fresh_gate, out_of_time_gate
from training.metrics import Estimate
from training.product_fit.beside import FitBeside
from training.product_fit.judged import BankJudged, HeadJudged

POLICY_FILE = Path(__file__).parents[1] / "policy" / "fit_promotion.toml"

OUT_OF_TIME = Text(
    zh="在训练样本之后的时间、其他企业上评估",
    en="Judged on applications after all those learned from, by other enterprises",
)
NEVER_WAIVED = frozenset({"digest", "out_of_time"})
"""Nobody may answer for these: the evaluation would be of another model, or of pairs that it learned from."""


@dataclass(frozen=True)
class FitPolicy:
    """The numbers in force on one day; fit_promotion.toml says what each is.

    Attributes:
        version: the newest first day among them.
    """

    version: str
    fewest_rows: float
    fewest_of_each: float
    fewest_kept: float
    most_days_old: float
    most_loss_rise: float
    highest_ece: float
    highest_bank_ece: float
    fewest_bank_rows: float
    bank_error: float


def fit_policy(day: dt.date, path: Path = POLICY_FILE) -> FitPolicy:
    """What is in force on a day.

    Raises:
        NotInForceError: the day lies before the first version of some number.
        FileMistakesError: with a line for every mistake in the file.
    """
    return dated_numbers(FitPolicy, path, day)


def fit_gates(judged: FitBeside, policy: FitPolicy, candidate: Candidate) -> tuple[Gate, ...]:
    """Every gate, passed or not, in one order."""
    return (
        digest_gate(judged.model, judged.champion, candidate),
        fresh_gate(judged.on, policy.most_days_old, candidate),
        out_of_time_gate(judged.first_day, judged.last_day, candidate, text=OUT_OF_TIME),
        _enough(judged.approval, policy),
        *_against(judged, policy, candidate),
        _calibrated(judged.approval, policy),
        _banks_calibrated(judged.approval, policy),
    )


def _enough(approval: HeadJudged | None, policy: FitPolicy) -> Gate:
    rows = approval.rows if approval else 0
    yes = round(approval.share * rows) if approval else 0
    return Gate(
        name="enough",
        passed=rows >= policy.fewest_rows and min(yes, rows - yes) >= policy.fewest_of_each,
        given=f"{rows:,}: {yes:,} approved 批准, {rows - yes:,} refused 拒绝",
        expected=f"≥ {policy.fewest_rows:,.0f}, ≥ {policy.fewest_of_each:,.0f} each",
        zh="评估申请数足够",
        en="Answered applications enough to judge by",
    )


def _against(judged: FitBeside, policy: FitPolicy, candidate: Candidate) -> Iterator[Gate]:
    """The gates of the comparison with the champion."""
    has_none = candidate.champion is None
    expected = f"log loss high ≤ +{policy.most_loss_rise:g}"
    approval, kept = judged.approval_difference, judged.kept_difference
    yield Gate(
        name="approval_not_worse",
        passed=has_none or _is_surely_not_worse(approval, policy),
        given=candidate.why_none if has_none else _told(approval),
        expected=expected,
        zh="批准概率的对数损失不明显高于现任冠军",
        en="Approval is told surely not much worse than by the champion, on the same applications",
    )
    loans = judged.kept.rows if judged.kept else 0
    too_few = loans < policy.fewest_kept
    told = f"{loans} loans, too few to judge 样本太少，未判" if too_few else _told(kept)
    yield Gate(
        name="kept_not_worse",
        passed=has_none or too_few or _is_surely_not_worse(kept, policy),
        given=candidate.why_none if has_none else told,
        expected=f"{expected}; from 起 {policy.fewest_kept:,.0f} loans 笔",
        zh="提款并按约归还概率的对数损失不明显高于现任冠军",
        en="Drawing and repaying is told surely not much worse than by the champion, where enough fates are known",
    )


def _is_surely_not_worse(difference: Estimate | None, policy: FitPolicy) -> bool:
    return difference is not None and difference.high <= policy.most_loss_rise


def _told(difference: Estimate | None) -> str:
    if difference is None:
        return "not compared 未比较"
    return f"log loss {difference.value:+.4f} [{difference.low:+.4f}, {difference.high:+.4f}]"


def _calibrated(approval: HeadJudged | None, policy: FitPolicy) -> Gate:
    ece, floor = (approval.metrics["ece"], approval.metrics["ece_floor"]) if approval else (UNKNOWN, UNKNOWN)
    return Gate(
        name="calibrated",
        passed=ece.value <= floor.high + policy.highest_ece,
        given=f"ECE {ece.value:.4f}, by chance 偶然 {floor.value:.4f} (≤ {floor.high:.4f})",
        expected=f"≤ {floor.high:.4f} + {policy.highest_ece:g}",
        zh="批准概率总体校准良好",
        en="Probabilities of approval are calibrated over all",
    )


def _banks_calibrated(approval: HeadJudged | None, policy: FitPolicy) -> Gate:
    judged = [bank for bank in approval.banks if bank.rows >= policy.fewest_bank_rows] if approval else []
    bad = off(judged, most=policy.highest_bank_ece, error=policy.bank_error)
    worst = sorted(bad or judged, key=lambda bank: bank.floor - bank.ece.value)[: MOST_NAMED if bad else 1]
    told = [f"{bank.bank_id} ECE {bank.ece.value:.4f}, by chance 偶然 {bank.floor:.4f}" for bank in worst]
    return Gate(
        name="banks_calibrated",
        passed=not bad,
        given="; ".join([*told, f"{len(judged)} banks judged 家银行已检验"]),
        expected=f"≤ by chance 偶然 + {policy.highest_bank_ece:g}, Holm",
        zh="各银行批准概率校准良好",
        en="Probabilities of approval are calibrated at every bank with enough applications",
    )


def off(banks: Sequence[BankJudged], *, most: float, error: float) -> tuple[BankJudged, ...]:
    """Banks whose calibration error is surely more than `most` above what chance makes, with error `error` (Holm 1979).

    The interval's lower half gives the standard error, se = (ece - low) / 1.96; p = 1 - Φ((ece - most - floor) / se).
    In the order of p, the k-th of n is off if all before it are and its p is at most error / (n - k + 1).
    """
    chances = sorted(((_chance(bank, most), bank) for bank in banks), key=lambda one: (one[0], one[1].bank_id))
    found = []
    for place, (chance, bank) in enumerate(chances):
        if chance > error / (len(chances) - place):
            break
        found.append(bank)
    return tuple(found)


def _chance(bank: BankJudged, most: float) -> float:
    excess, spread = bank.ece.value - most - bank.floor, (bank.ece.value - bank.ece.low) / NORMAL
    if not spread > 0:
        return 0.0 if excess > 0 else 1.0
    return float(norm.sf(excess / spread))
