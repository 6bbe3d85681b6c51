"""Rights and certificates: the laws of every block, and the edges of the features worked out by hand.

Unless said otherwise all stand on 15 March 2026.
"""

import datetime as dt

import block_laws
import pytest
from block_laws import of_first
from hypothesis import given, settings
from hypothesis import strategies as st
from references.ip import reference
from samples import AS_OF, ENTERPRISES
from samples_ip import STRATEGIES

from features.definition import Feature
from features.ip import rights, titles

FEATURES = [value for module in (rights, titles) for value in vars(module).values() if isinstance(value, Feature)]
DAYS = (AS_OF, dt.date(2026, 3, 1), dt.date(2025, 12, 31))
TOMORROW = AS_OF + dt.timedelta(days=1)
YESTERDAY = AS_OF - dt.timedelta(days=1)
tables = st.fixed_dictionaries(STRATEGIES)


@given(tables)
def test_the_samples_keep_their_contracts(rows):
    block_laws.the_samples_keep_their_contracts(rows)


@given(tables)
def test_a_profile_is_the_same_alone_and_in_a_batch(rows):
    block_laws.alone_is_as_in_a_batch(rows, FEATURES)


@given(tables, tables)
def test_nothing_known_later_changes_a_profile(rows, more):
    block_laws.what_is_known_later_changes_nothing(rows, more, FEATURES)


@given(tables)
def test_neither_order_nor_unit_matters_and_every_value_is_finite(rows):
    block_laws.the_order_of_rows_is_nothing(rows, FEATURES)
    block_laws.money_has_no_unit(rows, FEATURES)
    block_laws.every_value_is_null_or_finite(rows, FEATURES)


@settings(max_examples=150)
@given(tables, st.sampled_from(DAYS))
def test_the_slow_reference_says_the_same(rows, as_of):
    block_laws.equals_the_reference(rows, FEATURES, reference, as_of)


def right(number=1, kind="invention", **other):
    """A right applied for in 2018, granted in 2020, fees paid."""
    row = {"enterprise_id": ENTERPRISES[0], "right": f"r-{number}", "kind": kind, "origin": "own"}
    row |= {"applied_on": dt.date(2018, 3, 15), "granted_on": dt.date(2020, 5, 1), "acquired_on": None}
    row |= dict.fromkeys(["expires_on", "ceased_on", "pledged_on", "released_on", "citations", "fee_paid_until"])
    return row | {"known_on": dt.date(2020, 5, 1)} | other


def certificate(kind="hnte", **other):
    row = {"enterprise_id": ENTERPRISES[0], "certificate": f"q-{kind}", "kind": kind, "revoked_on": None}
    row |= {"valid_from": dt.date(2024, 1, 1), "valid_to": None, "known_on": dt.date(2024, 1, 1)}
    return row | other


def seen_of(rows=(), certificates=()):
    return of_first({"ip_rights": list(rows), "qualifications": list(certificates)}, FEATURES)


@pytest.mark.parametrize(
    ("given", "held"),
    [
        ({}, 1),
        ({"granted_on": None}, 0),
        ({"granted_on": TOMORROW}, 0),
        ({"ceased_on": AS_OF}, 0),
        ({"ceased_on": TOMORROW}, 1),
        ({"expires_on": AS_OF}, 1),
        ({"expires_on": YESTERDAY}, 0),
        ({"fee_paid_until": AS_OF}, 1),
        ({"fee_paid_until": YESTERDAY}, 0),
        ({"origin": "licensed_in"}, 0),
        ({"origin": None}, 1),
    ],
)
def test_a_right_is_held_while_it_is_granted_alive_and_paid_for(given, held):
    assert seen_of([right(**given)])["inventions_held"] == held


@pytest.mark.parametrize(
    ("kind", "applied_on", "held"),
    [
        ("invention", dt.date(2006, 3, 15), 1),
        ("invention", dt.date(2006, 3, 14), 0),
        ("utility_model", dt.date(2016, 3, 15), 1),
        ("utility_model", dt.date(2016, 3, 14), 0),
        ("design", dt.date(2016, 3, 14), 0),
        ("design", dt.date(2021, 5, 31), 1),
        ("trademark", dt.date(1990, 1, 1), 1),
        ("software", dt.date(1990, 1, 1), 1),
    ],
)
def test_without_a_last_day_the_term_of_the_law_counts(kind, applied_on, held):
    assert seen_of([right(kind=kind, applied_on=applied_on)])["rights_held"] == held


def test_kinds_are_counted_apart():
    kinds = ["invention", "invention", "utility_model", "design", "software", "trademark", "plant_variety"]
    rows = [right(number, kind, applied_on=dt.date(2021, 7, 1)) for number, kind in enumerate(kinds)]
    names = ("inventions_held", "utility_models_held", "designs_held", "software_held", "trademarks_held")
    seen = seen_of(rows)
    assert [seen[name] for name in names] == [2, 1, 1, 1, 1]
    assert seen["rights_held"] == 7


def test_the_newest_version_of_a_right_counts_and_once():
    """As pledged, and as released and ceased since."""
    pledged = right(pledged_on=dt.date(2024, 1, 1), known_on=dt.date(2024, 1, 2))
    ceased = {**pledged, "released_on": dt.date(2025, 1, 1), "ceased_on": dt.date(2025, 2, 1)}
    assert seen_of([right(), pledged])["rights_pledged"] == 1
    seen = seen_of([{**ceased, "known_on": dt.date(2025, 2, 2)}, right(), pledged])
    assert (seen["rights_held"], seen["rights_pledged"]) == (0, 0)


def test_remaining_life_by_hand():
    """Applied for on 15 March 2018: 20 years end on 15 March 2038, 144 months ahead; the other ends in 10 months."""
    rows = [right(), right(2, expires_on=dt.date(2027, 2, 14)), right(3, "utility_model")]
    assert seen_of(rows)["invention_months_left"] == (144 + 10) / 2


def test_shares_of_origin():
    """Of four held two are own, one is bought and one unknown; of two inventions one is bought."""
    bought = {"origin": "bought", "acquired_on": dt.date(2025, 3, 1)}
    rows = [right(1), right(2, **bought), right(3, "software"), right(4, "software", origin=None)]
    seen = seen_of([*rows, right(5, **bought, ceased_on=AS_OF)])
    assert (seen["own_rights_share"], seen["bought_inventions_share"]) == (0.75, 0.5)
    assert seen["rights_bought_12m"] == 2


@pytest.mark.parametrize(
    ("acquired_on", "bought"),
    [(dt.date(2026, 3, 1), 0), (dt.date(2026, 2, 28), 1), (dt.date(2025, 3, 1), 1), (dt.date(2025, 2, 28), 0)],
)
def test_purchases_are_those_of_twelve_complete_months(acquired_on, bought):
    assert seen_of([right(origin="bought", acquired_on=acquired_on)])["rights_bought_12m"] == bought


def test_applications_by_hand():
    """Two in the last year, one in the year before, one of 36 months ago and one before; a bought one is not ours."""
    days = [dt.date(2026, 2, 1), dt.date(2025, 3, 1), dt.date(2025, 2, 28), dt.date(2023, 3, 1), dt.date(2023, 2, 28)]
    rows = [right(number, applied_on=day, granted_on=None) for number, day in enumerate(days)]
    rows = [{**row, "known_on": row["applied_on"]} for row in rows]
    seen = seen_of([*rows, right(9, applied_on=days[0], granted_on=None, origin="bought", known_on=AS_OF)])
    assert (seen["applications_36m"], seen["applications_trend_24m"]) == (4, 1 / 3)
    assert (seen["days_since_application"], seen["pending_applications"]) == (42, 6)


def test_citations_are_a_mean_over_patents_that_tell_them():
    rows = [right(1, citations=6), right(2, "utility_model", citations=0), right(3), right(4, "software", citations=90)]
    assert seen_of(rows)["citations_per_patent"] == 3


def test_fees_that_lapsed_are_counted_while_the_right_lives():
    lapsed = {"fee_paid_until": YESTERDAY}
    rows = [right(1, **lapsed), right(2, **lapsed, ceased_on=AS_OF), right(3, **lapsed, granted_on=None)]
    assert seen_of(rows)["rights_with_fees_lapsed"] == 1


@pytest.mark.parametrize(
    ("given", "valid"),
    [
        ({"valid_to": AS_OF}, 1),
        ({"valid_to": YESTERDAY}, 0),
        ({"revoked_on": AS_OF}, 0),
        ({"revoked_on": TOMORROW}, 1),
        ({"valid_from": TOMORROW}, 0),
        ({"valid_from": dt.date(2023, 3, 15)}, 1),
        ({"valid_from": dt.date(2023, 3, 14)}, 0),
    ],
)
def test_a_certificate_is_valid_within_its_days(given, valid):
    """Without a last day a high-tech certificate holds for three years."""
    seen = seen_of(certificates=[certificate(**given)])
    assert (seen["hnte_valid"], seen["valid_certificates"]) == (valid, valid)


def test_the_highest_rung_counts():
    """The little giant's title ended, the specialised one holds."""
    ended = certificate("little_giant", valid_to=YESTERDAY)
    seen = seen_of(certificates=[ended, certificate("srdi"), certificate("innovative"), certificate("tech_sme")])
    assert (seen["srdi_level"], seen["valid_certificates"], seen["tech_sme_valid"]) == (2, 2, 0)


def test_months_to_the_end_of_the_certificate():
    """1 January 2024 and three years: to 1 January 2027 nine whole months; the renewed one runs a year longer."""
    assert seen_of(certificates=[certificate()])["hnte_months_left"] == 9
    renewed = certificate(certificate="q-2", valid_to=dt.date(2027, 3, 15))
    assert seen_of(certificates=[certificate(), renewed])["hnte_months_left"] == 12
    assert seen_of(certificates=[certificate("srdi")])["hnte_months_left"] is None
