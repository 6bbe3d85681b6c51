import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from held_rows import SEEN, Linear, held_rows

from features.sets import FEATURES
from training.evaluation.leakage import probes
from training.evaluation.looked import Looked
from training.evaluation.types import Finding

NOISE = 200


def column(name):
    """A feature of a name of its own, for a planted column."""
    return replace(FEATURES["sales_12m"], name=name)


def told(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(one.probe, one.feature) for one in findings}


@pytest.fixture(scope="module")
def held():
    return held_rows(enterprises=500, days=4)


def planted(held, values):
    """What the probes say of honest rows with one more column."""
    profiles = held.profiles.with_columns(pl.Series("planted", values))
    return probes(profiles, held.defaulted, (*SEEN, column("planted")), model=Linear())


def test_honest_rows_give_no_finding(held):
    assert probes(held.profiles, held.defaulted, SEEN, model=Linear()) == ()


@pytest.mark.parametrize("seed", range(5))
def test_two_hundred_columns_of_noise_give_no_finding(seed):
    rng = np.random.default_rng(seed)
    rows = 300
    noise = {f"noise{number}": rng.normal(size=rows) for number in range(NOISE)}
    profiles = pl.DataFrame({"enterprise_id": [f"Y{number:04}" for number in rng.permutation(rows)], **noise})
    profiles = profiles.with_columns(pl.when(pl.col("noise1") > 0).then("noise0").alias("noise0"))
    defaulted = (rng.random(rows) < 0.06).astype(np.int64)
    assert probes(profiles, defaulted, tuple(map(column, noise))) == ()


def test_a_feature_that_ranks_too_well_alone_is_named(held):
    rng = np.random.default_rng(0)
    findings = planted(held, held.defaulted * 3.0 + rng.normal(size=len(held.defaulted)))
    assert ("alone", "planted") in told(findings)
    assert next(one.value for one in findings if one.probe == "alone") > 0.95


def test_a_feature_far_ahead_of_the_model_is_named(held):
    rng = np.random.default_rng(0)
    values = held.defaulted * 2.1 + rng.normal(size=len(held.defaulted))
    assert ("alone", "planted") in told(planted(held, values))


def test_a_value_that_stands_for_default_in_the_midst_of_others_is_named(held):
    """Half the defaults have the value 7, among 0 … 13 of all others: no order ranks it."""
    rng = np.random.default_rng(0)
    values = rng.integers(0, 14, len(held.defaulted)).astype(float)
    values[values == 7] = 6
    values[(held.defaulted == 1) & (rng.random(len(values)) < 0.5)] = 7
    findings = planted(held, values)
    assert told(findings) == {("disguise", "planted")}
    assert "= 7" in findings[0].zh
    assert "= 7" in findings[0].en


def test_bands_that_tell_the_label_without_a_pure_rule_are_named(held):
    """Defaults have even whole numbers, sound rows odd ones, and one in thirty the other way round."""
    rng = np.random.default_rng(0)
    wrong = rng.random(len(held.defaulted)) < 0.03
    values = 2.0 * rng.integers(0, 8, len(held.defaulted)) + (held.defaulted == wrong)
    assert ("disguise", "planted") in told(planted(held, values))


def test_a_column_filled_in_after_the_default_is_named_by_its_nulls(held):
    rng = np.random.default_rng(0)
    values = [float(rng.normal()) if bad else None for bad in held.defaulted]
    assert ("missingness", "planted") in told(planted(held, values))


def test_nulls_that_stand_for_default_are_a_rule(held):
    values = [None if bad else float(number) for number, bad in enumerate(held.defaulted)]
    findings = planted(held, values)
    assert any(one.probe == "disguise" and "null" in one.en for one in findings)


def test_a_block_whose_absence_tells_is_named_once_for_all_its_features(held):
    gone = (held.defaulted == 1) & (np.arange(len(held.defaulted)) % 10 != 0)
    lost = [one.name for one in SEEN if "tax" in one.blocks]
    profiles = held.profiles.with_columns(
        pl.Series("has_tax", ~gone),
        *(pl.when(pl.Series(gone)).then(None).otherwise(name).alias(name) for name in lost[:1]),
    )
    missing = [one.feature for one in probes(profiles, held.defaulted, SEEN) if one.probe == "missingness"]
    assert "has_tax" in missing


def test_a_column_copied_from_the_future_is_named(held):
    later = held.profiles.select(pl.col("sales_12m").shift(-1).over("enterprise_id")).to_series()
    findings = planted(held, later)
    assert ("future", "planted") in told(findings)
    assert all(one.feature == "planted" for one in findings)


def test_an_older_value_of_another_feature_is_no_leak(held):
    """What looks back further may be today what the other was a year ago."""
    earlier = held.profiles.with_columns(pl.col("sales_12m").shift(1).over("enterprise_id").alias("planted"))
    older = replace(column("planted"), window=24)
    assert probes(earlier, held.defaulted, (*SEEN, older)) == ()


def test_codes_given_in_the_order_of_fate_are_named(held):
    fate = held.profiles.select("enterprise_id").with_columns(bad=pl.Series(held.defaulted))
    ever = fate.group_by("enterprise_id").agg(pl.col("bad").max()).sort("bad", "enterprise_id")
    renamed = ever.with_columns(code="Y" + pl.int_range(pl.len()).cast(pl.String)).select("enterprise_id", "code")
    profiles = held.profiles.join(renamed, on="enterprise_id", maintain_order="left")
    profiles = profiles.with_columns(enterprise_id="code").drop("code").sample(fraction=1.0, shuffle=True, seed=0)
    again = profiles.select("enterprise_id", "as_of").with_row_index()
    assert again.height == len(held.defaulted)
    original = held.profiles.select("enterprise_id", "as_of").with_columns(bad=pl.Series(held.defaulted))
    coded = original.join(renamed, on="enterprise_id").select(pl.col("code").alias("enterprise_id"), "as_of", "bad")
    labels = profiles.join(coded, on=["enterprise_id", "as_of"], maintain_order="left")["bad"].to_numpy()
    assert told(probes(profiles, labels, SEEN)) == {("order", "enterprise_id")}


def test_rows_in_the_order_of_the_label_are_named():
    rng = np.random.default_rng(0)
    defaulted = np.repeat([0, 1], [150, 50])
    codes = [f"Y{number:04}" for number in rng.permutation(200)]
    profiles = pl.DataFrame({"enterprise_id": codes, "x": rng.normal(size=200)})
    assert told(probes(profiles, defaulted, (column("x"),))) == {("order", "row_number")}


def test_rows_sorted_by_a_feature_are_judged_by_that_feature_only():
    rng = np.random.default_rng(0)
    values = np.sort(rng.normal(size=400))
    defaulted = (rng.random(400) < 1 / (1 + np.exp(1 - 1.5 * values))).astype(np.int64)
    codes = [f"Y{number:04}" for number in rng.permutation(400)]
    assert probes(pl.DataFrame({"enterprise_id": codes, "x": values}), defaulted, (column("x"),)) == ()


def test_the_same_row_many_times_is_no_more_certain():
    """Twelve enterprises with a default, each on fifty days, are twelve, not six hundred."""
    rng = np.random.default_rng(4)
    once = rng.normal(size=40)
    profiles = pl.DataFrame(
        {
            "enterprise_id": np.repeat([f"Y{number:02}" for number in rng.permutation(40)], 50),
            "as_of": [dt.date(2020 + number // 12, 1 + number % 12, 1) for number in range(50)] * 40,
            "x": np.repeat(np.where(np.arange(40) < 12, once + 2.0, once), 50),
        }
    )
    defaulted = np.repeat(np.arange(40) < 12, 50).astype(np.int64)
    assert not [one for one in probes(profiles, defaulted, (column("x"),)) if one.probe == "disguise"]


def test_enterprises_count_towards_confidence_not_rows():
    """12 enterprises with defaults among 40: se 0.101, so that 0.75 is chance; as many rows of 2,000 firms are not."""
    defaulted, many = np.repeat(np.arange(40) < 12, 50).astype(np.int64), np.arange(2_000)
    x = {"x": np.zeros(2_000)}
    few_firms = pl.DataFrame({"enterprise_id": np.repeat([f"Y{number:02}" for number in range(40)], 50), **x})
    many_firms = pl.DataFrame({"enterprise_id": [f"Y{number:04}" for number in range(2_000)], **x})
    assert not Looked.at(few_firms, defaulted, (column("x"),)).is_beyond_chance(0.75, many)
    assert Looked.at(many_firms, defaulted, (column("x"),)).is_beyond_chance(0.75, many)


@pytest.mark.parametrize(("sign", "said"), [(-1, "≤"), (1, "≥")])
def test_a_threshold_beyond_which_all_default_is_named(held, sign, said):
    rng = np.random.default_rng(0)
    values = rng.random(len(held.defaulted))
    values[(held.defaulted == 1) & (rng.random(len(values)) < 0.5)] += 2.0
    found = next(one for one in planted(held, sign * values) if one.probe == "disguise")
    assert (found.feature, said in found.en) == ("planted", True)


def test_one_kind_only_tells_nothing(held):
    assert probes(held.profiles, np.zeros(len(held.defaulted), dtype=np.int64), SEEN, model=Linear()) == ()
