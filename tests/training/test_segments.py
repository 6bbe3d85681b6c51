"""Segments are what was known on the day; the same from memory, from a lake, with and without features in the rows."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.peers import deviations_of
from features.registry.entry import age_months
from features.sets import ALL, INVOICE_FLOW
from simulation.rows import rows
from sources.codes import placeholder_code
from sources.contracts import CONSENTS, REGISTRY
from sources.lake import write_lake
from sources.records import Records
from training.cohort import build_cohort
from training.segments import held, segments

UNTIL = dt.date(2026, 10, 31)
FIRMS = [placeholder_code("QQ", n, registrar_area="110105") for n in range(4)]
AS_OF = dt.date(2025, 7, 1)
BLOCKS = ("registry", "tax", "invoice", "bank", "people", "ip", "legal", "trade", "credit")


def register(*entries):
    """Records with a register only, of entries (firm, known_on, columns)."""
    given = [{"enterprise_id": FIRMS[n], "known_on": known_on, **columns} for n, known_on, columns in entries]
    days = pl.col("established_on", "known_on")
    frame = pl.DataFrame([{"established_on": None, **one} for one in given], infer_schema_length=None)
    frame = REGISTRY.typed(frame.with_columns(days.cast(pl.String).str.to_date()))
    return Records.of({"registry": frame}, enterprises=pl.Series(FIRMS))


def profile(*rows, missing=()):
    """Rows (firm, day) with flags only; `missing` = (row, block) that are not given."""
    flags = {f"has_{block}": [(n, block) not in missing for n in range(len(rows))] for block in BLOCKS}
    return pl.DataFrame({"enterprise_id": [FIRMS[n] for n, _ in rows], "as_of": [day for _, day in rows], **flags})


def test_the_register_counts_as_it_was_known_on_the_day():
    records = register(
        (0, "2024-01-01", {"district": "110105", "industry": "F5299", "legal_form": "limited_company"}),
        (0, "2025-07-02", {"district": "110108", "industry": "I6513", "legal_form": "joint_stock"}),
    )
    found = segments(profile((0, AS_OF), (0, dt.date(2025, 7, 2)), (0, dt.date(2023, 1, 1))), records)
    told = found.select("district", "industry", "legal_form").rows()
    assert told == [("110105", "F", "limited_company"), ("110108", "I", "joint_stock"), (None, None, None)]


@pytest.mark.parametrize(
    ("established_on", "age"),
    [
        ("2023-07-02", "<2"),  # one day less than two years
        ("2023-07-01", "2–5"),
        ("2020-07-02", "2–5"),
        ("2020-07-01", "5–10"),
        ("2015-07-02", "5–10"),
        ("2015-07-01", "≥10"),
        (None, None),
    ],
)
def test_bands_of_age_begin_on_the_day(established_on, age):
    records = register((0, "2024-01-01", {"established_on": established_on}))
    assert segments(profile((0, AS_OF)), records)["age"].item() == age


def test_sizes_rest_on_what_is_known():
    """In retail (F52) up to 9 people or under 1 million yuan are micro; 10 and with sales unknown it is not settled."""
    records = register(
        (0, "2024-01-01", {"industry": "F5211", "employees": 9}), (1, "2024-01-01", {"industry": "F5211"})
    )
    assert segments(profile((0, AS_OF), (1, AS_OF)), records)["size"].to_list() == ["micro", None]


def test_only_blocks_that_vary_divide():
    records = register((0, "2024-01-01", {}))
    gaps = {(0, "tax"), (0, "bank"), (1, "bank"), *((n, "trade") for n in range(3))}
    found = segments(profile((0, AS_OF), (1, AS_OF), (2, AS_OF), missing=gaps), records)
    assert [name for name in found.columns if name.startswith("missing")] == [
        "missing_tax", "missing_bank", "missing_blocks",
    ]  # fmt: skip
    assert found["missing_tax"].to_list() == ["not given", "given", "given"]
    assert found["missing_bank"].to_list() == ["not given", "not given", "given"]
    assert found["missing_blocks"].to_list() == ["3", "2", "1"]


def test_without_a_register_nothing_is_known():
    found = segments(profile((0, AS_OF), (1, AS_OF)), Records.of({}, enterprises=pl.Series(FIRMS)))
    assert found.select("district", "industry", "size", "age", "legal_form").null_count().row(0) == (2,) * 5


def test_before_there_was_a_standard_no_size_is_known():
    records = register((0, "1999-01-01", {"industry": "F5211", "employees": 9}))
    day = dt.date(2000, 1, 1)
    assert segments(profile((0, day)), records)["size"].to_list() == [None]
    needed = ("headcount", "sales_12m", "declared_sales_12m", "zero_filing_months_12m", "statement_revenue")
    told = profile((0, day)).with_columns(
        pl.lit(None, dtype=pl.Float64).alias(n) for n in (*needed, "statement_assets")
    )
    assert segments(told, records)["size"].to_list() == [None]


@pytest.fixture(scope="module")
def records():
    """Sixty firms, some of which do not consent to tax."""
    made = rows(60, rows_each=40, seed=2, until=UNTIL)
    codes = made.enterprises
    blocks = ("tax", "invoice", "bank", "people", "trade", "credit")
    consents = codes.to_frame().join(pl.DataFrame({"block": blocks}), how="cross")
    consents = consents.filter((pl.col("block") != "tax") | pl.col("enterprise_id").is_in(codes[:40].implode()))
    day = dt.date(2020, 1, 1)
    typed = CONSENTS.typed(consents.with_columns(granted_on=pl.lit(day), known_on=pl.lit(day)))
    return Records.of({**dict(made.tables()), "consents": typed}, enterprises=codes)


def labels(records):
    luck = np.random.default_rng(0)
    days = pl.DataFrame({"as_of": [dt.date(2026, 4, 1), dt.date(2026, 7, 1)]})
    several = records.enterprises.to_frame().join(days, how="cross")
    bad = pl.Series(luck.random(several.height) < 0.4)
    return several.with_columns(defaulted=bad, window=pl.lit("next_12_months"))


@pytest.fixture(scope="module")
def few(records):
    return build_cohort(records, labels(records), (INVOICE_FLOW[5], age_months))


@pytest.fixture(scope="module")
def expected(records, few):
    return segments(few.profiles, records)


def test_segments_have_the_order_of_the_rows(records, few, expected):
    for row in (0, 17, 63):
        alone = segments(few.take(np.array([row])).profiles, records)
        assert (
            alone.row(0, named=True).items()
            >= expected.select("district", "industry", "size", "age").row(row, named=True).items()
        )
    assert expected.height == len(few)
    assert set(expected.dtypes) == {pl.String}
    assert expected["size"].n_unique() > 1


def test_consent_that_is_lacking_is_not_given(few, expected):
    assert expected["missing_tax"].to_list() == ["given" if given else "not given" for given in few.profiles["has_tax"]]
    assert (expected["missing_tax"] == "not given").sum() == 40


@pytest.mark.parametrize("features", [ALL, (*INVOICE_FLOW, *deviations_of(INVOICE_FLOW))], ids=["all", "peers"])
def test_profiles_that_tell_sizes_are_believed(records, few, expected, features):
    rich = build_cohort(records, labels(records), features)
    key = ["enterprise_id", "as_of"]
    first = few.profiles.select(key).hstack(expected)
    second = rich.profiles.select(key).hstack(segments(rich.profiles, records))
    assert_frame_equal(first.sort(key), second.sort(key))
    only_register = Records(records.enterprises, registry=records.registry, consents=records.consents)
    assert_frame_equal(segments(rich.profiles, only_register), second.drop(key))


def test_a_lake_tells_the_same(records, few, expected, tmp_path):
    lake = write_lake(tmp_path / "lake", records, buckets=5, today=UNTIL)
    assert_frame_equal(segments(few.profiles, lake), expected)


def test_rows_to_judge_on(records, few, expected):
    rows_held = held(few, records, name="sixty")
    assert (rows_held.name, rows_held.digest, rows_held.true_pd) == ("sixty", few.digest, None)
    assert rows_held.profiles.equals(few.profiles)
    assert np.array_equal(rows_held.defaulted, few.defaulted)
    assert_frame_equal(rows_held.segments, expected)


def test_the_truth_finds_its_rows(records, few):
    truth = few.profiles.select("enterprise_id", "as_of", pd=pl.int_range(pl.len()) / 1000)
    shuffled = truth.sample(fraction=1.0, shuffle=True, seed=3).filter(pl.col("pd") != 0.007)
    found = held(few, records, name="sixty", true_pd=shuffled).true_pd
    assert np.isnan(found[7])
    assert np.array_equal(np.delete(found, 7), np.delete(truth["pd"].to_numpy(), 7))
    given = held(few, records, name="sixty", true_pd=truth["pd"].to_numpy()).true_pd
    assert np.array_equal(given, truth["pd"].to_numpy())


def test_a_truth_of_other_rows_is_none(records, few):
    assert (
        held(few, records, name="sixty", true_pd=few.profiles.select("enterprise_id", "as_of", pd=1.0).clear()).true_pd
        is None
    )
    with pytest.raises(ValueError, match="got 3 values, expected one for each of 120 rows"):
        held(few, records, name="sixty", true_pd=np.zeros(3))
