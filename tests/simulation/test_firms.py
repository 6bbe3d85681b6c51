"""Who lives in the invented city."""

import datetime as dt

import numpy as np
import pytest

from simulation.assumed import city as a
from simulation.firms import IDLE, NEVER, RING, ROLES, SHELL, SUSPENDED, ZERO_FILER, Firms, draw_firms
from simulation.months import calendar
from sources.codes import is_valid_code

UNTIL = dt.date(2026, 10, 31)


@pytest.fixture(scope="module")
def communities() -> list[Firms]:
    months = calendar(24, UNTIL)
    return [draw_firms(number, months, seed=3) for number in range(25)]


def test_a_community_is_the_same_whatever_else_is_drawn(communities):
    again = draw_firms(7, calendar(24, UNTIL), seed=3)
    assert (again.sales == communities[7].sales).all()
    assert again.codes.equals(communities[7].codes)
    assert (draw_firms(7, calendar(24, UNTIL), seed=4).sales != again.sales).any()


def test_codes_are_well_formed_and_never_twice(communities):
    codes = [code for firms in communities for code in firms.codes]
    assert all(map(is_valid_code, codes))
    assert len(set(codes)) == len(codes) == 25 * a.COMMUNITY


def test_the_first_enterprise_is_the_one_that_examples_name(communities):
    assert communities[0].codes[0] == "Y1110108XP000001X5"
    assert ROLES[communities[0].role[0]] == "ordinary"


@pytest.mark.parametrize("role", [role for role in a.ROLES if role not in {"ordinary", "ring"}])
def test_roles_come_in_their_shares(communities, role):
    share = np.mean([firms.role == ROLES.index(role) for firms in communities])
    error = np.sqrt(a.ROLES[role] / (25 * a.COMMUNITY))
    assert abs(share - a.ROLES[role]) < 4 * error


def test_rings_are_whole_groups_of_neighbours(communities):
    for firms in communities:
        assert ((firms.ring >= 0) == (firms.role == RING)).all()
        for ring in np.unique(firms.ring[firms.ring >= 0]):
            places = np.flatnonzero(firms.ring == ring)
            assert a.RING_SIZE[0] <= len(places) <= a.RING_SIZE[1]
            assert (np.diff(places) == 1).all()


def test_districts_and_industries_come_in_their_shares(communities):
    district = np.concatenate([firms.district for firms in communities])
    assert abs(np.mean(district == "110105") - a.DISTRICTS["110105"]) < 0.03
    industry = np.concatenate([firms.industry for firms in communities])
    for place, trade in enumerate(a.INDUSTRIES):
        assert abs(np.mean(industry == place) - trade.share) < 0.03
        assert set(np.concatenate([f.division[f.industry == place] for f in communities])) <= set(trade.divisions)


def test_only_firms_below_the_limit_are_small_scale_and_zero_filers_all_are(communities):
    for firms in communities:
        assert (12 * firms.sales[firms.small_scale] <= a.SMALL_SCALE_LIMIT).all()
        assert firms.small_scale[firms.role == ZERO_FILER].all()


def test_idle_firms_stopped_before_anything_is_told_and_shells_stop_on_the_way(communities):
    first = calendar(24, UNTIL).first
    for firms in communities:
        assert (firms.stopped[firms.role == IDLE] < first).all()
        assert (firms.stopped[firms.role == SHELL] < NEVER).all()
        assert (firms.stopped[~np.isin(firms.role, [IDLE, SHELL])] == NEVER).all()


def test_only_suspended_firms_pause_and_they_come_back(communities):
    for firms in communities:
        paused = firms.pause < NEVER
        assert (paused == (firms.role == SUSPENDED)).all()
        assert (firms.resume[paused] > firms.pause[paused]).all()


def test_a_firm_is_established_in_the_month_before_it_begins(communities):
    months = calendar(24, UNTIL)
    firms = communities[2]
    begins = months.starts[0].astype("M8[M]") + firms.born
    assert (firms.established_on.astype("M8[M]") == begins - 1).all()
