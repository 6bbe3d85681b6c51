"""A lake gives back what went in, bucket by bucket and enterprise by enterprise."""

import datetime as dt
import json
import shutil

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from samples import ENTERPRISES, invoice, invoice_frame, records_of

from simulation.rows import row_chunks, rows
from sources.contracts import ASIDE, CONSENTS, LABELS, TABLES
from sources.lake import LAKE_FILE, bucket_of, open_lake, write_lake
from sources.readers import Folder, read_source
from sources.records import Records
from sources.validation import UnusableTableError, no_rejects, validate

UNTIL = dt.date(2026, 10, 31)
FIRMS, BUCKETS = 40, 3


def sorted_rows(name, frame):
    return frame.sort({**TABLES, **ASIDE}[name].key, maintain_order=True)


def consents_of(codes):
    given = {"enterprise_id": codes, "block": ["bank"] * len(codes), "granted_on": [dt.date(2026, 1, 1)] * len(codes)}
    return validate(CONSENTS, pl.DataFrame(given), today=UNTIL).rows


def labels_of(codes):
    columns = {"enterprise_id": codes, "as_of": [dt.date(2025, 1, 1)] * len(codes), "defaulted": [False] * len(codes)}
    frame = pl.DataFrame({**columns, "window": ["undated"] * len(codes), "known_on": [UNTIL] * len(codes)})
    return validate(LABELS, frame, today=UNTIL).rows


@pytest.fixture(scope="module")
def city():
    return rows(FIRMS, rows_each=300, seed=1, until=UNTIL)


@pytest.fixture(scope="module")
def lake(city, tmp_path_factory):
    return write_lake(tmp_path_factory.mktemp("one") / "lake", city, buckets=BUCKETS, today=UNTIL)


@pytest.fixture
def own_lake(lake, tmp_path):
    """A copy that a test may damage."""
    return open_lake(shutil.copytree(lake.folder, tmp_path / "own"))


def test_all_buckets_together_are_what_went_in(city, lake):
    parts = [lake.read(bucket).records for bucket in range(BUCKETS)]
    for name, frame in city.tables():
        assert_frame_equal(sorted_rows(name, pl.concat([part.table(name) for part in parts])), sorted_rows(name, frame))
    assert pl.concat([part.enterprises for part in parts]).sort().equals(city.enterprises)
    assert lake.enterprises == FIRMS


def test_every_row_lies_in_the_bucket_of_its_enterprise_sorted_by_the_key(lake):
    for bucket in range(BUCKETS):
        folder = lake.read(bucket)
        for name, frame in folder.records.tables():
            assert {bucket_of(code, BUCKETS) for code in frame["enterprise_id"].unique()} <= {bucket}
            assert_frame_equal(frame, sorted_rows(name, frame))


def test_the_hash_is_the_same_everywhere():
    """CRC-32 of the code is 3,384,832,931 = 52,888,014 × 64 + 35."""
    assert bucket_of("Y1110108XP000001X5", 64) == 35


def test_chunks_give_the_same_lake_as_one_piece(lake, tmp_path):
    chunks = row_chunks(FIRMS, rows_each=300, seed=1, until=UNTIL, firms_each=7)
    chunked = write_lake(tmp_path / "chunked", chunks, buckets=BUCKETS, today=UNTIL)
    assert chunked.digest == lake.digest
    assert chunked.entry == lake.entry


def test_one_enterprise_is_found_with_all_its_rows_and_no_others(city, lake):
    code = city.enterprises[7]
    found = lake.find(code)
    alone = city.only(pl.Series([code]))
    assert found.enterprises.to_list() == [code]
    for name, frame in alone.tables():
        assert_frame_equal(found.table(name), sorted_rows(name, frame))


def test_an_enterprise_that_is_not_there_is_told(lake):
    with pytest.raises(KeyError, match="expected a code of one of 40 in the lake"):
        lake.find(ENTERPRISES[0])


def test_an_enterprise_without_rows_stays_in_scope(tmp_path):
    lake = write_lake(tmp_path / "lake", records_of([]), buckets=2, today=UNTIL)
    assert sorted(code for bucket in range(2) for code in lake.codes(bucket)) == sorted(ENTERPRISES)
    found = lake.find(ENTERPRISES[0])
    assert found.vat_invoices.is_empty()
    assert found.registry is None


def test_a_given_table_is_given_in_every_bucket(lake):
    for bucket in range(BUCKETS):
        assert set(dict(lake.read(bucket).records.tables())) == set(TABLES)


def test_consents_and_labels_come_back(city, tmp_path):
    codes = city.enterprises
    with_consents = Records.of({**dict(city.tables()), "consents": consents_of(codes)}, enterprises=codes)
    labels = labels_of(codes[:5])
    given = Folder(records=with_consents, rejects=no_rejects(), given={}, aside={"labels": labels})
    lake = write_lake(tmp_path / "lake", given, buckets=BUCKETS, today=UNTIL)
    parts = [lake.read(bucket) for bucket in range(BUCKETS)]
    assert sum(part.records.consents.height for part in parts) == FIRMS
    assert_frame_equal(pl.concat([part.labels for part in parts]).sort("enterprise_id"), labels)
    assert lake.find(codes[0]).consents["block"].to_list() == ["bank"]


def test_it_is_read_as_a_whole_like_any_source(city, lake):
    folder = read_source(lake.folder, today=UNTIL)
    assert folder.rejects.is_empty()
    assert_frame_equal(sorted_rows("loans", folder.records.loans), sorted_rows("loans", city.loans))


def test_some_tables_only(lake):
    folder = lake.read(0, tables=["loans", "registry"])
    assert [name for name, _ in folder.records.tables()] == ["registry", "loans"]
    assert folder.given == {"registry": folder.records.registry.height, "loans": folder.records.loans.height}


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda lake: lake.read(3), "got bucket 3, expected 0 to 2"),
        (lambda lake: lake.read(0, tables=["loan"]), "got table 'loan', expected some of registry"),
    ],
)
def test_what_is_not_in_the_lake_is_told(lake, ask, message):
    with pytest.raises(UnusableTableError, match=message):
        ask(lake)


def test_a_row_known_twice_over_several_chunks_is_a_reject(simple_invoice, tmp_path):
    once = records_of([simple_invoice])
    lake = write_lake(tmp_path / "lake", [once, once], buckets=1, today=UNTIL)
    assert lake.entry.rejected == {"vat_invoices": 1}
    assert pl.read_parquet(tmp_path / "lake" / "rejects" / "bucket=0000.parquet")["rule"].to_list() == ["duplicate"]
    assert lake.read(0).given == {"vat_invoices": 1}


def test_bad_rows_are_counted_and_cost_no_others(simple_invoice, tmp_path):
    late = {**simple_invoice, "number": "2", "issued_on": dt.date(2027, 1, 1), "known_on": dt.date(2027, 1, 1)}
    lake = write_lake(tmp_path / "lake", records_of([simple_invoice, late]), buckets=1, today=UNTIL)
    assert lake.entry.rejected == {"vat_invoices": 1}
    assert lake.find(ENTERPRISES[0]).vat_invoices["number"].to_list() == ["1"]


@pytest.mark.parametrize("code", ["Y1110108XP000001X6", None])
def test_a_code_that_cannot_be_is_a_reject_and_nobody_in_scope(simple_invoice, tmp_path, code):
    bad = invoice_frame([{**simple_invoice, "enterprise_id": code}])
    records = Records.of({"vat_invoices": bad}, enterprises=bad["enterprise_id"].drop_nulls())
    lake = write_lake(tmp_path / "lake", records, buckets=3, today=UNTIL)
    assert lake.enterprises == 0
    assert lake.entry.rejected == {"vat_invoices": 1}


def test_chunks_with_other_tables_are_told(city, tmp_path):
    with pytest.raises(ValueError, match="got 'bank_transactions' in some chunks only"):
        write_lake(tmp_path / "lake", [city, records_of([])], buckets=1, today=UNTIL)
    assert not (tmp_path / "lake").exists()


def test_a_writer_that_was_stopped_leaves_no_lake_and_the_next_one_begins_anew(city, tmp_path):
    def stopped():
        yield city
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_lake(tmp_path / "lake", stopped(), buckets=2, today=UNTIL)
    with pytest.raises(UnusableTableError, match="expected a lake"):
        open_lake(tmp_path / "lake")
    again = write_lake(tmp_path / "lake", city, buckets=2, today=UNTIL)
    assert again.enterprises == FIRMS
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]
    assert not (tmp_path / "lake" / "spilled").exists()


def test_a_folder_with_something_in_it_is_left_alone(lake, city):
    with pytest.raises(UnusableTableError, match="expected a folder that is not there yet"):
        write_lake(lake.folder, city, buckets=1, today=UNTIL)


@pytest.mark.parametrize("buckets", [0, 10_001])
def test_a_number_of_buckets_out_of_range_is_told(tmp_path, buckets):
    with pytest.raises(ValueError, match=f"buckets: got {buckets}, expected 1 to 10000"):
        write_lake(tmp_path / "lake", records_of([]), buckets=buckets, today=UNTIL)


def edited(lake, **changes):
    """The same lake with some entries of lake.json changed."""
    path = lake.folder / LAKE_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return lake.folder


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "lake.json: format: Input should be 1, got '2'"),
        ({"hash": "md5"}, "lake.json: hash: "),
        ({"buckets": 0}, "lake.json: buckets: "),
        ({"colour": "blue"}, "lake.json: colour: "),
        ({"tables": {"loan": {"rows": 0, "contract": ""}}}, "got table 'loan'"),
    ],
)
def test_a_lake_file_that_cannot_be_is_told(own_lake, changes, message):
    with pytest.raises(UnusableTableError, match=message):
        open_lake(edited(own_lake, **changes))


def with_unjudged_invoices(lake):
    entries = {name: entry.model_dump() for name, entry in lake.entry.tables.items()}
    return open_lake(edited(lake, tables={**entries, "vat_invoices": {**entries["vat_invoices"], "contract": ""}}))


def test_rows_that_somebody_else_wrote_are_judged_when_they_are_read(own_lake):
    path = own_lake.folder / "vat_invoices" / "bucket=0000.parquet"
    good = pl.read_parquet(path)
    bad = good.head(1).with_columns(number=pl.lit("x1"), voided_on=pl.col("issued_on") - pl.duration(days=1))
    pl.concat([good, bad.select(good.columns)]).write_parquet(path)
    foreign = with_unjudged_invoices(own_lake)
    assert not foreign.trusted["vat_invoices"]
    folder = foreign.read(0)
    assert folder.rejects["rule"].to_list() == ["voided_not_before_issued"]
    assert_frame_equal(folder.records.vat_invoices, good)


def test_rows_of_another_bucket_are_rejects_where_nobody_vouches_for_them(own_lake):
    wrong = own_lake.read(1).records.vat_invoices
    wrong.write_parquet(own_lake.folder / "vat_invoices" / "bucket=0000.parquet")
    folder = with_unjudged_invoices(own_lake).read(0)
    assert folder.records.vat_invoices.is_empty()
    assert folder.rejects["rule"].unique().to_list() == ["bucket"]
    assert folder.rejects.height == wrong.height


def test_a_file_with_other_columns_is_told(own_lake):
    path = own_lake.folder / "loans" / "bucket=0001.parquet"
    pl.read_parquet(path).drop("rate_bp").write_parquet(path)
    with pytest.raises(UnusableTableError, match=r"bucket 1 of loans does not have the columns .* look at 'rate_bp'"):
        own_lake.read(1)


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"PAR1")])
def test_a_missing_or_broken_file_is_told(own_lake, damage):
    damage(own_lake.folder / "loans" / "bucket=0001.parquet")
    with pytest.raises(UnusableTableError, match=r"bucket=0001.parquet: cannot be read"):
        own_lake.read(1)
    codes = own_lake.codes(1)
    with pytest.raises(UnusableTableError, match="bucket 1 cannot be read"):
        own_lake.find(codes[0])


@given(st.lists(invoice(), max_size=12), st.integers(1, 4))
def test_whatever_the_rows_find_and_read_agree(tmp_path_factory, drawn, buckets):
    """What `read` gives of an enterprise is what `find` gives."""
    checked = validate(TABLES["vat_invoices"], invoice_frame(drawn), today=dt.date(2026, 11, 22)).rows
    records = Records.of({"vat_invoices": checked}, enterprises=pl.Series(ENTERPRISES))
    folder = tmp_path_factory.mktemp("any") / "lake"
    lake = write_lake(folder, records, buckets=buckets, today=dt.date(2026, 11, 22))
    assert lake.entry.rejected == {}
    for code in ENTERPRISES:
        bucket = lake.read(bucket_of(code, buckets)).records.only(pl.Series([code]))
        assert_frame_equal(lake.find(code).vat_invoices, bucket.vat_invoices)
