"""Cases that a credit officer can read: facts and a day in; verdicts, limits, rates, subsidies and order out.

A case is a file of cases/ with `title`, `day`, `score` (600 where it is left out), `arithmetic` (worked out by hand),
`[facts]` by the names of facts.toml, `[need]` and `[expect]`; what a fact does not say is unknown. `[[then]]` is the
same enterprise at another time: its own `day`, `score`, `facts`, `need` and `expect` take the place of those before,
and only what it names changes. Products are those of the catalogue, or the case's own `[[product]]` under an invented
bank; what such a product leaves out is taken from `PLAIN`. What is expected to be unknown is the word `unknown`.
"""

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import pytest

from decisions.facts import Facts, Need
from decisions.grades import standing
from decisions.match.matching import match
from decisions.money.lending import affordable
from decisions.money.renewal import renewal_verdict
from decisions.need_profile import need_profile
from decisions.offered.catalogue import Catalogue, Entry, load_catalogue
from decisions.offered.products import BankFile
from decisions.policies import policy_files, policy_on
from scoring.explained import Scored

FILES = sorted(Path(__file__).with_name("cases").glob("*.toml"))
BANK = {"id": "example", "name": {"zh": "示例银行", "en": "Example Bank"}, "fictional": True}
PLAIN = {
    "name": {"zh": "示例产品", "en": "Example product"},
    "status": "illustrative",
    "category": "credit_loan",
    "guarantee_mode": "credit",
    "from": dt.date(2024, 1, 1),
    "source": "made up for a case",
    "districts": ["CN"],
    "repayment": "interest_then_principal",
    "documents": [],
}
TOP_KEYS = {
    "title", "day", "score", "arithmetic", "facts", "not_found", "not_usable", "need", "expect", "product", "then",
}  # fmt: skip
THEN_KEYS = {"day", "score", "why", "facts", "need", "expect"}
EXPECTED_KEYS = {
    "grade", "stops", "clears_with", "suggested_limit_fen", "rate", "affordable_fen", "renewal", "renewal_opens_on",
    "findings", "review", "order", "product",
}  # fmt: skip
PRODUCT_KEYS = {
    "limit_fen", "limit_at_most_fen", "expected_value_fen", "all_in", "subsidies", "verdicts", "needs", "failed",
    "what_would_change_it", "contact", "offered",
}  # fmt: skip
RATE_WITHIN = 5e-6


@dataclass(frozen=True)
class Moment:
    """One day of a case."""

    name: str
    case: dict
    day: dt.date
    score: float
    given: dict
    wish: dict
    expect: dict

    @cached_property
    def facts(self):
        need = Need(**{name: _plain(value) for name, value in self.wish.items()})
        stated = Facts.of({}, None, as_of=self.day, need=need).values
        return Facts(
            MappingProxyType({**stated, **{name: _plain(value) for name, value in self.given.items()}}),
            need,
            not_found=tuple(self.case.get("not_found", ())),
            not_usable=tuple(self.case.get("not_usable", ())),
        )

    @cached_property
    def policy(self):
        return policy_on(self.day)

    @cached_property
    def standing(self):
        """Grade, stops, and what a pure credit loan could be."""
        return standing(round(self.score), self.facts, self.policy)

    @cached_property
    def stops(self):
        return [found.stop for found in self.standing.policy_stops]

    @cached_property
    def needed(self):
        return need_profile(self.facts, self.policy)

    @cached_property
    def offered(self):
        wanted = set(self.expect.get("product", {}))
        own = tuple(_own_entry(product) for product in self.case.get("product", []))
        entries = [entry for entry in (*PACKAGED.entries, *own) if entry.product.id in wanted]
        return Catalogue(tuple(entry for entry in entries if entry.product.is_offered(self.day)))

    @cached_property
    def matched(self):
        scored = Scored("Y1110108XP000001X5", round(self.score), self.score, self.score, (), ())
        return match(self.facts, scored, catalogue=self.offered, policy=self.policy)

    @cached_property
    def rows(self):
        """What it can have, by the product's id."""
        return {row.candidate.entry.product.id: row for row in self.matched.products}

    @cached_property
    def refused(self):
        """What it cannot have, and by which conditions."""
        return {row.entry.product.id: row.failed for row in self.matched.not_eligible}


def _plain(value):
    return tuple(value) if isinstance(value, list) else value


def _own_entry(product):
    file = BankFile.model_validate({"bank": BANK, "product": [PLAIN | product]})
    assert file.mistakes(BANK["id"]) == []
    return Entry(file.bank, file.product[0])


def _moments(path):
    case = tomllib.loads(path.read_text("utf-8"))
    facts, need = case.get("facts", {}), case.get("need", {})
    day, score = case["day"], case.get("score", 600)
    yield Moment(f"{path.stem}@{day}", case, day, score, facts, need, case["expect"])
    for place, then in enumerate(case.get("then", []), 2):
        facts, need = facts | then.get("facts", {}), need | then.get("need", {})
        day, score = then.get("day", day), then.get("score", score)
        yield Moment(f"{path.stem}@{day}#{place}", case, day, score, facts, need, then["expect"])


PACKAGED = load_catalogue(illustrative=True)
MOMENTS = [moment for path in FILES for moment in _moments(path)]
PRODUCTS = [(moment, name) for moment in MOMENTS for name in moment.expect.get("product", {})]


def moments_with(*keys):
    """Moments that expect something by one of these keys, a test each."""
    chosen = [moment for moment in MOMENTS if set(keys) & set(moment.expect)]
    return pytest.mark.parametrize("moment", chosen, ids=lambda moment: moment.name)


def products_with(key):
    """Products of moments of which something is expected by this key, a test each."""
    chosen = [(moment, name) for moment, name in PRODUCTS if key in moment.expect["product"][name]]
    ids = [f"{moment.name}:{name}" for moment, name in chosen]
    return pytest.mark.parametrize(("moment", "product_id"), chosen, ids=ids)


def test_there_are_enough_cases_and_each_shows_its_arithmetic():
    assert len(FILES) >= 60
    assert all(tomllib.loads(path.read_text("utf-8"))["arithmetic"].strip() for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_case_holds_nothing_that_is_not_looked_at(path):
    case = tomllib.loads(path.read_text("utf-8"))
    assert set(case) <= TOP_KEYS
    assert all(set(then) <= THEN_KEYS for then in case.get("then", []))
    for expected in (case["expect"], *(then["expect"] for then in case.get("then", []))):
        assert expected
        assert set(expected) <= EXPECTED_KEYS
        assert ("order" in expected) == ("product" in expected)
        assert all(product.keys() <= PRODUCT_KEYS for product in expected.get("product", {}).values())


def test_every_stop_and_every_subsidy_has_a_case():
    stops = {code for moment in MOMENTS for code in moment.expect.get("stops", [])}
    told = [moment.expect["product"][name].get("subsidies", []) for moment, name in PRODUCTS]
    assert stops == {stop.code for stop in policy_files().stops.stop}
    assert {row["code"] for rows in told for row in rows} == {row.code for row in policy_files().subsidies.subsidy}


def test_every_stop_that_lawful_conduct_ends_has_a_case_in_which_it_has_ended():
    ended = set()
    for path in FILES:
        first, *_, last = [*_moments(path)] * 2
        ended |= {stop.code for stop in first.stops} - {stop.code for stop in last.stops}
    assert ended == {stop.code for stop in policy_files().stops.stop if stop.actionable}


@moments_with("grade")
def test_the_grade_is_as_worked_out(moment):
    assert moment.standing.grade == moment.expect["grade"]


@moments_with("stops")
def test_policy_stops_are_as_worked_out(moment):
    assert [stop.code for stop in moment.stops] == moment.expect["stops"]
    assert all(stop.how_it_clears.zh and stop.how_it_clears.en for stop in moment.stops)


@moments_with("clears_with")
def test_a_stop_says_what_ends_it(moment):
    assert {stop.code: stop.clears_with for stop in moment.stops} == moment.expect["clears_with"]


@moments_with("suggested_limit_fen")
def test_the_suggested_limit_is_as_worked_out(moment):
    assert _or_unknown(moment.standing.suggested_limit_fen) == moment.expect["suggested_limit_fen"]


@moments_with("rate")
def test_the_suggested_rate_is_as_worked_out(moment):
    band = moment.standing.rate
    assert {"low": band.low, "high": band.high} == pytest.approx(moment.expect["rate"], abs=RATE_WITHIN)


@moments_with("affordable_fen")
def test_what_the_cash_flow_carries_is_as_worked_out(moment):
    assert _or_unknown(affordable(moment.facts, moment.policy).fen) == moment.expect["affordable_fen"]


@moments_with("renewal")
def test_whether_a_loan_may_be_renewed_is_as_worked_out(moment):
    assert renewal_verdict(moment.facts, moment.policy).verdict == moment.expect["renewal"]


@moments_with("renewal_opens_on")
def test_when_a_renewal_may_be_asked_for_is_as_worked_out(moment):
    assert renewal_verdict(moment.facts, moment.policy).opens_on == moment.expect["renewal_opens_on"]


@moments_with("findings")
def test_findings_about_the_wish_are_as_worked_out(moment):
    assert [finding.code for finding in moment.needed.findings] == moment.expect["findings"]


@moments_with("review")
def test_a_review_is_asked_for_where_it_must_be(moment):
    assert bool(moment.standing.review_why or moment.needed.review_why) == moment.expect["review"]


@moments_with("order")
def test_the_order_is_as_worked_out(moment):
    assert [row.candidate.entry.product.id for row in moment.matched.products] == moment.expect["order"]


@moments_with("product")
def test_a_product_out_of_the_order_is_refused_or_not_offered(moment):
    out = set(moment.expect["product"]) - set(moment.expect["order"])
    told = moment.expect["product"]
    assert all("failed" in told[name] or told[name].get("offered") is False for name in out)
    assert {name for name in told if told[name].get("offered") is not False} == {*moment.rows, *moment.refused}


@products_with("limit_fen")
def test_a_limit_is_as_worked_out(moment, product_id):
    assert moment.rows[product_id].candidate.limit.fen == moment.expect["product"][product_id]["limit_fen"]


@products_with("limit_at_most_fen")
def test_a_limit_that_is_still_open_is_bounded_as_worked_out(moment, product_id):
    limit = moment.rows[product_id].candidate.limit
    assert limit.fen is None
    assert limit.at_most_fen == moment.expect["product"][product_id]["limit_at_most_fen"]


@products_with("expected_value_fen")
def test_an_expected_value_is_as_worked_out(moment, product_id):
    assert moment.rows[product_id].worth.fen == moment.expect["product"][product_id]["expected_value_fen"]


@products_with("all_in")
def test_an_all_in_rate_is_as_worked_out(moment, product_id):
    expected, found = moment.expect["product"][product_id]["all_in"], moment.rows[product_id].all_in
    both = expected if isinstance(expected, dict) else {"before": expected, "after": expected}
    assert {"before": found.before, "after": found.after} == pytest.approx(both, abs=RATE_WITHIN)


@products_with("subsidies")
def test_subsidies_are_as_worked_out(moment, product_id):
    expected = moment.expect["product"][product_id]["subsidies"]
    found = moment.rows[product_id].subsidies
    assert [{key: _told(row, key) for key in want} for row, want in zip(found, expected, strict=True)] == expected


def _told(subsidy, key):
    value = getattr(subsidy, key)
    return [need.en for need in value] if key == "needs" else _or_unknown(getattr(value, "en", value))


def _or_unknown(value):
    """TOML has no null: what is not known is the word `unknown`."""
    return "unknown" if value is None else value


@products_with("verdicts")
def test_verdicts_are_as_worked_out(moment, product_id):
    verdicts = {found.rule: found.verdict for found in moment.rows[product_id].candidate.verdicts}
    assert verdicts.items() >= moment.expect["product"][product_id]["verdicts"].items()


@products_with("needs")
def test_needs_are_as_worked_out(moment, product_id):
    candidate = moment.rows[product_id].candidate
    needs = [found.need for found in candidate.verdicts if found.need] + list(candidate.limit.needs)
    assert list(dict.fromkeys(need.en for need in needs)) == moment.expect["product"][product_id]["needs"]


@products_with("failed")
def test_refusals_are_as_worked_out(moment, product_id):
    failed = dict.fromkeys(found.rule for found in moment.refused[product_id])
    assert list(failed) == moment.expect["product"][product_id]["failed"]


@products_with("what_would_change_it")
def test_what_would_change_a_refusal_is_as_worked_out(moment, product_id):
    nearest = [
        {"rule": found.rule, "needs": found.nearest, "actionable": found.actionable}
        for found in moment.refused[product_id]
    ]
    assert nearest == moment.expect["product"][product_id]["what_would_change_it"]


@products_with("contact")
def test_whom_to_ask_is_as_worked_out(moment, product_id):
    contact = moment.rows[product_id].candidate.contact
    assert (contact.text.en if contact else "none") == moment.expect["product"][product_id]["contact"]
