from dataclasses import replace

import polars as pl

from features.fingerprint import _code_behind, _meaningful_tokens, feature_digest
from features.peers import deviation_of
from features.sets import ALL, FEATURES, INVOICE_FLOW

CODE = '''"""Words."""
def f(x):
    """More words."""
    return x + 1  # why
'''


def test_comments_docstrings_and_layout_have_no_meaning():
    assert list(_meaningful_tokens(CODE)) == list(_meaningful_tokens("def f( x ):\n\n  return x+1\n"))


def test_another_number_has():
    assert list(_meaningful_tokens(CODE)) != list(_meaningful_tokens(CODE.replace("+ 1", "+ 2")))


def test_a_string_that_is_a_value_has():
    assert list(_meaningful_tokens("x = 'a'\n")) != list(_meaningful_tokens("x = 'b'\n"))


def test_a_string_on_a_line_of_its_own_inside_a_call_has():
    code = "rows.select(\n    'net_fen',\n    # why\n    'vat_fen',\n)\n"
    assert list(_meaningful_tokens(code)) != list(_meaningful_tokens(code.replace("net_fen", "vat_fen")))


def test_another_expression_order_or_direction_is_another_digest():
    first, second, *rest = INVOICE_FLOW
    digests = {
        feature_digest(features)
        for features in (
            INVOICE_FLOW,
            (second, first, *rest),
            (replace(first, expression=pl.col("sales").sum().alias(first.name)), second, *rest),
            (replace(first, risk="rises"), second, *rest),
        )
    }
    assert len(digests) == 4


def test_the_same_features_give_the_same_digest():
    assert feature_digest(INVOICE_FLOW) == feature_digest(tuple(INVOICE_FLOW))


def test_the_panels_behind_features_count_with_those_that_they_are_made_of_and_no_others():
    def packages(features):
        return {path.parent.name for path in _code_behind(features) if path.name == "panels.py"}

    assert packages(INVOICE_FLOW) == {"invoice"}
    assert packages((FEATURES["declared_to_invoiced_12m"],)) == {"consistency", "tax", "invoice", "bank"}


def test_every_panel_of_a_feature_lies_where_its_code_is_found():
    assert {one.panel.build.__module__.rpartition(".")[2] for one in ALL if one.panel} == {"panels"}


def test_what_a_combination_combines_counts_below_a_deviation_too():
    combined = FEATURES["tax_burden_12m"]
    changed = replace(combined, inputs=(replace(combined.inputs[0], risk="either"), *combined.inputs[1:]))
    assert feature_digest((deviation_of(combined),)) != feature_digest((deviation_of(changed),))


def test_the_standard_of_sizes_counts_for_deviations_only():
    files = {path.name for path in _code_behind((deviation_of(FEATURES["vat_burden_12m"]),))}
    assert {"size_classes.toml", "peers.py"} <= files
    assert "peers.py" not in {path.name for path in _code_behind(INVOICE_FLOW)}
