import datetime as dt
from collections import Counter
from typing import get_args

import pytest

from decisions.fact_definitions import documents, facts
from decisions.files import read
from decisions.offered.areas import covers
from decisions.offered.catalogue import CATALOGUE_FOLDER, load_catalogue
from decisions.offered.product_words import (
    CATEGORY_NAMES,
    CHANNEL_NAMES,
    FEE_NAMES,
    GUARANTEE_NAMES,
    REPAYMENT_NAMES,
    STATUS_NAMES,
)
from decisions.offered.products import (
    BankFile,
    Category,
    Channel,
    FeeKind,
    GuaranteeMode,
    Repayment,
    Status,
)

TODAY = dt.date(2026, 11, 22)
FILES = sorted(CATALOGUE_FOLDER.glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bank_file_loads_without_mistakes(path):
    assert read(path, BankFile).mistakes(path.stem) == []


def test_the_catalogue_has_42_banks_and_150_products(everything):
    statuses = {entry.product.id: entry.product.status for entry in everything.entries}
    assert len({entry.bank.id for entry in everything.entries}) == 42
    assert Counter(statuses.values()) == {"reference": 48, "illustrative": 102}
    assert len(everything.product_ids) == 150


def test_every_category_of_the_handbook_has_products_on_offer(catalogue):
    offered = {entry.product.category for entry in catalogue.entries}
    assert offered == set(CATEGORY_NAMES) == set(get_args(Category))


@pytest.mark.parametrize(
    ("names", "codes"),
    [
        (STATUS_NAMES, Status),
        (GUARANTEE_NAMES, GuaranteeMode),
        (CHANNEL_NAMES, Channel),
        (REPAYMENT_NAMES, Repayment),
        (FEE_NAMES, FeeKind),
    ],
)
def test_every_code_has_a_name_in_both_languages(names, codes):
    assert set(names) == set(get_args(codes))


def test_a_product_is_illustrative_exactly_under_a_fictional_bank(everything):
    assert all((entry.product.status == "illustrative") == entry.bank.fictional for entry in everything.entries)


def test_illustrative_products_and_their_banks_name_no_real_bank(everything):
    for entry in everything.entries:
        if entry.bank.fictional:
            assert entry.bank.name.zh.startswith("示例银行")
            assert entry.product.name.zh.startswith("示例")
            assert entry.product.name.en.startswith("Example")


def test_without_illustrative_products_only_real_banks_are_left():
    left = load_catalogue(illustrative=False)
    assert len(left.entries) == 48
    assert not any(entry.bank.fictional for entry in left.entries)


def test_every_rule_and_limit_asks_about_a_fact_that_exists(everything):
    asked = {rule.fact for entry in everything.entries for rule in entry.product.rules}
    asked |= {part.basis for entry in everything.entries for ceiling in entry.product.limit for part in ceiling.parts}
    assert asked <= set(facts())


def firm_that_meets(rules):
    """Values that keep every rule, fact by fact; divisions lie in a section that is admitted."""
    values = {}
    for fact in {rule.fact for rule in rules} - {"industry_division"}:
        mine = [rule for rule in rules if rule.fact == fact]
        bounds = [bound for rule in mine for bound in (rule.at_least, rule.at_most, *(rule.between or ()))]
        known = facts()[fact]
        words = (*(code for rule in mine for code in rule.one_of), *known.words, "other-product")
        tried = [(word,) if known.unit == "words" else word for word in words]
        tried = [bound for bound in bounds if bound is not None] if known.is_number else tried
        values[fact] = next(value for value in tried if all(rule.admits(value) for rule in mine))
    divisions = [rule for rule in rules if rule.fact == "industry_division"]
    if divisions:
        sections = [rule for rule in rules if rule.fact == "industry_section"]
        tried = (*(code for rule in divisions for code in rule.one_of), "C34", "F51", "I65", "A01", "H62")
        values["industry_division"] = next(
            code
            for code in tried
            if all(rule.admits(code) for rule in divisions) and all(rule.admits(code[0]) for rule in sections)
        )
    return values


def test_no_products_conditions_contradict_each_other(everything):
    for entry in everything.entries:
        values = firm_that_meets(entry.product.rules)
        assert all(rule.admits(values[rule.fact]) for rule in entry.product.rules), entry.product.id


def test_no_product_asks_for_a_first_borrower_who_has_borrowed(everything):
    for entry in everything.entries:
        asked = {rule.fact for rule in entry.product.rules if rule.at_least}
        first = [rule for rule in entry.product.rules if rule.fact == "bank_loans_ever" and rule.at_most == 0]
        assert not (first and asked & {"bank_loans_ever", "principal_due_fen", "debt_fen"}), entry.product.id
        assert bool(first) <= (entry.product.first_loan_friendly is not False), entry.product.id


def test_every_paper_asked_for_has_words(everything):
    asked = {code for entry in everything.entries for code in entry.product.documents}
    asked |= {fact.document for fact in facts().values()}
    assert asked <= set(documents())


def test_historic_products_are_not_offered_today_but_were_in_their_year(everything):
    historic = {"bocom-zhishichanquan-zhiya-2006", "cmbc-shuitianfu-2015"}
    assert historic.isdisjoint(entry.product.id for entry in everything.on(TODAY).entries)
    assert [entry.product.id for entry in everything.on(dt.date(2006, 6, 1)).entries] == [
        "bocom-zhishichanquan-zhiya-2006"
    ]


def test_a_product_is_offered_on_its_last_day_and_not_on_the_next(everything):
    assert len(everything.on(dt.date(2015, 12, 31)).entries) == 1
    assert len(everything.on(dt.date(2016, 1, 1)).entries) == 0


def test_an_invented_product_says_where_when_and_whom_to_ask(everything):
    for entry in everything.entries:
        if entry.bank.fictional:
            assert entry.product.channel, entry.product.id
            assert entry.product.decision_days, entry.product.id
            assert entry.product.notes[0].zh == "虚构条款，仅供演示"


@pytest.mark.parametrize("district", [f"1101{place:02}" for place in (*range(1, 3), *range(5, 10), *range(11, 20))])
def test_a_product_offered_in_a_district_of_beijing_has_a_contact_there(catalogue, district):
    here = [one for one in catalogue.entries if any(covers(area, district) for area in one.product.districts)]
    assert [one.product.id for one in here if catalogue.contact(one, district) is None] == []


def test_no_contact_is_a_person_or_a_number(everything):
    contacts = [one for entry in everything.entries for one in (*entry.bank.contacts, *entry.product.contacts)]
    desks = ("部", "窗口", "网点", "入口")
    assert all(any(desk in contact.text.zh for desk in desks) for contact in contacts)
    assert not any(character.isdigit() for contact in contacts for character in contact.text.zh + contact.text.en)


def test_invented_pledges_and_guarantees_name_their_fees(everything):
    for entry in everything.entries:
        kinds = {fee.kind for fee in entry.product.fees}
        if entry.bank.fictional and entry.product.guarantee_mode == "guarantee":
            assert "guarantee" in kinds, entry.product.id
        if entry.bank.fictional and "ip_appraisal" in entry.product.documents:
            assert "appraisal" in kinds, entry.product.id


def test_fees_stay_within_what_public_pages_state(everything):
    most = {"guarantee": 0.01, "appraisal": 0.01}
    fees = [fee for entry in everything.entries for fee in entry.product.fees]
    assert all(fee.share <= most.get(fee.kind, 0.01) for fee in fees)


def test_the_version_is_the_newest_first_day(everything):
    assert everything.version == "2027-07-01"
    assert everything.on(TODAY).version == "2026-11-01"
    assert everything.on(dt.date(2020, 3, 1)).version is None


def test_a_product_is_found_by_its_id(everything):
    assert everything.find("ccb-yunshuidai").product.name.zh == "云税贷"
    with pytest.raises(KeyError, match="no-such-loan"):
        everything.find("no-such-loan")


@pytest.mark.parametrize(
    ("on", "cap_fen"),
    [
        (dt.date(2026, 11, 22), 1_500_000_00),
        (dt.date(2026, 12, 31), 1_500_000_00),
        (dt.date(2027, 1, 1), 2_000_000_00),
        (dt.date(2020, 1, 1), 2_000_000_00),
        (None, 2_000_000_00),
    ],
)
def test_the_version_on_offer_is_found_and_else_the_newest(everything, on, cap_fen):
    assert everything.find("example-9-shangquan-shoukuandai", on=on).product.cap_fen == cap_fen


def test_on_no_day_are_two_versions_of_a_product_offered(everything):
    days = {entry.product.from_day for entry in everything.entries}
    days |= {entry.product.until for entry in everything.entries if entry.product.until}
    for day in days:
        ids = [entry.product.id for entry in everything.on(day).entries]
        assert len(ids) == len(set(ids)), day
