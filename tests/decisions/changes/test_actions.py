import datetime as dt

import pytest

from decisions.changes.actions import ActionsFile, actions_on
from decisions.files import FileMistakesError, read
from decisions.policies import policy_on
from decisions.reasons import DATA_NOT_GIVEN
from features.sets import FEATURES

DAY = dt.date(2026, 11, 22)
ACTION = """
[[action]]
code = "TRY"
from = 2026-01-01
cost = 1
months = 0
moves = [MOVES]
mark = "assumed"
source = "invented for a test"
text = { zh = "试", en = "Try" }
"""
GOOD = '{ feature = "tax_arrears_now", toward = "down", to = 0 }'


@pytest.fixture
def lines_of(tmp_path):
    """The mistakes of a file with one action, changed in one place."""

    def lines(old, new):
        text = ACTION.replace("MOVES", GOOD)
        assert old in text
        path = tmp_path / "actions.toml"
        path.write_text(text.replace(old, new), "utf-8")
        with pytest.raises(FileMistakesError) as mistakes:
            read(path, ActionsFile)
        return mistakes.value.lines

    return lines


def test_the_packaged_actions_have_each_code_once_and_words_in_both_languages():
    actions = actions_on(DAY)
    assert len({action.code for action in actions}) == len(actions) > 30
    assert all(action.source and action.text.zh != action.text.en for action in actions)


def test_a_reason_is_called_actionable_exactly_where_an_action_moves_what_it_gathers():
    groups = policy_on(DAY).groups.values()
    moved = {move.definition.group for action in actions_on(DAY) for move in action.moves if move.feature in FEATURES}
    by_action = {group.code for group in groups if moved & set(group.members)}
    assert {group.code for group in groups if group.actionable} == by_action | {DATA_NOT_GIVEN}


def test_nobody_is_told_to_grow_to_move_or_to_get_older():
    moved = {move.definition.group for action in actions_on(DAY) for move in action.moves if move.feature in FEATURES}
    assert not moved & {"SALES_LEVEL", "SALES_TREND", "TENURE", "TAX_LEVEL"}
    features = {move.feature for action in actions_on(DAY) for move in action.moves}
    assert not features & {"premises_months", "firms_at_address", "headcount", "registered_capital"}


def test_an_action_counts_from_its_first_day_to_its_last(tmp_path):
    path = tmp_path / "actions.toml"
    path.write_text(ACTION.replace("MOVES", GOOD).replace("from =", "until = 2026-06-30\nfrom ="), "utf-8")
    [action] = read(path, ActionsFile).action
    days = [dt.date(2025, 12, 31), dt.date(2026, 1, 1), dt.date(2026, 6, 30), dt.date(2026, 7, 1)]
    assert [action.is_in_force(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (GOOD, '{ feature = "luck", toward = "up", to = 1 }', "feature: got 'luck', expected the name of a feature"),
        (GOOD, '{ feature = "age_months", toward = "up", to = 60 }', "got 'age_months', expected one that conduct can"),
        ('"down"', '"up"', "toward: got 'up' for tax_arrears_now, expected down (risk rises)"),
        (", to = 0", "", "tax_arrears_now: got targets [], expected exactly one of to, "),
        ("to = 0", "to = 0, times = 0.5", "got targets ['to', 'times'], expected exactly one"),
        (GOOD, f"{GOOD}, {GOOD}", "moves: got 'tax_arrears_now' twice, expected each feature once"),
        (
            GOOD,
            '{ feature = "debt_to_sales_12m", toward = "down", times = 0.5 }',
            "got the combination 'debt_to_sales_12m', expected some of its inputs: loan_balance, sales_12m",
        ),
        (
            "to = 0",
            'scales_with = "loan_balance"',
            "tax_arrears_now: got scales_with 'loan_balance', expected a feature moved above",
        ),
        (
            "mark =",
            'effects = [{ feature = "tax_late_fees_12m", per_unit = 1, of = "loan_balance" }]\nmark =',
            "effects: got of 'loan_balance', expected a feature among its moves",
        ),
        (
            "mark =",
            'effects = [{ feature = "tax_late_fees_12m" }]\nmark =',
            "expected either per_unit and of, or at_worst",
        ),
        (
            "mark =",
            'lifts = [{ fact = "district", words = ["x"] }]\nmark =',
            "fact: got 'district', expected an actionable",
        ),
        (
            "mark =",
            'lifts = [{ fact = "listings", words = ["x"] }]\nmark =',
            "listings: got 'x', expected some of none",
        ),
        (
            "to = 0",
            "to = 0, within_times = 2",
            "tax_arrears_now: got within_times with to, expected it with to_peers only",
        ),
        ("to = 0", "to = 0, not_past = 1", "tax_arrears_now: got not_past with to, expected it with by only"),
        (f"moves = [{GOOD}]", "", "moves: got none, expected some moves, lifts or offers"),
        (
            f"moves = [{GOOD}]",
            'offers = [{ fact = "luck", at_least = 1 }]',
            "fact: got 'luck', expected a name of facts",
        ),
        (f"moves = [{GOOD}]", 'offers = [{ fact = "collateral" }]', "expected exactly one of at_least, word, forgets"),
        (
            f"moves = [{GOOD}]",
            'offers = [{ fact = "collateral", at_least = 1 }]',
            "got a fact in words, expected a number",
        ),
        (
            f"moves = [{GOOD}]",
            'offers = [{ fact = "collateral", word = "luck" }]',
            "collateral: got 'luck', expected some",
        ),
        (
            "mark =",
            'where = [{ feature = "luck", at_least = 1 }]\nmark =',
            "got 'luck', expected the name of a feature",
        ),
        ("cost = 1", "cost = 12", "cost: got 12, expected less than or equal to 9"),
    ],
)
def test_a_wrong_action_gets_a_line_that_says_where_and_what(lines_of, old, new, line):
    [told] = lines_of(old, new)
    assert told.startswith("actions.toml: TRY: ")
    assert line in told
