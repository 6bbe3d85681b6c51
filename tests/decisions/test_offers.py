"""Products as plain data for models."""

import re
import tomllib

import pytest

from decisions.fact_definitions import facts
from decisions.offered.catalogue import Catalogue, Entry
from decisions.offered.offers import BASES, ON_NONE_OF_THESE, offers_of
from decisions.offered.products import Bank, Product
from sources.contracts.offers import Offers

BANK = Bank.model_validate({"id": "b", "name": {"zh": "某行", "en": "Some Bank"}})
PLAIN = """
id = "b-1"
name = { zh = "某贷", en = "Some Loan" }
status = "reference"
category = "credit_loan"
guarantee_mode = "credit"
from = 2026-11-01
source = "a page"
districts = ["CN"]
repayment = "revolving"
documents = []
"""


def offered(more=""):
    """The offer of a product with these terms beside the plain ones, which they take the place of."""
    lines = [line for line in PLAIN.splitlines() if not any(line.startswith(given) for given in _fields(more))]
    product = Product.model_validate(tomllib.loads("\n".join([*lines, more])))
    return offers_of(Catalogue((Entry(BANK, product),))).row(0, named=True)


def _fields(toml):
    return [f"{name} =" for name in re.findall(r"^(\w+) =", toml, re.MULTILINE)]


def limit(*bases):
    """The sum of some facts, each once."""
    parts = ", ".join(f'{{ basis = "{basis}", multiple = 1 }}' for basis in bases)
    return f"limit = [{{ parts = [{parts}] }}]"


def rests_on(more):
    return {name.removeprefix("rests_on_") for name in BASES if offered(more)[name]}


def test_every_product_of_the_day_is_an_offer_that_keeps_the_contract(catalogue):
    offers = offers_of(catalogue)
    Offers.validate(offers)
    assert offers["product_id"].to_list() == [entry.product.id for entry in catalogue.entries]


def test_an_offer_says_what_the_product_says():
    money = "cap_fen = 5\nrate = { low = 0.03, high = 0.05 }\nterm_months = 12\n"
    ways = 'decision_days = 3\nfirst_loan_friendly = true\nrules = [{ fact = "firm_age_months", at_least = 12 }]'
    found = offered(money + ways)
    assert found == {
        "product_id": "b-1", "bank_id": "b", "category": "credit_loan", "guarantee_mode": "credit",
        "repayment": "revolving", "cap_fen": 5, "rate_low": 0.03, "rate_high": 0.05, "term_months": 12,
        "decision_days": 3, "conditions": 1, "is_renewal": False, "first_loan_friendly": True,
        **dict.fromkeys(BASES, False),
    }  # fmt: skip


def test_what_a_source_does_not_say_is_null():
    found = offered()
    unsaid = ("cap_fen", "rate_low", "rate_high", "term_months", "decision_days", "first_loan_friendly")
    assert [found[name] for name in unsaid] == [None] * len(unsaid)
    assert offered("rate = { low = 0.03 }")["rate_high"] is None


@pytest.mark.parametrize(
    ("terms", "bases"),
    [
        (limit("tax_paid_12m_fen"), {"tax"}),
        (limit("valid_patents", "sales_12m_fen"), {"ip", "flows"}),
        (limit("order_backlog_fen"), {"orders"}),
        (limit("refund_receivable_fen"), {"exports"}),
        (limit("property_value_fen"), {"property"}),
        (limit("insured_people"), set()),
        ('category = "tax_loan"', {"tax"}),
        ('category = "tax_loan"\n' + limit("sales_12m_fen"), {"tax", "flows"}),
        ('guarantee_mode = "pledge_receivable"', {"orders"}),
        ('guarantee_mode = "credit+mortgage"', {"property"}),
        ("", set()),
    ],
)  # fmt: skip
def test_a_product_rests_on_what_its_limit_multiplies_and_on_what_it_is_named_after(terms, bases):
    assert rests_on(terms) == bases


def test_every_fact_that_a_limit_multiplies_is_accounted_for_once(everything):
    parts = (part for entry in everything.entries for ceiling in entry.product.limit for part in ceiling.parts)
    multiplied = {part.basis for part in parts}
    told = [fact for basis in BASES.values() for fact in basis.facts] + sorted(ON_NONE_OF_THESE)
    assert multiplied <= set(told) <= set(facts())
    assert len(set(told)) == len(told)


def test_every_basis_carries_some_product_of_today(catalogue):
    offers = offers_of(catalogue)
    assert all(offers[name].any() for name in BASES)


def test_two_versions_of_a_product_are_refused(everything):
    with pytest.raises(ValueError, match=r"twice, expected the products of one day: use catalogue\.on\(day\)"):
        offers_of(everything)


def test_no_products_are_no_offers():
    assert offers_of(Catalogue(())).columns == list(Offers.columns())


def test_a_renewal_is_told(catalogue):
    renewals = offers_of(catalogue).filter(is_renewal=True)
    assert set(renewals["category"]) == {"renewal"}
