import json

from points_models import product

from decisions.changes.answer import next_grade_part, verified, what_it_needs
from decisions.changes.ways import ways_to, ways_up
from decisions.offered.eligibility import verdicts


def test_a_way_to_the_next_grade_tells_steps_points_grade_and_months(case):
    # 650 - 30 = 620, off the list 650.
    [way] = next_grade_part(ways_up(case(650, {"on_abnormal_list": -30}, {"on_abnormal_list": 1})))
    assert (way["grade"], way["months"], way["verified"]) == ("B", 1, True)
    [step] = way["steps"]
    assert set(step) == {"action", "text", "feature", "from", "to", "unit", "months", "changes", "ends", "offers"}
    assert step["changes"] == [{"feature": "on_abnormal_list", "from": 1.0, "to": 0.0, "unit": "flag"}]
    assert json.loads(json.dumps(way)) == way


def test_thresholds_are_told_alone_where_nobody_looked_for_ways(case):
    made = case(620, {"lenders_now": 0}, {"lenders_now": 4})
    entry = product([{"fact": "lenders", "at_most": 3}])
    failed = [found for found in verdicts(entry.product, made.facts_now) if found.verdict == "fail"]
    assert [what_it_needs(one) for one in failed] == [{"rule": "lenders", "needs": "<= 3", "actionable": True}]


def test_a_verified_way_stands_with_each_condition_and_none_found_is_said(case):
    made = case(620, {"lenders_now": 0}, {"lenders_now": 4})
    entry = product([{"fact": "lenders", "at_most": 3}])
    failed = [found for found in verdicts(entry.product, made.facts_now) if found.verdict == "fail"]
    [row] = verified([what_it_needs(one) for one in failed], ways_to(made, entry))
    assert (row["rule"], row["verified"], row["steps"][0]["action"]) == ("lenders", True, "FEWER_LENDERS")
    [row] = verified([what_it_needs(one) for one in failed], ())
    assert (row["verified"], row["steps"]) == (False, [])
