"""How firms stand among their peers: quantiles by hand, whom a firm is compared with, and what may not matter."""

import json
from dataclasses import replace
from importlib import import_module
from pkgutil import walk_packages

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import features
from features.definition import Feature
from features.peers import (
    GROUP,
    PEER_BASES,
    Group,
    PeerReference,
    PeersError,
    Quantiles,
    deviation_of,
    deviations_of,
    fit_peers,
    in_groups,
)
from features.sets import FEATURES

MARGIN, SALES = FEATURES["margin_12m"], FEATURES["sales_12m"]
BASES = (MARGIN, SALES)
DEVIATIONS = tuple(map(deviation_of, BASES))
SHOPS, FARMS = Group("F", "micro"), Group("A", "small")


def frame(rows):
    """Profiles in groups from (section, size class, margin, sales)."""
    codes = [f"e{place}" for place in range(len(rows))]
    schema = {"industry_section": pl.String, "size_class": pl.String, "margin_12m": pl.Float64, "sales_12m": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").insert_column(0, pl.Series("enterprise_id", codes))


def of_group(group, margins):
    return [(group.industry_section, group.size_class, margin, 0.0) for margin in margins]


value = st.none() | st.integers(-1_000, 1_000).map(lambda n: n / 8) | st.floats(-1e15, 1e15)
row = st.tuples(st.sampled_from(["A", "F", None]), st.sampled_from(["micro", "small", None]), value, value)
population = st.lists(row, min_size=1, max_size=60)


def fitted(rows, minimum=3):
    return fit_peers(frame(rows), BASES, minimum=minimum)


def test_quantiles_by_hand():
    """Of 1 to 5 the quantiles lie at 1 + 4p."""
    rows = of_group(SHOPS, [5.0, 1.0, None, 4.0, 2.0, 3.0])
    found = fitted(rows).of("margin_12m", SHOPS)
    assert found == Quantiles(5, pytest.approx(1.4), 2.0, 3.0, 4.0, pytest.approx(4.6))


def test_a_deviation_by_hand():
    """Median 3, P25 2, P75 4: a margin of 4.5 is (4.5 - 3) / 2 above."""
    reference = fitted(of_group(SHOPS, [1.0, 2.0, 3.0, 4.0, 5.0]))
    seen = reference.deviations(frame(of_group(SHOPS, [4.5, 3.0, None, 99.0, -99.0])), DEVIATIONS)
    assert seen["margin_12m_vs_peers"].to_list() == [0.75, 0.0, None, 5.0, -5.0]


def test_where_peers_do_not_differ_there_is_no_deviation():
    reference = fitted(of_group(SHOPS, [7.0] * 5))
    seen = reference.deviations(frame(of_group(SHOPS, [7.0, 8.0])), DEVIATIONS)
    assert seen["margin_12m_vs_peers"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("asked", "answers"),
    [
        (SHOPS, 1.0),
        (Group("F", "small"), 2.0),
        (Group("F", None), 2.0),
        (Group("M", "micro"), 3.0),
        (Group(None, "micro"), 3.0),
        (Group("M", "large"), 4.0),
        (Group("M", None), 4.0),
        (Group(None, None), None),
    ],
)
def test_a_group_that_is_missing_gives_way_to_trade_then_size_then_all(asked, answers):
    medians = {SHOPS: 1.0, Group("F"): 2.0, Group(None, "micro"): 3.0, Group(): 4.0}
    reference = PeerReference(30, {g: {"margin_12m": Quantiles(30, m, m, m, m, m)} for g, m in medians.items()})
    found = reference.of("margin_12m", asked)
    assert (found and found.p50) == answers


def test_a_group_with_too_few_values_of_a_feature_does_not_describe_it():
    """Two of the farms' three margins are known, and all three of their sales."""
    rows = [("A", "small", 1.0, 1.0), ("A", "small", 2.0, 2.0), ("A", "small", None, 3.0)]
    reference = fitted([*rows, *of_group(SHOPS, [5.0, 6.0])])
    assert reference.of("sales_12m", FARMS).n == 3
    assert reference.of("margin_12m", FARMS).n == 4, "of all"
    assert set(reference.quantiles[FARMS]) == {"sales_12m"}


def test_numbers_of_groups_below_the_minimum_are_not_kept():
    kept = fit_peers(frame(of_group(SHOPS, range(30)) + of_group(FARMS, range(29))), BASES)
    assert {group for group in kept.quantiles if group.size_class} == {SHOPS, Group(None, "micro")}


@given(population, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, random):
    shuffled = random.sample(rows, len(rows))
    assert fitted(shuffled) == fitted(rows)


@given(population, population)
def test_an_unrelated_group_changes_nothing_for_others(rows, strangers):
    """Who is compared with a group of its own does not see firms of another trade and size."""
    more = [("Q", "large", margin, sales) for _, _, margin, sales in strangers]
    before, after = fitted(rows), fitted(rows + more)
    own = {group: told for group, told in before.quantiles.items() if group != Group()}
    assert {group: after.quantiles[group] for group in own} == own


@given(population, population)
def test_a_deviation_is_the_same_alone_and_in_a_batch(rows, asked):
    reference, together = fitted(rows), frame(asked)
    alone = [reference.deviations(together[place], DEVIATIONS) for place in range(together.height)]
    assert_frame_equal(pl.concat(alone), reference.deviations(together, DEVIATIONS), check_exact=True)


@given(population, st.sampled_from([SHOPS, FARMS, Group("A"), Group(None, "micro")]), st.lists(value, max_size=20))
def test_a_deviation_never_falls_when_the_value_rises(rows, group, values):
    rising = sorted(one for one in values if one is not None)
    seen = fitted(rows).deviations(frame(of_group(group, rising)), DEVIATIONS)["margin_12m_vs_peers"]
    assert seen.null_count() in {0, len(seen)}
    assert seen.is_sorted()


@given(population, population)
def test_every_deviation_is_null_or_within_five(rows, asked):
    seen = fitted(rows).deviations(frame(asked), DEVIATIONS)
    for column in seen:
        assert column.drop_nulls().is_between(-5, 5).all()


@given(population, population)
def test_doubling_all_money_leaves_deviations_unchanged(rows, asked):
    def doubled(some):
        return [(section, size, margin, sales and 2 * sales) for section, size, margin, sales in some]

    before = fitted(rows).deviations(frame(asked), DEVIATIONS)
    after = fitted(doubled(rows)).deviations(frame(doubled(asked)), DEVIATIONS)
    assert_frame_equal(after, before, check_exact=True)


@given(population)
def test_a_reference_survives_json(rows):
    reference = fitted(rows)
    assert PeerReference.from_json(json.loads(json.dumps(reference.as_json()))) == reference


@given(population)
def test_the_json_of_a_reference_does_not_depend_on_the_order_of_rows(rows):
    assert json.dumps(fitted(rows[::-1]).as_json()) == json.dumps(fitted(rows).as_json())


@pytest.mark.parametrize("numbers", [[3, 1.0, 2.0, 1.5, 3.0, 4.0], [0, 1.0, 1.0, 1.0, 1.0, 1.0]])
def test_quantiles_that_do_not_rise_are_refused(numbers):
    part = {"industry_section": "F", "size_class": None, "quantiles": {"margin_12m": numbers}}
    with pytest.raises(PeersError, match=r"margin_12m: got .* expected a count and quantiles that rise"):
        PeerReference.from_json({"format": 1, "minimum": 30, "groups": [part]})


def test_another_format_is_refused():
    with pytest.raises(PeersError, match="got format 2, expected 1"):
        PeerReference.from_json({"format": 2})


def test_the_band_of_a_feature_is_that_of_its_own_peers():
    reference = fitted(of_group(SHOPS, [1.0, 2.0, 3.0, 4.0, 5.0]) + of_group(FARMS, [10.0, 20.0, 30.0]))
    assert reference.band_of(MARGIN, SHOPS) == pytest.approx((1.4, 4.6))
    assert reference.band_of(MARGIN, FARMS) == pytest.approx((12.0, 28.0))
    assert reference.band_of(MARGIN, Group()) is None


def test_the_band_of_a_deviation_is_told_in_its_own_terms():
    """P10 1.4 and P90 4.6 around the median 3 with the quartiles 2 and 4."""
    reference = fitted(of_group(SHOPS, [1.0, 2.0, 3.0, 4.0, 5.0]))
    assert reference.band_of(deviation_of(MARGIN), SHOPS) == pytest.approx((-0.8, 0.8))


def test_an_enterprise_of_unknown_trade_and_size_has_no_peers():
    reference = fitted(of_group(SHOPS, [1.0, 2.0, 3.0]))
    groups = pl.DataFrame({"enterprise_id": ["e0"], "industry_section": ["F"], "size_class": ["micro"]})
    profile = frame(of_group(SHOPS, [2.5, 2.5])).drop(GROUP)
    assert reference.deviations(in_groups(profile, groups), DEVIATIONS)["margin_12m_vs_peers"].to_list() == [0.5, None]


def test_a_deviation_says_what_its_base_says_and_needs_the_register():
    deviation = deviation_of(FEATURES["buyer_hhi_12m"])
    base = deviation.base
    assert (deviation.name, deviation.risk, deviation.group, deviation.window) == (
        "buyer_hhi_12m_vs_peers", base.risk, base.group, base.window,
    )  # fmt: skip
    assert (deviation.sources, deviation.blocks) == (("vat_invoices", "registry"), ("registry", "invoice"))
    assert deviation.zh.startswith(base.zh)
    assert deviation.en.startswith(base.en)


def test_every_base_is_a_feature_and_no_amount():
    """An amount differs with the size of a firm within its class more than with anything it does."""
    modules = [import_module(found.name) for found in walk_packages(features.__path__, "features.")]
    defined = {one.name: one for module in modules for one in vars(module).values() if isinstance(one, Feature)}
    assert set(PEER_BASES) <= set(defined)
    assert all(defined[name].unit != "fen" for name in PEER_BASES)


def test_deviations_stand_in_the_order_of_their_bases():
    assert [one.base.name for one in deviations_of(FEATURES.values())] == [n for n in FEATURES if n in PEER_BASES]


def test_a_population_may_be_described_by_its_deviations():
    by_deviation = fit_peers(frame(of_group(SHOPS, [1.0, 2.0])), [replace(DEVIATIONS[0])], minimum=1)
    assert by_deviation == fit_peers(frame(of_group(SHOPS, [1.0, 2.0])), [MARGIN], minimum=1)
