from dataclasses import replace

import polars as pl

from features.fingerprint import _meaningful_tokens, feature_digest
from features.sets import INVOICE_FLOW

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
