import datetime as dt
import tomllib

import pytest

from decisions.files import FileMistakesError
from decisions.offered.catalogue import CATALOGUE_FOLDER, Catalogue, Entry, load_catalogue, read_bank_files
from decisions.offered.products import Bank, BankFile, Contact
from decisions.text import Text

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
            "at_least = 24",
            "at_least = nan",
            "some.toml: some-loan: rules[1].at_least: got nan, expected a finite number",
        ),
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
        (
            '"firm_age_months", at_least = 24',
            '"industry_division", none_of = ["C31", "cement"]',
            "rules[1]: industry_division: got 'cement', expected a letter from A to T and two digits, such as C31",
        ),
        (
            "at_least = 24 }",
            'at_least = 24 }, { fact = "firm_age_months", at_least = 12 }',
            "some.toml: some-loan: rules: got 'at_least of firm_age_months' more than once, expected it once",
        ),
        (
            "repayment = ",
            "cap_without_collateral_fen = 2_000_000_00\nrepayment = ",
            "cap_without_collateral_fen: got 200000000, expected at most cap_fen 100000000",
        ),
        (
            "repayment = ",
            'channel = "fax"\nrepayment = ',
            "some.toml: some-loan: channel: got 'fax', expected 'online'",
        ),
        (
            "repayment = ",
            "rate = { low = 3.45 }\nrepayment = ",
            "some.toml: some-loan: rate.low: got 3.45, expected less than or equal to 1",
        ),
        (
            "[[product]]",
            (
                'contacts = [{ district = "BJ", text = { zh = "甲", en = "a" } }, '
                '{ district = "BJ", text = { zh = "乙", en = "b" } }]\n[[product]]'
            ),
            "some.toml: bank: contacts: got 'BJ' more than once, expected it once",
        ),
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


PRODUCT = GOOD[GOOD.index("[[product]]") :]
UNTIL_DECEMBER = GOOD.replace("2026-11-01", "2026-11-01\nuntil = 2026-12-31")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            GOOD + PRODUCT,
            "got 2026-11-01, expected a day after the end of the terms from 2026-11-01, which have no last",
        ),
        (
            UNTIL_DECEMBER + PRODUCT.replace("2026-11-01", "2026-12-31"),
            (
                "some.toml: some-loan: from: got 2026-12-31, expected a day after the end of the terms"
                " from 2026-11-01, which end on 2026-12-31"
            ),
        ),
    ],
)
def test_versions_of_a_product_that_overlap_are_a_mistake(tmp_path, text, expected):
    (tmp_path / "some.toml").write_text(text, "utf-8")
    with pytest.raises(FileMistakesError) as raised:
        load_catalogue(tmp_path, illustrative=True)
    assert len(raised.value.lines) == 1
    assert expected in raised.value.lines[0]


def two_versions(tmp_path, later=PRODUCT):
    """A product until December, and from January on."""
    (tmp_path / "some.toml").write_text(UNTIL_DECEMBER + later.replace("2026-11-01", "2027-01-01"), "utf-8")
    return load_catalogue(tmp_path, illustrative=False)


def test_a_later_version_of_a_product_may_follow_the_last_day(tmp_path):
    known = two_versions(tmp_path)
    assert known.product_ids == ("some-loan",)
    assert [entry.product.from_day.year for entry in known.entries] == [2026, 2027]
    assert known.on(dt.date(2026, 12, 31)).entries == known.entries[:1]
    assert known.on(dt.date(2027, 1, 1)).entries == known.entries[1:]


NOVEMBER, JANUARY = dt.date(2026, 11, 22), dt.date(2027, 1, 1)


def test_a_product_on_other_terms_is_changed_and_its_fields_are_named(tmp_path):
    later = PRODUCT.replace("1_000_000_00", "2_000_000_00").replace("at_least = 24", "at_least = 12")
    changes = two_versions(tmp_path, later).changes(NOVEMBER, JANUARY)
    (changed,) = changes.changed
    assert (changes.added, changes.ended) == ((), ())
    assert [one.field for one in changed.fields] == ["cap_fen", "rules"]
    assert (changed.fields[0].before, changed.fields[0].after) == (1_000_000_00, 2_000_000_00)


def test_terms_that_are_merely_prolonged_are_no_change(tmp_path):
    assert two_versions(tmp_path).changes(NOVEMBER, JANUARY).changed == ()


def test_a_product_is_added_on_its_first_day_and_ended_after_its_last(tmp_path):
    (tmp_path / "some.toml").write_text(UNTIL_DECEMBER, "utf-8")
    known = load_catalogue(tmp_path, illustrative=False)
    before, after = known.changes(dt.date(2026, 10, 31), NOVEMBER), known.changes(NOVEMBER, JANUARY)
    assert [entry.product.id for entry in before.added] == [entry.product.id for entry in after.ended] == ["some-loan"]
    assert (before.ended, after.added) == ((), ())


def test_nothing_differs_between_a_day_and_itself(everything):
    changes = everything.changes(NOVEMBER, NOVEMBER)
    assert (changes.added, changes.ended, changes.changed) == ((), (), ())


def contact(district, zh):
    return Contact(district=district, text=Text(zh=zh, en=zh))


def entry_with(*, of_bank=(), of_product=()):
    bank = Bank(id="some", name=Text(zh="某行", en="Some Bank"), contacts=of_bank)
    product = BankFile.model_validate(tomllib.loads(GOOD)).product[0].model_copy(update={"contacts": of_product})
    return Entry(bank, product)


HEAD, CITY, HAIDIAN = contact("CN", "总行"), contact("BJ", "北京分行"), contact("110108", "海淀支行")


@pytest.mark.parametrize(
    ("district", "found"),
    [("110108", HAIDIAN), ("110106", CITY), ("110000", CITY), ("310115", HEAD), (None, HEAD)],
)
def test_the_nearest_contact_is_told_first(district, found):
    assert Catalogue(()).contact(entry_with(of_bank=(HEAD, CITY, HAIDIAN)), district) == found


def test_a_products_own_contact_stands_before_the_banks():
    entry = entry_with(of_bank=(HAIDIAN,), of_product=(CITY,))
    assert Catalogue(()).contact(entry, "110108") == CITY


@pytest.mark.parametrize("district", ["310115", None])
def test_where_nobody_is_in_charge_there_is_no_contact(district):
    assert Catalogue(()).contact(entry_with(of_bank=(CITY,)), district) is None


def test_a_product_that_a_rule_names_must_exist(tmp_path):
    rule = '{ fact = "products_held", none_of = ["some-loan", "other-loan", "ccb-loan"] }'
    (tmp_path / "some.toml").write_text(GOOD.replace('{ fact = "firm_age_months", at_least = 24 }', rule), "utf-8")
    with pytest.raises(FileMistakesError) as raised:
        load_catalogue(tmp_path, illustrative=True)
    where = "some.toml: some-loan: rules[1]: products_held: got"
    assert raised.value.lines == (
        f"{where} 'other-loan', expected a product of the catalogue",
        f"{where} 'ccb-loan', expected a product of the catalogue",
    )


def test_a_product_of_a_file_with_mistakes_is_not_called_missing(tmp_path):
    rule = '{ fact = "products_held", none_of = ["third-loan"] }'
    (tmp_path / "some.toml").write_text(GOOD.replace('{ fact = "firm_age_months", at_least = 24 }', rule), "utf-8")
    (tmp_path / "third.toml").write_text(GOOD.replace("some", "third").replace("tax_loan", "tea_loan"), "utf-8")
    with pytest.raises(FileMistakesError) as raised:
        load_catalogue(tmp_path, illustrative=True)
    assert [line.split(":")[0] for line in raised.value.lines] == ["third.toml"]


def test_two_files_of_one_bank_are_a_mistake(tmp_path):
    (tmp_path / "other").mkdir()
    paths = [tmp_path / "some.toml", tmp_path / "other" / "some.toml"]
    for path in paths:
        path.write_text(GOOD, "utf-8")
    assert read_bank_files(paths).lines == ("some.toml: got 2 files of this bank, expected one",)


def test_products_come_in_the_same_order_whatever_the_order_of_the_files(everything):
    again = read_bank_files(sorted(CATALOGUE_FOLDER.glob("*.toml"), reverse=True)).catalogue
    assert again == everything


def test_an_empty_folder_is_a_mistake(tmp_path):
    with pytest.raises(FileMistakesError, match="got no products"):
        load_catalogue(tmp_path, illustrative=True)
