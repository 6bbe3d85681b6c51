import datetime as dt
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisions.dated import POLICY_FOLDER
from decisions.files import FileMistakesError, read
from decisions.policies import ReasonsFile
from decisions.reasons import DATA_NOT_GIVEN, explain
from features.peers import deviation_of
from features.sets import ALL, INVOICE_FLOW
from scoring.explained import Band, Scored

AS_OF = dt.date(2026, 11, 22)
FEATURES = {feature.name: feature for feature in ALL}
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


@given(points=st.lists(st.floats(-60, 60) | st.just(0.0), min_size=len(ALL), max_size=len(ALL)))
def test_at_most_four_are_told_each_way_and_none_left_out_is_stronger(policy, points):
    scored = scored_with(points, [None] * len(ALL))
    top = explain(scored, ALL, {}, policy=policy, as_of=AS_OF).reasons
    full = explain(scored, ALL, {}, policy=policy, as_of=AS_OF, detail="full").reasons
    for direction in ("for", "against"):
        told = [abs(reason.points) for reason in top if reason.direction == direction]
        every = sorted((abs(reason.points) for reason in full if reason.direction == direction), reverse=True)
        assert sorted(told, reverse=True) == every[:4]
    assert all((reason.points > 0) == (reason.direction == "for") for reason in full)


@given(points=st.lists(st.floats(-60, 60), min_size=len(ALL), max_size=len(ALL)))
def test_what_lawful_conduct_can_change_is_told_first_among_what_speaks_against(policy, points):
    scored = scored_with(points, [None] * len(ALL))
    reasons = explain(scored, ALL, {}, policy=policy, as_of=AS_OF, detail="full").reasons
    against = [reason for reason in reasons if reason.direction == "against"]
    order = [(not policy.groups[reason.code].actionable, -abs(reason.points)) for reason in against]
    assert order == sorted(order)


def test_what_says_much_the_same_is_one_reason(policy):
    same = (FEATURES["sales_12m"], FEATURES["declared_sales_12m"], FEATURES["tax_paid_12m"])
    [reason] = explain(scored_with([3.0, 4.0, -1.0], [1.0, 2.0, 3.0]), same, {}, policy=policy, as_of=AS_OF).reasons
    assert (reason.code, reason.points) == ("SALES_LEVEL", 6.0)
    assert FEATURES["declared_sales_12m"].zh in reason.text.zh


def test_asked_for_nothing_everything_is_in_the_rest(policy):
    told = explain(scored_with([12.5, -2.0], [0.1, 1.0]), TWO, {}, policy=policy, as_of=AS_OF, detail="none")
    assert (told.reasons, told.other_points) == ((), 10.5)


def test_a_reason_gives_value_and_reference_range_in_both_languages(policy):
    bands = {"sales_growth_12m": Band(-0.05, 0.12)}
    reason = explain(scored_with([31.2], [0.18]), TWO[:1], bands, policy=policy, as_of=AS_OF).reasons[0]
    assert (reason.code, reason.direction, reason.points) == ("SALES_TREND", "for", 31.2)
    assert reason.text.zh == "销售走势与连续性：近12个月销售额同比增幅 18%，高于多数可比企业（-5% 至 12%）"
    assert reason.text.en == (
        "Trend and continuity of sales: Growth of sales, last 12 months against the 12 before: 18%, "
        "above most comparable firms (-5% to 12%)"
    )
    assert (reason.source, reason.as_of) == ("vat_invoices", dt.date(2026, 10, 31))


@pytest.mark.parametrize(
    ("value", "said"), [(0.18, "above most"), (0.0, "like most"), (-0.3, "below most"), (None, ": nothing on record")]
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


def test_at_top_a_reason_names_its_five_strongest_features_and_in_full_every_one(policy):
    group = tuple(feature for feature in ALL if feature.group == "LEGAL")
    scored = scored_with(range(1, len(group) + 1), [0.0] * len(group))
    [top] = explain(scored, group, {}, policy=policy, as_of=AS_OF).reasons
    [full] = explain(scored, group, {}, policy=policy, as_of=AS_OF, detail="full").reasons
    assert [feature.name for feature in top.features] == [feature.name for feature in reversed(group)][:5]
    assert (top.points, len(full.features)) == (full.points, len(group))


def test_a_deviation_is_told_by_what_deviates_where_the_model_sees_that(policy):
    base = FEATURES["debt_to_sales_12m"]
    both = (base, deviation_of(base))
    bands = {base.name: Band(0.0, 0.4)}
    [reason] = explain(scored_with([0.0, -9.0], [0.55, 2.5]), both, bands, policy=policy, as_of=AS_OF).reasons
    assert reason.text.zh.endswith(f"{base.zh} 0.55，高于多数可比企业（0 至 0.4）")
    assert [feature.name for feature in reason.features] == ["debt_to_sales_12m_vs_peers"]


def test_a_yes_or_no_has_no_range(policy):
    flag = (FEATURES["on_abnormal_list"],)
    bands = {"on_abnormal_list": Band(0.0, 1.0)}
    [reason] = explain(scored_with([-9.0], [1.0]), flag, bands, policy=policy, as_of=AS_OF).reasons
    assert reason.text.zh == "主体情况与治理：目前在经营异常名录内 是"


def test_a_group_of_features_that_no_reason_gathers_is_refused(policy):
    stray = (replace(FEATURES["sales_12m"], group="LUCK"),)
    with pytest.raises(ValueError, match="got feature group 'LUCK', expected one of policy"):
        explain(scored_with([1.0], [1.0]), stray, {}, policy=policy, as_of=AS_OF)


@pytest.mark.parametrize("points", [7.0, -7.0])
def test_a_reason_tells_what_the_model_saw_and_never_a_cause(policy, points):
    causal = ("because", "due to", "caused", "leads to", "导致", "因为", "由于", "致使")
    for feature in ALL:
        [reason] = explain(scored_with([points], [1.0]), (feature,), {}, policy=policy, as_of=AS_OF).reasons
        assert not [word for word in causal if word in reason.text.both()], feature.name


def test_every_group_of_features_is_told_by_exactly_one_reason(policy):
    told = [member for group in policy.groups.values() for member in group.members]
    assert sorted(told) == sorted({feature.group for feature in ALL})


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            'members = ["REPAYMENT"]',
            "members = []",
            "REPAYMENT: got it in 0 reasons on 2019-08-20, expected",
        ),
        ('members = ["LEGAL"]', 'members = ["LEGAL", "REPAYMENT"]', "REPAYMENT: got it in 2 reasons on 2019-08-20"),
        (
            'members = ["LEGAL"]',
            'members = ["LEGAL", "LUCK"]',
            "LUCK: got it in 1 reasons on 2019-08-20, expected it in",
        ),
    ],
)
def test_a_reasons_file_that_tells_a_group_twice_or_not_at_all_gets_a_line(tmp_path, old, new, line):
    text = (POLICY_FOLDER / "reasons.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "reasons.toml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(FileMistakesError, match=line):
        read(tmp_path / "reasons.toml", ReasonsFile)


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
