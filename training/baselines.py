"""What the model must beat, on the same folds: logistic regression, and LightGBM as it comes."""

from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

from scoring.model import Matrix

PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
QUANTILES = 50


def logistic_regression(*, seed: int) -> Any:
    """Ranks, median for missing; the penalty chosen by inner cross-validation on log loss.

    Amounts span eight powers of ten and growth has long tails: of the transformations tried (signed logs, normal
    scores, ranks), ranks served this baseline best.
    """
    steps = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        QuantileTransformer(n_quantiles=QUANTILES),
        LogisticRegression(max_iter=5000),
    )
    inner = StratifiedKFold(5, shuffle=True, random_state=seed)
    return GridSearchCV(steps, {"logisticregression__C": list(PENALTIES)}, scoring="neg_log_loss", cv=inner)


def default_lightgbm() -> Any:
    """LightGBM with every setting at its default."""
    return lgb.LGBMClassifier(verbose=-1, num_threads=1, deterministic=True, force_row_wise=True)


def answers_of(
    estimator: Any, matrix: Matrix, defaulted: NDArray[np.int64], train: NDArray[np.int64], test: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Probability of default of the test rows after fitting on the training rows."""
    estimator.fit(matrix[train], defaulted[train])
    return np.asarray(estimator.predict_proba(matrix[test])[:, 1])
