"""What the benchmark of screening calls true, and its intervals."""

import datetime as dt

import polars as pl
import pytest

from benchmarks.screening import truth, wilson

AS_OF = dt.date(2025, 11, 1)
MONTHS = pl.date_range(dt.date(2024, 11, 1), dt.date(2026, 10, 1), interval="1mo", eager=True).to_list()
FIRM = {
    "role": "ordinary", "established_on": dt.date(2020, 1, 1), "born": dt.date(2020, 2, 1), "stopped": None,
    "pause": None, "resume": None, "default": None, "closed": None, "cancelled": None,
}  # fmt: skip
DAYS = dict.fromkeys(
    ("established_on", "born", "stopped", "pause", "resume", "default", "closed", "cancelled"), pl.Date
)


@pytest.fixture
def told(tmp_path):
    """Writes the truth of one firm with sales of 100 a month until AS_OF, and says what the benchmark makes of it."""

    def tell(*, after=100, **changes):
        firm = {"enterprise_id": "a"} | FIRM | changes
        months = {
            "enterprise_id": "a", "month": MONTHS, "trading": True,
            "sales_fen": [100 if month < AS_OF else after for month in MONTHS],
        }  # fmt: skip
        frames = {"firms": pl.DataFrame([firm], schema_overrides=DAYS), "months": pl.DataFrame(months)}
        for name, frame in frames.items():
            (tmp_path / "truth" / name).mkdir(parents=True, exist_ok=True)
            frame.write_parquet(tmp_path / "truth" / name / "part-0.parquet")
        return truth(tmp_path, AS_OF).to_dicts()

    return tell


@pytest.mark.parametrize(("after", "worth"), [(90, True), (89, False)])
def test_a_firm_that_keeps_nine_tenths_of_its_sales_is_worth_a_visit(told, after, worth):
    assert told(after=after)[0]["is_worth"] is worth


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "shell"},
        {"role": "idle", "stopped": dt.date(2025, 1, 1)},
        {"default": dt.date(2025, 10, 1)},
        {"default": dt.date(2026, 10, 1)},
        {"closed": dt.date(2026, 5, 1)},
    ],
)
def test_sham_failing_and_closing_firms_are_not(told, changes):
    assert told(**changes)[0]["is_worth"] is False


def test_an_idle_firm_that_has_not_stopped_yet_is_no_zombie_yet(told):
    assert told(role="idle", stopped=dt.date(2026, 1, 1))[0]["is_idle"] is False


def test_who_is_struck_off_is_not_judged(told):
    assert told(cancelled=dt.date(2025, 6, 1)) == []


def test_a_firm_at_lawful_rest_is_sound_and_a_kind_of_its_own(told):
    [row] = told(role="suspended", pause=dt.date(2025, 9, 1), resume=dt.date(2026, 2, 1))
    assert (row["is_sound"], row["kind"]) == (True, "at rest")


def test_the_interval_is_wilsons():
    """By hand for 8 of 10, z = 1.96: middle 0.717, half 0.227."""
    assert wilson(8, 10) == pytest.approx((0.490, 0.943), abs=0.001)


def test_an_interval_stays_within_0_and_1():
    assert wilson(0, 5)[0] == 0
    assert wilson(5, 5)[1] == 1
