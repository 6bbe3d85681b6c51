import json
import math
from dataclasses import replace

import pytest
from evaluations import bare, full, leaking

from training.evaluation.as_json import EvaluationJsonError, from_json, to_json
from training.metrics import Estimate


@pytest.mark.parametrize("evaluation", [full(), bare(), leaking("sales_12m")], ids=["full", "bare", "leaking"])
def test_what_is_written_is_read_the_same(evaluation):
    written = to_json(evaluation)
    read = from_json(json.loads(json.dumps(written, allow_nan=False)))
    assert to_json(read) == written
    assert read.metrics == evaluation.metrics or evaluation.rows == 50
    assert (read.on, read.model, read.proof) == (evaluation.on, evaluation.model, evaluation.proof)


def test_what_is_not_known_is_null_and_nan_again():
    unknown = replace(full(), out_of_distribution=Estimate(math.nan, math.nan, math.nan))
    written = to_json(unknown)
    assert written["out_of_distribution"] == {"value": None, "low": None, "high": None}
    assert math.isnan(from_json(written).out_of_distribution.low)


def test_an_infinite_number_is_refused_where_it_stands():
    with pytest.raises(EvaluationJsonError, match=r"evaluation.out_of_distribution.high: got inf"):
        to_json(replace(full(), out_of_distribution=Estimate(0.1, 0.0, math.inf)))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("rows", "12", "evaluation.rows: got '12', expected int"),
        ("rows", None, "evaluation.rows: got None, expected int"),
        ("on", "July", "evaluation.on: got 'July', expected a day"),
        ("roc", [], "evaluation.roc: got list, expected Mapping"),
        ("months", {}, "evaluation.months: got dict, expected list"),
        ("data", 3, "evaluation.data: got 3, expected str"),
    ],
)
def test_a_value_of_another_kind_is_refused_where_it_stands(field, value, message):
    with pytest.raises(EvaluationJsonError, match=message):
        from_json({**to_json(full()), field: value})


def test_a_missing_or_unknown_field_is_named():
    written = to_json(full())
    with pytest.raises(EvaluationJsonError, match="surprise"):
        from_json({**written, "surprise": 1})
    with pytest.raises(EvaluationJsonError, match="proof"):
        from_json({name: value for name, value in written.items() if name != "proof"})
