"""No enterprise on both sides, no window over the border, every row judged at most once."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sources.codes import placeholder_code
from training.split import Split, SplitError, folds, forward_folds, out_of_time

QUARTERS = [(dt.date(2020 + n // 4, 3 * (n % 4) + 1, 1) - dt.date(1970, 1, 1)).days for n in range(12)]


def number(text):
    return (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days


def end_of_window(days):
    """The same day of the next year; no day here is a 29 February."""
    dates = [dt.date(1970, 1, 1) + dt.timedelta(days=int(day)) for day in days]
    return np.array([(day.replace(year=day.year + 1) - dt.date(1970, 1, 1)).days for day in dates])


@st.composite
def samples(draw):
    """Days, enterprises and outcomes of some rows: each enterprise at most once a day."""
    quarters = draw(st.integers(4, 12))
    many = draw(st.integers(8, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    held = np.argwhere(rng.random((many, quarters)) < draw(st.floats(0.4, 1.0)))
    assume(len(held))
    defaulted = (rng.random(len(held)) < draw(st.floats(0.1, 0.6))).astype(np.int64)
    return np.array(QUARTERS)[held[:, 1]], held[:, 0].astype(np.int64), defaulted


def share_no_enterprise(split, enterprises):
    return not set(enterprises[split.train]) & set(enterprises[split.test])


def holds_both(split, defaulted):
    return all(set(defaulted[rows]) == {0, 1} for rows in (split.train, split.test))


def grid(many=100, quarters=8, every=5):
    """Every enterprise in every quarter; each fifth enterprise defaults after each."""
    enterprises = np.repeat(np.arange(many), quarters)
    return np.tile(QUARTERS[:quarters], many), enterprises, (enterprises % every == 0).astype(np.int64)


@given(samples(), st.floats(0.1, 0.9), st.integers(0, 5))
def test_out_of_time_is_apart_in_enterprises_and_in_windows(sample, share, seed):
    days, enterprises, _ = sample
    try:
        split = out_of_time(days, enterprises, test_share=share, seed=seed)
    except SplitError:
        return
    begins = number(split.test_from.isoformat())
    assert share_no_enterprise(split, enterprises)
    assert (end_of_window(days[split.train]) <= begins).all()
    assert (days[split.test] >= begins).all()
    assert not (split.train & split.test).any()
    assert sum(split.unused.values()) == (~split.train & ~split.test).sum()


@given(samples(), st.integers(2, 6), st.integers(0, 5))
def test_folds_judge_every_row_once_by_other_enterprises(sample, count, seed):
    days, enterprises, defaulted = sample
    try:
        made = folds(days, enterprises, defaulted, count=count, seed=seed)
    except SplitError:
        return
    assert 2 <= len(made) <= count
    assert (sum(split.test.astype(int) for split in made) == 1).all()
    for split in made:
        assert (split.train == ~split.test).all()
        assert share_no_enterprise(split, enterprises)
        assert holds_both(split, defaulted)


@settings(max_examples=200)
@given(samples(), st.integers(1, 6), st.integers(0, 5))
def test_forward_folds_learn_from_the_past_of_others(sample, count, seed):
    days, enterprises, defaulted = sample
    try:
        made = forward_folds(days, enterprises, defaulted, count=count, seed=seed)
    except SplitError:
        return
    assert 1 <= len(made) <= count
    assert (sum(split.test.astype(int) for split in made) <= 1).all()
    assert [split.test_from for split in made] == sorted(split.test_from for split in made)
    for split in made:
        begins = number(split.test_from.isoformat())
        assert (end_of_window(days[split.train]) <= begins).all()
        assert (days[split.test] >= begins).all()
        assert share_no_enterprise(split, enterprises)
        assert holds_both(split, defaulted)


def test_the_test_begins_with_the_last_quarter_of_the_days():
    days, enterprises, _ = grid(quarters=8)  # 2020-01-01 to 2021-10-01; the seventh and eighth are the last quarter
    split = out_of_time(days, enterprises)
    assert split.test_from == dt.date(2021, 7, 1)
    assert sorted(set(days[split.train])) == QUARTERS[:3]  # 2020-07-01 and a year = 2021-07-01
    assert sorted(set(days[split.test])) == QUARTERS[6:8]


def test_the_test_begins_later_where_nobody_could_be_learned_from():
    days, enterprises, _ = grid(quarters=12)
    some = np.isin(days, [*QUARTERS[:4], QUARTERS[11]])
    split = out_of_time(days[some], enterprises[some])
    assert split.test_from == dt.date(2022, 10, 1)  # the fourth of five days is 2020-10-01: less than a year's past


def test_a_day_may_be_named():
    days, enterprises, _ = grid(quarters=8)
    split = out_of_time(days, enterprises, test_from=dt.date(2021, 2, 1))
    assert sorted(set(days[split.train])) == QUARTERS[:1]
    assert sorted(set(days[split.test])) == QUARTERS[5:8]


def test_a_window_that_ends_on_the_first_day_of_the_test_is_over():
    days, enterprises = np.array([number("2020-01-01"), number("2020-01-02"), number("2021-01-01")]), np.arange(3)
    seed = next(s for s in range(99) if out_of_time_or_none(days, enterprises, s))
    split = out_of_time(days, enterprises, seed=seed)
    assert split.train.tolist() == [True, False, False]
    assert split.unused["embargo"] == 1


def out_of_time_or_none(days, enterprises, seed):
    """Whether the draw tests the third enterprise only."""
    try:
        split = out_of_time(days, enterprises, seed=seed)
    except SplitError:
        return False
    return split.unused["embargo"] == 1


def test_about_the_share_wanted_is_tested():
    days, enterprises, _ = grid(many=5_000, quarters=5)
    split = out_of_time(days, enterprises, test_share=0.3)
    assert len(set(enterprises[split.test])) / 5_000 == pytest.approx(0.3, abs=0.025)  # 4 standard errors


def test_an_enterprise_stays_on_its_side_when_data_grow():
    codes = pl.Series([placeholder_code("QQ", n, registrar_area="110105") for n in range(300)])
    few, more = codes.head(100), codes.sample(fraction=1.0, shuffle=True, seed=1)
    days = np.array([QUARTERS[0], QUARTERS[4]])

    def tested(some):
        rows = pl.concat([some, some])
        split = out_of_time(np.repeat(days, len(some)), rows)
        return set(rows.filter(pl.Series(split.test)))

    assert tested(few) == tested(more) & set(few)
    assert tested(more) != tested(few)


def test_another_seed_draws_others():
    days, enterprises, _ = grid()
    first, second = (out_of_time(days, enterprises, seed=seed) for seed in (0, 1))
    assert not np.array_equal(first.test, second.test)


def test_what_is_in_neither_is_told():
    split = Split(
        train=np.array([True, False, False, False]),
        test=np.array([False, True, False, False]),
        test_from=dt.date(2025, 7, 1),
        unused={"embargo": 1, "earlier": 1, "later": 0},
    )
    zh, en = split.told()
    assert en == (
        "1 rows to learn from, 1 to be judged on (from 2025-07-01), 2 in neither (embargo 1, earlier 1, later 0)"
    )
    assert (
        zh == "训练1行，检验1行（2025-07-01起），两者皆不用2行（表现期未结束1行、检验企业的早期1行、训练企业的后期0行）"
    )


def test_days_within_one_window_cannot_be_split_by_time():
    days, enterprises, defaulted = grid(quarters=4)
    with pytest.raises(SplitError, match="days: got 2020-01-01 to 2020-10-01, expected some that lie apart by the 12"):
        out_of_time(days, enterprises)
    with pytest.raises(SplitError, match="no day has both kinds before it"):
        forward_folds(days, enterprises, defaulted, count=3, seed=0)


def test_no_rows_are_refused_in_words():
    none = np.empty(0, np.int64)
    with pytest.raises(SplitError, match="days: got none"):
        out_of_time(none, none)
    with pytest.raises(SplitError, match="got no row to learn from, with days none"):
        out_of_time(none, none, test_from=dt.date(2020, 7, 1))
    with pytest.raises(SplitError, match="0 enterprises, 0 of them with a default"):
        folds(none, none, none, count=3, seed=0)
    with pytest.raises(SplitError, match="0 enterprises, 0 of them with a default, days none"):
        forward_folds(none, none, none, count=3, seed=0)


def test_a_day_with_nobody_to_learn_from_is_refused():
    days, enterprises, _ = grid(quarters=8)
    with pytest.raises(SplitError, match=r"got no row to learn from, .* a test from 2020-07-01"):
        out_of_time(days, enterprises, test_from=dt.date(2020, 7, 1))


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0])
def test_a_share_that_leaves_a_side_empty_is_refused(share):
    days, enterprises, _ = grid()
    with pytest.raises(SplitError, match="share of the test"):
        out_of_time(days, enterprises, test_share=share)


def test_a_side_with_few_defaults_is_refused_in_words():
    days, enterprises, defaulted = grid(many=100, every=10)  # ten enterprises default, so three or so are tested
    split = out_of_time(days, enterprises)
    with pytest.raises(SplitError, match=r"side: got \d enterprises with a default, expected at least 10"):
        split.checked(enterprises, defaulted)
    assert split.checked(enterprises, defaulted, fewest=1) is split
    assert split.checked(pl.Series(enterprises).cast(pl.String), defaulted, fewest=1) is split


def test_defaults_are_counted_by_enterprise():
    """Twelve rows of defaults in the test, but of three enterprises only."""
    train, test = np.arange(60) < 30, np.arange(60) >= 30
    enterprises = np.concatenate([np.arange(30), 30 + np.arange(30) // 4])
    defaulted = np.concatenate([np.arange(30) < 12, np.arange(30) < 12]).astype(np.int64)
    with pytest.raises(SplitError, match="test side: got 3 enterprises with a default"):
        Split(train, test).checked(enterprises, defaulted)


def test_folds_hold_defaults_in_equal_shares():
    days, enterprises, _ = grid(many=103, quarters=5)
    defaulted = ((enterprises < 17) & (days == QUARTERS[2])).astype(np.int64)
    shares = [int(defaulted[split.test].sum()) for split in folds(days, enterprises, defaulted, count=4, seed=3)]
    assert sorted(shares) == [4, 4, 4, 5]


def test_few_defaults_make_fewer_folds():
    days, enterprises, _ = grid(many=50)
    defaulted = (enterprises < 3).astype(np.int64)
    assert len(folds(days, enterprises, defaulted, count=5, seed=0)) == 3
    with pytest.raises(SplitError, match="50 enterprises, 1 of them with a default: cannot be dealt"):
        folds(days, enterprises, (enterprises == 0).astype(np.int64), count=5, seed=0)


def test_forward_folds_expand():
    days, enterprises, defaulted = grid(many=60, quarters=12)  # eight days have a day a year before them
    made = forward_folds(days, enterprises, defaulted, count=4, seed=0)
    assert [split.test_from.isoformat() for split in made] == ["2021-01-01", "2021-07-01", "2022-01-01", "2022-07-01"]
    assert [len(set(days[split.train])) for split in made] == [1, 3, 5, 7]
    assert [len(set(days[split.test])) for split in made] == [8, 6, 4, 2]
    assert all(len(set(enterprises[split.test])) == 15 for split in made)


def test_the_order_among_alike_enterprises_is_drawn():
    days, enterprises, defaulted = grid()
    first, second = (folds(days, enterprises, defaulted, count=5, seed=seed) for seed in (0, 1))
    assert not np.array_equal(first[0].test, second[0].test)
    again = folds(days, enterprises, defaulted, count=5, seed=0)
    assert all(np.array_equal(one.test, other.test) for one, other in zip(first, again, strict=True))
