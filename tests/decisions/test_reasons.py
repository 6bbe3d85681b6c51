import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisions.reasons import DATA_NOT_GIVEN, explain
from features.sets import INVOICE_FLOW
from scoring.explained import Band, Scored

AS_OF = dt.date(2026, 11, 22)
FEATURES = {feature.name: feature for feature in INVOICE_FLOW}
TWO = (FEATURES["sales_growth_12m"], FEATURES["sales_12m"])
COUNT = len(INVOICE_FLOW)
POINTS = st.lists(st.floats(-60, 60) | st.just(0.0), min_size=COUNT, max_size=COUNT)


def scored_with(points, values, base=600.0, withheld=None):
    return Scored.of("Y1110108XP000001X5", base, tuple(points), tuple(values), withheld or {})


@given(points=POINTS, base=st.floats(300, 850), detail=st.sampled_from(["none", "top", "full"]))
def test_base_and_reasons_and_the_rest_add_up_to_the_score(policy, points, base, detail):
    scored = scored_with(points, [None] * COUNT, base)
    told = explain(scored, INVOICE_FLOW, {}, policy=policy, as_of=AS_OF, detail=detail)
    total = told.base_points + math.fsum(reason.points for reason in told.reasons) + told.other_points
    assert total == pytest.approx(scored.unclipped_score, abs=1e-6)


@given(points=POINTS)
def test_at_most_four_are_told_each_way_and_none_left_out_is_stronger(policy, points):
    scored = scored_with(points, [None] * COUNT)
    top = explain(scored, INVOICE_FLOW, {}, policy=policy, as_of=AS_OF).reasons
    full = explain(scored, INVOICE_FLOW, {}, policy=policy, as_of=AS_OF, detail="full").reasons
    for direction in ("for", "against"):
        told = [reason for reason in top if reason.direction == direction]
        every = [reason for reason in full if reason.direction == direction]
        assert told == every[:4]
        assert [abs(reason.points) for reason in every] == sorted(
            (abs(reason.points) for reason in every), reverse=True
        )
        assert all((reason.points > 0) == (direction == "for") for reason in every)


def test_asked_for_nothing_everything_is_in_the_rest(policy):
    told = explain(scored_with([12.5, -2.0], [0.1, 1.0]), TWO, {}, policy=policy, as_of=AS_OF, detail="none")
    assert (told.reasons, told.other_points) == ((), 10.5)


def test_a_reason_gives_value_and_reference_range_in_both_languages(policy):
    bands = {"sales_growth_12m": Band(-0.05, 0.12)}
    reason = explain(scored_with([31.2], [0.18]), TWO[:1], bands, policy=policy, as_of=AS_OF).reasons[0]
    assert (reason.code, reason.direction, reason.points) == ("SALES_TREND", "for", 31.2)
    assert reason.text.zh == "销售趋势：近12个月销售额同比增幅 18%，高于多数可比企业（-5% 至 12%）"
    assert reason.text.en == (
        "Trend of sales: Growth of sales, last 12 months against the 12 before: 18%, "
        "above most comparable firms (-5% to 12%)"
    )
    assert (reason.source, reason.as_of) == ("vat_invoices", dt.date(2026, 10, 31))


@pytest.mark.parametrize(
    ("value", "said"), [(0.18, "above most"), (0.0, "like most"), (-0.3, "below most"), (None, ": not available")]
)
def test_a_value_is_placed_beside_comparable_firms(policy, value, said):
    bands = {"sales_growth_12m": Band(-0.05, 0.12)}
    reason = explain(scored_with([3.0], [value]), TWO[:1], bands, policy=policy, as_of=AS_OF).reasons[0]
    assert said in reason.text.en


def test_money_is_said_in_wan_and_in_yuan(policy):
    reason = explain(scored_with([-8.0], [35_000_000]), TWO[1:], {}, policy=policy, as_of=AS_OF).reasons[0]
    assert "35万元" in reason.text.zh
    assert "CNY 350,000" in reason.text.en


def test_a_group_is_told_by_its_strongest_feature_on_the_groups_side(policy):
    group = (FEATURES["sales_12m"], FEATURES["sales_3m"], FEATURES["purchases_12m"])
    reason = explain(scored_with([5.0, -9.0, 6.0], [1.0, 2.0, 3.0]), group, {}, policy=policy, as_of=AS_OF).reasons[0]
    assert (reason.points, reason.direction) == (2.0, "for")
    assert [feature.name for feature in reason.features] == ["purchases_12m", "sales_12m", "sales_3m"]
    assert FEATURES["purchases_12m"].en in reason.text.en


def test_recency_is_told_to_the_day(policy):
    recency = FEATURES["days_since_last_sale"]
    reason = explain(scored_with([4.0], [3.0]), (recency,), {}, policy=policy, as_of=AS_OF).reasons[0]
    assert reason.as_of == AS_OF
    assert "3 days" in reason.text.en


def test_contributions_of_another_model_are_refused(policy):
    with pytest.raises(ValueError, match="got 1 contributions, expected one for each of 2 features"):
        explain(scored_with([1.0], [1.0]), TWO, {}, policy=policy, as_of=AS_OF)


BLOCKS_LOST = st.dictionaries(st.sampled_from(["tax", "bank", "people"]), st.floats(-40, -0.01))


@given(points=POINTS, withheld=BLOCKS_LOST, detail=st.sampled_from(["none", "top", "full"]))
def test_what_missing_blocks_take_adds_up_too(policy, points, withheld, detail):
    scored = scored_with(points, [None] * COUNT, withheld=withheld)
    told = explain(scored, INVOICE_FLOW, {}, policy=policy, as_of=AS_OF, detail=detail)
    total = told.base_points + math.fsum(reason.points for reason in told.reasons) + told.other_points
    assert total == pytest.approx(scored.unclipped_score, abs=1e-6)


def test_blocks_not_given_are_one_reason_against_that_names_the_dearest_first(policy):
    scored = scored_with([3.0], [0.1], withheld={"bank": -4.0, "tax": -12.5})
    told = explain(scored, TWO[:1], {}, policy=policy, as_of=AS_OF)
    reason = told.reasons[-1]
    assert (reason.code, reason.direction, reason.points) == (DATA_NOT_GIVEN, "against", -16.5)
    assert (reason.features, reason.as_of, reason.source) == ((), AS_OF, "consents")
    assert reason.text.en.startswith("Data not given: ")
    assert reason.text.zh.startswith("数据未提供：")
    assert reason.text.zh.index("税") < reason.text.zh.index("银行")


def test_blocks_not_given_that_are_not_among_the_strongest_are_in_the_rest(policy):
    scored = scored_with([3.0], [0.1], withheld={"tax": -5.0})
    told = explain(scored, TWO[:1], {}, policy=policy, as_of=AS_OF, detail="none")
    assert (told.reasons, told.other_points) == ((), -2.0)


def test_where_everything_is_given_there_is_no_such_reason(policy):
    told = explain(scored_with([3.0], [0.1]), TWO[:1], {}, policy=policy, as_of=AS_OF, detail="full")
    assert DATA_NOT_GIVEN not in {reason.code for reason in told.reasons}
