"""What an evaluation says: plain values, the same for MLflow, for the page and for the gates of a promotion."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from training.metrics import Estimate

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Held:
    """The rows that models are judged on, none of whose enterprises they were fitted on.

    Attributes:
        name: of the data.
        digest: `sha256:…` over values and labels.
        profiles: one row an enterprise and day, with `enterprise_id`, `as_of` and every feature the models see.
        defaulted: 1 for a default within the window, same order.
        segments: one String column a way of dividing the rows (`district`, `industry`, `size`, `age`, `legal_form`,
            `missing_tax` …), same order; null = not known.
        true_pd: the chance that a simulated row had of defaulting; None where nobody knows.
    """

    name: str
    digest: str
    profiles: pl.DataFrame
    defaulted: Labels
    segments: pl.DataFrame
    true_pd: Floats | None = None


@dataclass(frozen=True)
class Identity:
    """Which model: version in the registry and digest of its folder."""

    version: str
    digest: str


@dataclass(frozen=True)
class Curve:
    """Points of a line, such as a ROC; all of equal length."""

    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True)
class Bin:
    """One bin of a reliability plot: mean PD said, share of defaults seen with its 95 % interval, rows."""

    said: float
    seen: Estimate
    rows: int


@dataclass(frozen=True)
class Tenth:
    """One tenth of the rows, riskiest first.

    Attributes:
        lift: share of defaults in this tenth ÷ share over all.
        gain: share of all defaults found up to here.
        lowest_score, highest_score: in points.
    """

    tenth: int
    rows: int
    defaults: int
    lift: float
    gain: float
    lowest_score: float
    highest_score: float


@dataclass(frozen=True)
class Month:
    """One cohort: how it did and how its scores moved away from the first one's (population stability index)."""

    as_of: dt.date
    rows: int
    defaults: int
    auc: Estimate
    psi: float


@dataclass(frozen=True)
class Drifting:
    """How a feature's distribution moved from the first to the last cohort (characteristic stability index)."""

    feature: str
    csi: float


@dataclass(frozen=True)
class Segment:
    """One part of the rows.

    Attributes:
        auc: where it holds defaults and sound rows enough; an Estimate of NaN otherwise, and `note` says so.
        ece: expected calibration error.
        default_rate, mean_pd: what happened and what was said.
        approved: share of its rows at or above the cut-off; for fairness between segments.
        missed: share of its sound rows below the cut-off.
        auc_difference: challenger less champion on the same rows; None without a champion.
        loss_difference: log loss, challenger less champion; None without a champion.
    """

    by: str
    name: str
    rows: int
    defaults: int
    auc: Estimate
    ece: Estimate
    default_rate: Estimate
    mean_pd: float
    approved: float
    missed: float
    auc_difference: Estimate | None
    loss_difference: Estimate | None
    note: str = ""


@dataclass(frozen=True)
class Cut:
    """What lending at and above a score would bring, in yuan for each yuan asked for, on the policy's margins."""

    score: float
    approved: float
    default_rate: float
    profit: Estimate


@dataclass(frozen=True)
class Finding:
    """Something that looks like a leak: which probe, which feature, the figure that gave it away, and a sentence."""

    probe: str
    feature: str
    value: float
    zh: str
    en: str


@dataclass(frozen=True)
class Proof:
    """Whether the margin moves with every constrained feature as promised, over every path of every tree.

    Attributes:
        trees, leaves: how many were examined.
        constrained: features with a direction.
        faults: for each broken promise, tree and feature; empty = proved.
    """

    trees: int
    leaves: int
    constrained: int
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Withheld:
    """What happens to scores when every row withholds one block.

    Attributes:
        rows: that had the block.
        rises: share of them whose score rises by more than 10 points.
        mean_shift: mean change in points; negative = withholding costs points.
    """

    block: str
    rows: int
    rises: float
    mean_shift: float


@dataclass(frozen=True)
class Comparison:
    """Challenger against champion on the same rows; positive AUC and negative loss speak for the challenger.

    Attributes:
        p_auc, p_loss: two-sided, paired, drawn by enterprise.
    """

    champion: Identity
    champion_auc: Estimate
    auc: Estimate
    loss: Estimate
    p_auc: float
    p_loss: float


@dataclass(frozen=True)
class Truth:
    """Beside the simulated truth: how near the ranking comes, and how often the interval holds the true PD."""

    auc_of_truth: Estimate
    gini_ratio: Estimate
    covered: Estimate
    nominal: float


@dataclass(frozen=True)
class Mover:
    """One of the features that move the score most: mean of its absolute contribution in points, and its sign."""

    feature: str
    zh: str
    en: str
    points: float
    direction: str


@dataclass(frozen=True)
class Evaluation:
    """All of it. Rates and probabilities are fractions; intervals are 95 %, drawn by enterprise."""

    model: Identity
    data: str
    data_digest: str
    on: dt.date
    rows: int
    enterprises: int
    defaults: int
    first_as_of: dt.date
    last_as_of: dt.date
    metrics: Mapping[str, Estimate]
    roc: Curve
    precision_recall: Curve
    reliability: Sequence[Bin]
    tenths: Sequence[Tenth]
    months: Sequence[Month]
    drifting: Sequence[Drifting]
    segments: Sequence[Segment]
    cuts: Sequence[Cut]
    movers: Sequence[Mover]
    findings: Sequence[Finding]
    proof: Proof
    withheld: Sequence[Withheld]
    out_of_distribution: Estimate
    comparison: Comparison | None
    truth: Truth | None
