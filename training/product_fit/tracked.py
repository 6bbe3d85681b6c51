"""A training of a model of fit in the active MLflow run: parameters, metrics, digest of the data, evaluation."""

import math

import mlflow

from training.product_fit.evaluate import to_json
from training.product_fit.train import TrainedFit

DESCRIBED = ("applications", "ruled_out_by_known_facts", "enterprises", "banks", "products", "as_of", "seed")


def log_fit(trained: TrainedFit) -> None:
    """Log all but the model itself: `Registry.register` logs that, at last."""
    training, evaluation = trained.model.card.training, trained.evaluation
    mlflow.log_params({name: training[name] for name in DESCRIBED})
    for head, growth in training["growth"].items():
        mlflow.log_params({f"{head}.{name}": value for name, value in growth.items()})
    values = {name: one.value for name, one in evaluation.metrics.items()}
    mlflow.log_metrics({name: value for name, value in values.items() if not math.isnan(value)})
    mlflow.set_tags({"data": evaluation.data, "data_digest": evaluation.data_digest})
    mlflow.log_dict(to_json(evaluation), "evaluation/at_training.json")
