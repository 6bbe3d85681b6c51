"""The range shown beside a value is that of the enterprise's own peers, where the model has a reference of them."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from small_trees import small_model

from decisions.offered.catalogue import load_catalogue
from decisions.policies import policy_on
from features.peer_profiles import grouped_profiles
from features.peers import Group, PeerReference, fit_peers
from features.sets import INVOICE_FLOW
from serving.engine import Engine, Terms

AS_OF, RULES_ON = dt.date(2026, 10, 31), dt.date(2026, 11, 22)
TERMS = Terms(AS_OF, RULES_ON, policy_on(RULES_ON), explain="full")
FEW = 3
BY_NAME = {feature.name: feature for feature in INVOICE_FLOW}


@pytest.fixture(scope="module")
def peers(city: Any) -> PeerReference:
    return fit_peers(grouped_profiles(city.records, INVOICE_FLOW, AS_OF), INVOICE_FLOW, minimum=FEW)


def answers(city: Any, peers: PeerReference | None) -> list[dict[str, Any]]:
    model = replace(small_model(city.records, AS_OF), peers=peers)
    return list(Engine.of(model, load_catalogue(illustrative=False)).answer_all(city.records, TERMS))


def shown(answer: dict[str, Any]) -> dict[str, tuple[float, float]]:
    features = (feature for reason in answer["reasons"] for feature in reason["features"])
    return {feature["name"]: (feature["peer_low"], feature["peer_high"]) for feature in features}


def test_a_range_is_that_of_the_own_group(city: Any, peers: PeerReference) -> None:
    groups = grouped_profiles(city.records, (), AS_OF).rows(named=True)
    told = [(Group.of(row), shown(answer)) for row, answer in zip(groups, answers(city, peers), strict=True)]
    assert any(ranges for _, ranges in told)
    assert len({group for group, _ in told}) > 1
    for group, ranges in told:
        for name, band in ranges.items():
            assert band == (peers.band_of(BY_NAME[name], group) or (0.0, 1.0)), "of the model where peers are too few"


def test_without_a_reference_it_is_that_of_the_training_sample(city: Any) -> None:
    bands = [band for answer in answers(city, None) for band in shown(answer).values()]
    assert set(bands) == {(0.0, 1.0)}


def test_peers_change_what_is_said_and_not_the_score(city: Any, peers: PeerReference) -> None:
    beside, alone = answers(city, peers), answers(city, None)
    assert [one["unclipped_score"] for one in beside] == [one["unclipped_score"] for one in alone]
