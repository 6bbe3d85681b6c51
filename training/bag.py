"""A bag of small monotone LightGBM models, merged into one booster."""

from dataclasses import asdict, dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from features.definition import Feature
from scoring.model import Matrix

LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Settings:
    """How each member of the bag is grown."""

    num_leaves: int
    rounds: int
    feature_fraction: float = 0.5
    learning_rate: float = 0.1
    min_data_in_leaf: int = 5
    lambda_l2: float = 1.0
    bags: int = 10
    sample_fraction: float = 0.7

    def describe(self) -> dict[str, float]:
        return asdict(self)


def fit_bag(
    matrix: Matrix, defaulted: NDArray[np.int64], features: tuple[Feature, ...], settings: Settings, *, seed: int
) -> lgb.Booster:
    """Grow every member and merge them: the margin is the sum over the members."""
    return merge(fit_members(matrix, defaulted, features, settings, seed=seed))


def fit_members(
    matrix: Matrix, defaulted: NDArray[np.int64], features: tuple[Feature, ...], settings: Settings, *, seed: int
) -> list[lgb.Booster]:
    """Grow every member on its own draw of the rows; every other member asks about the whole history only.

    On a small sample the many windows of the last year are mostly noise, and where labels carry no day they may show
    what followed the default; on a larger one they tell most. A bag of both came close to the better of the two on
    every sample tried.
    Each draw keeps the share of defaults; the features' directions are monotone constraints. The first k rounds of a
    member are what a member of k rounds would be.
    """
    rng = np.random.default_rng(seed)
    scopes = _scopes(features)
    return [
        _fit_one(matrix, defaulted, features, settings, scopes[number % len(scopes)], rng)
        for number in range(settings.bags)
    ]


def _scopes(features: tuple[Feature, ...]) -> list[list[float]]:
    """Weights of the features' gains for one member after the other; a feature of weight 0 is never asked about."""
    whole = [1.0 if feature.sees_whole_history else 0.0 for feature in features]
    every = [1.0] * len(features)
    return [whole, every] if any(whole) else [every]


def _fit_one(
    matrix: Matrix,
    defaulted: NDArray[np.int64],
    features: tuple[Feature, ...],
    settings: Settings,
    scope: list[float],
    rng: np.random.Generator,
) -> lgb.Booster:
    rows = np.sort(np.concatenate([_draw(np.flatnonzero(defaulted == kind), settings, rng) for kind in (0, 1)]))
    names = [feature.name for feature in features]
    data = lgb.Dataset(matrix[rows], defaulted[rows], feature_name=names, params={"verbose": -1, "min_data_in_bin": 1})
    parameters: dict[str, Any] = {
        "objective": "binary",
        "num_leaves": settings.num_leaves,
        "learning_rate": settings.learning_rate,
        "feature_fraction": settings.feature_fraction,
        "min_data_in_leaf": settings.min_data_in_leaf,
        "lambda_l2": settings.lambda_l2,
        "monotone_constraints": [feature.monotone for feature in features],
        "feature_contri": scope,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "seed": int(rng.integers(LARGEST_SEED)),
        "verbose": -1,
    }
    return lgb.train(parameters, data, num_boost_round=settings.rounds)


def _draw(rows: NDArray[np.int64], settings: Settings, rng: np.random.Generator) -> NDArray[np.int64]:
    count = max(2, round(settings.sample_fraction * len(rows)))
    return rng.choice(rows, size=min(count, len(rows)), replace=False)


def merge(boosters: list[lgb.Booster]) -> lgb.Booster:
    """One booster whose trees are those of all members, so that its margin is the sum of theirs.

    LightGBM's text form is a header, the trees one after the other with the length of each in the header's
    `tree_sizes`, and a tail. Members must have the same features.
    """
    texts = [booster.model_to_string(num_iteration=-1) for booster in boosters]
    header, _, tail = _parts(texts[0])
    trees = [tree for text in texts for tree in _parts(text)[1]]
    numbered = [f"Tree={index}\n{tree.split(chr(10), 1)[1]}" for index, tree in enumerate(trees)]
    sizes = " ".join(str(len(tree.encode())) for tree in numbered)
    lines = [f"tree_sizes={sizes}" if line.startswith("tree_sizes=") else line for line in header.split("\n")]
    return lgb.Booster(model_str="\n".join(lines) + "".join(numbered) + tail)


def _parts(text: str) -> tuple[str, list[str], str]:
    start, end = text.index("Tree=0"), text.index("end of trees")
    body = text[start:end]
    starts = [0, *(i + 1 for i in range(len(body)) if body.startswith("\nTree=", i))]
    trees = [body[a:b] for a, b in zip(starts, [*starts[1:], len(body)], strict=True)]
    return text[:start], trees, text[end:]
