"""How models are made: cohorts, folds, fit, calibrate, evaluate, log, register."""

import os

# MLflow would otherwise tell its makers about every run; it reads this when it is imported.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
