import datetime as dt
import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from asked import NAMES, SEEN, asked, reference_of
from cities import invoice_records
from small_trees import small_model

from features.profile import profiles
from features.sets import INVOICE_FLOW
from scoring.folder import load, save
from training.cohort import Cohort
from training.drift.reference import Reference, read, text_of, write
from training.drift.requests import DriftError, Requests

AS_OF = dt.date(2026, 10, 31)


@pytest.fixture(scope="module")
def reference():
    return reference_of(asked(24))


@pytest.fixture(scope="module")
def model():
    return small_model(invoice_records(30, months=26), AS_OF)


def test_it_survives_its_file(reference, tmp_path):
    write(reference, tmp_path / "made" / "drift.json")
    assert read(tmp_path / "made" / "drift.json") == reference
    assert read(tmp_path / "made") == reference


def test_it_tells_what_it_is_of(reference):
    assert list(reference.features) == list(NAMES)
    assert (reference.rows, reference.enterprises, reference.months) == (24 * 300, 900, 24)
    assert reference.policies == ("first",)


def test_other_definitions_of_its_features_are_refused(reference, tmp_path):
    content = reference.as_json() | {"feature_digest": "sha256:0"}
    (tmp_path / "drift.json").write_text(json.dumps(content), "utf-8")
    with pytest.raises(DriftError, match="other definitions"):
        read(tmp_path / "drift.json")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1}'])
def test_a_file_that_is_no_reference_is_named(content, tmp_path):
    (tmp_path / "drift.json").write_text(content, "utf-8")
    with pytest.raises(DriftError, match=r"drift\.json: no reference"):
        read(tmp_path)


def test_another_format_is_refused(reference, tmp_path):
    (tmp_path / "drift.json").write_text(json.dumps(reference.as_json() | {"format": 9}), "utf-8")
    with pytest.raises(DriftError, match="format 9"):
        read(tmp_path)


def test_it_travels_with_a_model_and_the_digest_covers_it(reference, model, tmp_path):
    plain = save(model, tmp_path / "plain").digest
    first = save(replace(model, requests=text_of(reference)), tmp_path / "first")
    again = save(load(tmp_path / "first"), tmp_path / "again")
    assert again.digest == first.digest != plain
    assert read(tmp_path / "again") == reference


def test_a_folder_with_one_may_be_replaced_by_a_model_without(reference, model, tmp_path):
    save(replace(model, requests=text_of(reference)), tmp_path / "model")
    save(model, tmp_path / "model")
    assert load(tmp_path / "model").requests is None


def test_of_a_training_sample(model):
    records = invoice_records(30, months=26)
    days = (dt.date(2026, 4, 1), dt.date(2026, 7, 1), AS_OF)
    seen = pl.concat(profiles(records, INVOICE_FLOW, day).with_columns(as_of=pl.lit(day)) for day in days)
    defaulted = np.arange(seen.height) % 10 == 0
    cohort = Cohort(seen, defaulted.astype(np.int64), INVOICE_FLOW, days[0], days[-1], "next_12_months")
    made = Reference.of_cohort(model, cohort, version="7")
    assert (made.rows, made.enterprises, made.months) == (90, 30, 3)
    assert sum(made.fates.defaulted) == 9
    assert made.fates.known_by == ()
    assert "months_observed" not in made.features
    assert Reference.from_json(json.loads(json.dumps(made.as_json()))) == made


def test_no_requests_make_no_reference():
    none = Requests.of(asked(1).clear().drop("luck", "wait"))
    with pytest.raises(DriftError):
        Reference.of_requests(none, SEEN, model_version="1", on=AS_OF)
