"""A registry of models of fit for tests: versions that can be told apart, and good evaluations of them."""

import datetime as dt

from small_fits import small_fit

from scoring import fit_folder
from training.evaluation.as_json import to_json
from training.evaluation.types import Identity
from training.metrics import Estimate
from training.product_fit.beside import FitBeside
from training.product_fit.judged import HeadJudged
from training.product_fit.kind import FIT
from training.registry import Registry

ON = dt.date(2026, 11, 22)
SAID = {"who": "Lin", "why": "learned from outcomes", "policy_on": ON}
EVEN = Estimate(-0.02, -0.03, 0.0)


def fit_registry(tracker):
    """The models of fit of a store."""
    return Registry(tracker, FIT)


def promoted(registry, scratch, *, intercept):
    """A version of a given intercept, evaluated and made champion."""
    fit_folder.save(small_fit(version="", intercept=intercept), scratch / "trained")
    with registry.tracker.run("test") as run_id:
        version = registry.register(run_id, scratch / "trained")
    evaluated(registry, version, scratch)
    registry.promote(version, **SAID)
    return version


def evaluated(registry, version, scratch, **changes):
    """Log a good evaluation of a version against the present champion."""
    champion = registry.champion()
    metrics = {"ece": Estimate(0.05, 0.03, 0.07), "ece_floor": Estimate(0.05, 0.03, 0.07)}
    values = {
        "model": _identity(registry, version, scratch),
        "champion": _identity(registry, champion, scratch) if champion else None,
        "data": "posted outcomes",
        "data_digest": "sha256:" + "d" * 64,
        "on": ON,
        "first_day": dt.date(2026, 1, 1),
        "last_day": dt.date(2026, 6, 1),
        "metrics": {"approval_auc": Estimate(0.8, 0.7, 0.9)},
        "approval": HeadJudged(200, 100, 0.5, metrics, ()),
        "kept": None,
        "approval_difference": EVEN if champion else None,
        "kept_difference": None,
    }
    registry.log_evaluation(version, to_json(FitBeside(**(values | changes))), "<html></html>")


def _identity(registry, version, scratch):
    return Identity(version, registry.fetch(version, scratch / "fetched" / version).digest)
