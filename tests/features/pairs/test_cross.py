"""Crossing, by laws: of one as of many, in the order asked, and blind to who the bank is."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs_by_hand import DAY, offers, profiles, quotes, ties
from polars.testing import assert_frame_equal

from features.pairs import cross as module
from features.pairs.cross import WHO, cross
from features.pairs.good_match import FIRM, PAIRS
from features.profile import profiles as profiles_of
from sources.contracts import BLOCKS, TABLES
from sources.records import Records

FIRMS = ("Y1110108XP000001X5", "Y1100000CM0000016U", "Y1110114XP0000044G")
DAYS = (DAY, dt.date(2026, 4, 1))
BANKS = ("b-1", "b-2", "b-3")
PRODUCTS = {f"{bank}-{number}": bank for bank in BANKS for number in range(3)}
COLUMNS = ["enterprise_id", "as_of", "product_id", "bank_id", *(one.name for one in (*FIRM, *PAIRS))]

WHO_ASKS = st.lists(st.tuples(st.sampled_from(FIRMS), st.sampled_from(DAYS)), min_size=1, max_size=4, unique=True)
VALUE = st.none() | st.sampled_from([0.0, 1.0, 0.3, 7e7])
FLAGS = {f"rests_on_{one}": st.booleans() for one in ("tax", "flows", "ip", "orders", "exports", "property")}
OFFERED = st.fixed_dictionaries(
    {
        "category": st.sampled_from(["credit_loan", "first_loan", "srdi_loan"]),
        "guarantee_mode": st.sampled_from(["credit", "mortgage", "guarantee"]),
        "cap_fen": st.none() | st.integers(1, 10**9),
        "first_loan_friendly": st.none() | st.booleans(),
        **FLAGS,
    }
)
TIED = st.fixed_dictionaries({"loans_open": st.integers(0, 2), "is_overdue": st.booleans()})


@st.composite
def worlds(draw):
    """Profiles, offers, quotes and ties that belong together."""
    who = [dict(zip(WHO, one, strict=True)) for one in draw(WHO_ASKS)]
    names = [one.name for one in FIRM]
    values = st.fixed_dictionaries({"loans_ever": VALUE, "sales_12m": VALUE, "lenders_now": VALUE}, optional={})
    firms = profiles(*(one | dict.fromkeys(names) | draw(values) for one in who))
    offered = offers(*({"product_id": id_, "bank_id": bank} | draw(OFFERED) for id_, bank in PRODUCTS.items()))
    asked = draw(st.lists(st.tuples(st.sampled_from(who), st.sampled_from(list(PRODUCTS))), min_size=1, max_size=12))
    amount = st.integers(0, 10**8)
    quoted = quotes(*(one | {"product_id": id_, "usable_fen": draw(amount)} for one, id_ in asked))
    tied = ties(
        *(one | {"bank_id": bank} | draw(TIED) for one in who for bank in draw(st.sets(st.sampled_from(BANKS))))
    )
    return firms, offered, quoted, tied


few = settings(max_examples=30)


@few
@given(worlds())
def test_there_is_one_row_a_quote_in_the_order_of_quotes(world):
    crossed = cross(*world)
    assert crossed.columns == COLUMNS
    assert set(crossed.dtypes[4:]) == {pl.Float64()}
    assert_frame_equal(crossed.select(*WHO, "product_id"), world[2].select(*WHO, "product_id"))
    assert crossed["bank_id"].to_list() == [PRODUCTS[one] for one in crossed["product_id"]]


@few
@given(worlds())
def test_one_enterprise_alone_is_as_in_a_batch(world):
    firms, offered, quoted, tied = world
    crossed = cross(*world)
    for one in firms.select(WHO).iter_rows(named=True):
        alone = [frame.filter(**one) for frame in (firms, quoted, tied)]
        assert_frame_equal(cross(alone[0], offered, *alone[1:]), crossed.filter(**one), check_exact=True)


@few
@given(worlds(), st.randoms())
def test_the_order_of_what_is_given_is_nothing(world, random):
    firms, offered, quoted, tied = world
    shuffled = [frame[random.sample(range(frame.height), frame.height)] for frame in (firms, offered, tied)]
    assert_frame_equal(cross(shuffled[0], shuffled[1], quoted, shuffled[2]), cross(*world), check_exact=True)


@few
@given(worlds())
def test_many_rows_are_joined_to_the_same(world):
    expected = cross(*world)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FEW_ROWS", 0)
        assert_frame_equal(cross(*world), expected, check_exact=True)


@few
@given(worlds(), st.permutations(BANKS))
def test_which_bank_has_which_name_is_nothing(world, renamed):
    firms, offered, quoted, tied = world
    names = dict(zip(BANKS, renamed, strict=True))
    products = {id_: f"product-{place}" for place, id_ in enumerate(reversed(PRODUCTS))}
    bank, product = pl.col("bank_id").replace_strict(names), pl.col("product_id").replace_strict(products)
    told = (firms, offered.with_columns(bank, product), quoted.with_columns(product), tied.with_columns(bank))
    assert_frame_equal(cross(*told).drop("bank_id", "product_id"), cross(*world).drop("bank_id", "product_id"))


@few
@given(worlds(), st.floats(0, 1))
def test_what_a_bank_earns_is_not_looked_at(world, earned):
    firms, offered, quoted, tied = world
    with_margin = [frame.with_columns(pl.lit(earned).alias("bank_margin")) for frame in (offered, quoted, tied)]
    assert_frame_equal(cross(firms, *with_margin), cross(*world), check_exact=True)


@pytest.mark.parametrize("block", [*BLOCKS, None])
def test_whatever_block_was_not_given_its_pairs_are_crossed(block):
    """None = nothing was given at all."""
    given = {name: table.empty() for name, table in TABLES.items() if block is not None and table.block != block}
    profile = profiles_of(Records.of(given, enterprises=pl.Series(FIRMS[:1])), FIRM, DAY)
    crossed = cross(profile.with_columns(pl.lit(DAY).alias("as_of")), offers({}), quotes({}), None)
    missing = {one.name for one in FIRM if block is None or block in one.blocks}
    assert {name for name in missing if crossed[name].null_count() == 0} == set()
    assert crossed["met_share"].item() == 0.75


def test_nothing_asked_is_nothing_crossed():
    crossed = cross(profiles({}), offers({}), quotes(), None)
    assert (crossed.columns, crossed.height) == (COLUMNS, 0)


def test_a_product_that_is_not_offered_is_refused():
    with pytest.raises(ValueError, match="got a quote of b-9, expected one of the 1 given by product_id"):
        cross(profiles({}), offers({}), quotes({"product_id": "b-9"}), None)


@pytest.mark.parametrize("few_rows", [0, 1_000])
def test_a_day_without_a_profile_is_refused(few_rows, monkeypatch):
    monkeypatch.setattr(module, "FEW_ROWS", few_rows)
    with pytest.raises(ValueError, match="got a quote of Y1110108XP000001X5, 2026-04-01, expected one of the 1 given"):
        cross(profiles({}), offers({}), quotes({"as_of": DAYS[1]}), None)


@pytest.mark.parametrize("few_rows", [0, 1_000])
def test_an_offer_told_twice_is_refused(few_rows, monkeypatch):
    monkeypatch.setattr(module, "FEW_ROWS", few_rows)
    with pytest.raises(ValueError, match="got two rows of one product_id"):
        cross(profiles({}), offers({}, {}), quotes({}), None)
