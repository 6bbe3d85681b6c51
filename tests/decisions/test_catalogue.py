import datetime as dt
from collections import Counter

import pytest

from decisions.catalogue_files import CATALOGUE_FOLDER, load_catalogue
from decisions.fact_definitions import documents, facts
from decisions.files import FileMistakesError, read
from decisions.products import BankFile

TODAY = dt.date(2026, 11, 22)
FILES = sorted(CATALOGUE_FOLDER.glob("*.toml"))

GOOD = """
[bank]
id = "some"
name = { zh = "某行", en = "Some Bank" }

[[product]]
id = "some-loan"
name = { zh = "某贷", en = "Some Loan" }
status = "reference"
category = "tax_loan"
guarantee_mode = "credit"
from = 2026-11-01
source = "a page"
districts = ["CN"]
cap_fen = 1_000_000_00
limit = [{ parts = [{ basis = "tax_paid_12m_fen", multiple = 8 }] }]
repayment = "revolving"
documents = ["business_licence"]
rules = [{ fact = "firm_age_months", at_least = 24 }]
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bank_file_loads_without_mistakes(path):
    assert read(path, BankFile).mistakes(path.stem) == []


def test_the_catalogue_has_48_reference_and_12_illustrative_products(everything):
    assert Counter(entry.product.status for entry in everything.entries) == {"reference": 48, "illustrative": 12}


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


def test_the_version_is_the_newest_first_day(everything):
    assert everything.version == "2026-11-01"
    assert everything.on(dt.date(2020, 3, 1)).version is None


def test_a_product_is_found_by_its_id(everything):
    assert everything.find("ccb-yunshuidai").product.name.zh == "云税贷"
    with pytest.raises(KeyError, match="no-such-loan"):
        everything.find("no-such-loan")


def test_a_good_file_loads(tmp_path):
    (tmp_path / "some.toml").write_text(GOOD, "utf-8")
    assert [entry.product.id for entry in load_catalogue(tmp_path, illustrative=False).entries] == ["some-loan"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("tax_loan", "tea_loan", "some.toml: some-loan: category: got 'tea_loan', expected 'cashflow_loan'"),
        ('"firm_age_months"', '"firm_agee"', "some.toml: some-loan: rules[1]: fact: got 'firm_agee', expected a name"),
        (
            "at_least = 24",
            "one_of = ['A']",
            "some.toml: some-loan: rules[1]: firm_age_months: got one_of, expected at_least",
        ),
        ("at_least = 24", "at_least = '24'", "some.toml: some-loan: rules[1].at_least: got '24', expected a number"),
        (
            '"firm_age_months", at_least = 24',
            '"titles", one_of = ["srid"]',
            "rules[1]: titles: got 'srid', expected some of inno",
        ),
        ("at_least = 24", "between = [60, 18]", "expected the lower bound first"),
        (", at_least = 24 }", " }", "expected exactly one of at_least"),
        (
            "tax_paid_12m_fen",
            "tax_grade",
            "some.toml: some-loan: limit[1].parts[1]: basis: got 'tax_grade', expected a fact",
        ),
        ("cap_fen = 1_000_000_00", "cap_fen = -1", "some.toml: some-loan: cap_fen: got -1"),
        (
            "cap_fen = 1_000_000_00",
            "cap_yuan = 5",
            "some.toml: some-loan: cap_yuan: got an unknown field, expected some of id,",
        ),
        ("zh = ", "cn = ", "bank.name.cn: got an unknown field, expected some of zh, en"),
        (
            "2026-11-01",
            "2026-11-01\nuntil = 2026-10-01",
            "some.toml: some-loan: until: got 2026-10-01, expected a day from",
        ),
        ('["business_licence"]', '["licence"]', "some.toml: some-loan: documents: got 'licence', expected codes"),
        ('["CN"]', '["Beijing"]', "some.toml: some-loan: districts[1]: got 'Beijing'"),
        ("reference", "illustrative", "some-loan: status: got 'illustrative', expected confirmed or reference"),
        ('id = "some-loan"', 'id = "other-loan"', "expected it to start with 'some-'"),
        ('id = "some"', 'id = "same"', "bank.id: got 'same', expected the file's name 'some'"),
        (
            "repayment = ",
            "rate = { low = 0.05, high = 0.04 }\nrepayment = ",
            "some-loan: rate: got low 0.05 and high 0.04",
        ),
        ('source = "a page"', "", "some.toml: some-loan: source: missing, expected this field"),
        ("[bank]", "[bank", "some.toml: got text that is no TOML"),
    ],
)
def test_a_mistake_gets_a_line_saying_where_what_and_what_was_expected(tmp_path, old, new, expected):
    (tmp_path / "some.toml").write_text(GOOD.replace(old, new, 1), "utf-8")
    with pytest.raises(FileMistakesError) as raised:
        load_catalogue(tmp_path, illustrative=True)
    assert any(expected in line for line in raised.value.lines), raised.value.lines


def test_mistakes_of_several_files_are_reported_together(tmp_path):
    (tmp_path / "some.toml").write_text(GOOD.replace("tax_loan", "tea_loan").replace("revolving", "never"), "utf-8")
    (tmp_path / "third.toml").write_text(GOOD, "utf-8")
    with pytest.raises(FileMistakesError) as raised:
        load_catalogue(tmp_path, illustrative=True)
    assert [line.split(":")[0] for line in raised.value.lines] == ["some.toml", "some.toml", "third.toml"]


def test_a_product_given_twice_is_a_mistake(tmp_path):
    product = GOOD[GOOD.index("[[product]]") :]
    (tmp_path / "some.toml").write_text(GOOD + product, "utf-8")
    with pytest.raises(FileMistakesError, match="some-loan: id: got it 2 times, expected once"):
        load_catalogue(tmp_path, illustrative=True)


def test_an_empty_folder_is_a_mistake(tmp_path):
    with pytest.raises(FileMistakesError, match="got no products"):
        load_catalogue(tmp_path, illustrative=True)
