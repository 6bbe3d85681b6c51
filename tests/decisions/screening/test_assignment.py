"""Banks for towns: two or three each, within capacity, by their specialities."""

import subprocess
import sys

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screened_firms import part_of_a_city, policy

from decisions.screening.assignment import AssignmentError, Team, assign

TAX, IP, BOTH, NONE = (frozenset(one) for one in (["tax_loan"], ["ip_pledge"], ["tax_loan", "ip_pledge"], []))


def teams(*visits, categories=BOTH):
    return [Team(f"bank-{place}", count, categories) for place, count in enumerate(visits)]


def banks_of(assignment):
    return assignment.pairs.group_by("town").len().sort("town")["len"].to_list()


def test_each_town_gets_two_or_three_banks_and_each_firm_a_visit():
    made = assign(part_of_a_city(), teams(6, 6, 6), policy())
    assert set(banks_of(made)) <= {2, 3}
    assert made.visits["bank_id"].null_count() == 0
    assert made.is_optimal


def test_pairs_count_the_visits_of_their_bank_in_their_town():
    made = assign(part_of_a_city(), teams(6, 6, 6), policy())
    counted = made.visits.group_by("town", "bank_id").agg(visits=pl.len().cast(pl.Int64))
    assert sorted(counted.rows()) == sorted(made.pairs.select("town", "bank_id", "visits").rows())


def test_when_visits_run_out_the_last_by_priority_go_without():
    made = assign(part_of_a_city(), teams(4, 4), policy())
    left = made.visits.filter(pl.col("bank_id").is_null())
    assert left.height == 4
    assert all(part["bank_id"].is_null().to_list() == sorted(part["bank_id"].is_null().to_list())
               for part in made.visits.partition_by("town", maintain_order=True))  # fmt: skip


def test_a_bank_whose_products_suit_a_town_comes_before_one_whose_do_not():
    """Of each town's three firms all ask for one category: towns 0 and 2 for IP, 1 and 3 for tax loans."""
    made = assign(
        part_of_a_city(),
        [Team("tax-1", 4, TAX), Team("tax-2", 4, TAX), Team("ip-1", 4, IP), Team("ip-2", 4, IP), Team("none", 9, NONE)],
        policy(),
    )
    assert made.pairs["fit"].to_list() == [1.0] * made.pairs.height


def test_a_firm_goes_to_the_bank_that_may_suit_it():
    firms = part_of_a_city().with_columns(town=pl.lit("one"))
    made = assign(firms, [Team("ip", 6, IP), Team("tax", 6, TAX)], policy())
    suits = {"ip": ["ip_pledge"], "tax": ["tax_loan"]}
    asked = dict(zip(firms["enterprise_id"], firms["categories"].to_list(), strict=True))
    assert all(asked[code] == suits[bank] for code, _, bank in made.visits.rows())


def test_one_bank_is_too_few():
    with pytest.raises(AssignmentError, match="got 1 banks, expected at least 2"):
        assign(part_of_a_city(), teams(99), policy())


def test_too_few_visits_for_two_banks_a_town_are_refused_with_what_to_do():
    with pytest.raises(AssignmentError, match="raise the visits of some bank"):
        assign(part_of_a_city(), teams(3, 3), policy())


def test_a_bank_named_twice_is_refused():
    with pytest.raises(AssignmentError, match="got bank 'bank-0' twice"):
        assign(part_of_a_city(), [*teams(5, 5), Team("bank-0", 1, BOTH)], policy())


@settings(max_examples=15, deadline=None)
@given(visits=st.lists(st.integers(0, 9), min_size=3, max_size=5), count=st.integers(8, 20))
def test_no_bank_is_sent_to_more_than_it_can_visit(visits, count):
    try:
        made = assign(part_of_a_city(count), teams(*visits), policy())
    except AssignmentError:
        return
    load = dict(made.visits.drop_nulls("bank_id").group_by("bank_id").len().iter_rows())
    assert all(load.get(team.bank_id, 0) <= team.visits for team in teams(*visits))
    assert set(banks_of(made)) <= {2, 3}


def test_scipy_is_loaded_only_when_banks_are_assigned():
    code = "import sys, decisions.screening.assignment, serving.screening; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
