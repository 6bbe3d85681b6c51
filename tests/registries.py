"""A small registry for tests: a store, a model, a version of it, and a good evaluation of that."""

import shutil
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from good_evaluation import GOOD
from small_trees import NAMES, trees

from features.sets import FEATURES
from scoring.card import Card
from scoring.explained import Band
from scoring.model import Calibration, Model
from training.evaluation.as_json import to_json
from training.evaluation.types import Identity
from training.tracking import Tracker


def store_with_tables(root: Path) -> Path:
    """The file of an empty store; to make its tables takes seconds, to copy it none."""
    Tracker.local(root).open()
    return root / "mlflow.db"


def copied(store: Path, root: Path) -> Tracker:
    """A store of its own below `root`."""
    tracker = Tracker.local(root)
    shutil.copy(store, root / "mlflow.db")
    with sa.create_engine(tracker.uri).begin() as connection:
        moved = sa.text("UPDATE experiments SET artifact_location = :place")
        connection.execute(moved, {"place": tracker.artifacts})
    return tracker


def model(seed=0):
    booster, _ = trees(leaves=3, rounds=3, seed=seed)
    return Model(
        booster=booster,
        features=tuple(FEATURES[name] for name in NAMES),
        calibration=Calibration(intercept=-0.3, slope=0.8, prior_shift=-2.0),
        bands={"sales_12m": Band(0.0, 1.0)},
        card=Card("creditworthiness", "", {"as_of": "2024-01-01/2025-06-01"}, {}, ()),
    )


def registered(registry, folder):
    """A version as a training run makes it."""
    with registry.tracker.run("test") as run_id:
        return registry.register(run_id, folder)


def evaluated(registry, version, tmp_path, **changes):
    """Log a good evaluation of a version against the present champion."""
    champion = registry.champion()
    against = None
    if champion:
        against = replace(GOOD.comparison, champion=identity(registry, champion, tmp_path))
    evaluation = replace(GOOD, model=identity(registry, version, tmp_path), comparison=against, **changes)
    registry.log_evaluation(version, to_json(evaluation), "<html></html>")
    return evaluation


def identity(registry, version, tmp_path):
    return Identity(version, registry.fetch(version, tmp_path / "fetched" / version).digest)
