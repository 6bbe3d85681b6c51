"""What a model may not be taken for, in Chinese and English."""

from collections.abc import Iterator

from scoring.pd import PdCurve
from training.cohort import Cohort


def limits_of(cohort: Cohort, *, is_apart: bool, curve: PdCurve | None) -> Iterator[dict[str, str]]:
    """Sentences for the card.

    Args:
        cohort: the rows learned from.
        is_apart: whether the model was judged on later days and other enterprises.
        curve: what its points mean, if it says so.
    """
    enterprises, defaults = cohort.codes.n_unique(), int(cohort.defaulted.sum())
    if not is_apart:
        yield {
            "zh": f"样本{enterprises}户、违约{defaults}户，未按时间切分检验，仅做企业间交叉验证。",
            "en": f"{enterprises} enterprises, {defaults} defaults: too few for a split by time; "
            "the model was judged across enterprises only.",
        }
    yield _of_the_pd(curve)
    if not cohort.is_dated:
        yield {
            "zh": "标签未注明违约日期，特征窗口可能包含违约之后的行为；"
            f"样本违约率{cohort.default_rate:.0%}不是12个月违约率，分数按假定的总体违约率做了先验校正。",
            "en": "The labels carry no day, so the windows of the features may contain behaviour after the "
            f"default; the sample's {cohort.default_rate:.0%} is no 12-month default rate, and the score is "
            "prior-corrected to an assumed rate.",
        }


def _of_the_pd(curve: PdCurve | None) -> dict[str, str]:
    if curve is None:
        return {
            "zh": "分数用于排序和说明，不给出12个月违约概率（PD）。",
            "en": "The score ranks and explains; no probability of default within 12 months (PD) is claimed.",
        }
    if curve.of == "alike":
        return {
            "zh": "违约概率区间针对同分企业的平均违约概率；单个企业的真实概率可能相差更远，仅凭结果无法得知。",
            "en": "The interval of the PD is for the mean of enterprises of this score; a single one may lie further "
            "away, which outcomes alone cannot tell.",
        }
    return {
        "zh": "违约概率区间的宽度取自模拟城市的真实概率，现实中无人知晓。",
        "en": "The width of the PD's interval is taken from the true PDs of a simulated city; nobody knows real ones.",
    }
