"""Returns, payments, grades and statements of a community."""

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from simulation.community import Community, draw_community
from simulation.firms import IDLE, PAPER_BAD, RING, SHELL, SUSPENDED
from simulation.lives import Lives
from simulation.months import calendar
from simulation.told import tax
from simulation.told.lines import month_of
from simulation.told.tax_general import whole
from simulation.told.tax_profit import _after_losses, _tax, accrued, year_to_date
from simulation.told.tax_sales import declared, vat_rates
from simulation.told.tax_timing import Visits, monthly_visits, silent_from
from simulation.weather import weather

TELLERS = {
    "tax_filings": tax.tax_filings,
    "tax_ratings": tax.tax_ratings,
    "financial_statements": tax.financial_statements,
    "vat_returns": tax.vat_returns,
    "vat_returns_small_scale": tax.vat_returns_small_scale,
}
VERSION = ("firm", "tax_type", "period_start", "period_end")
PERIOD = ("firm", "period_start", "period_end")


@pytest.fixture(scope="module")
def filings(community: Community) -> pl.DataFrame:
    return tax.tax_filings(community)


@pytest.fixture(scope="module")
def returns(community: Community) -> pl.DataFrame:
    return tax.vat_returns(community)


@pytest.fixture(scope="module")
def small(community: Community) -> pl.DataFrame:
    return tax.vat_returns_small_scale(community)


@pytest.fixture(scope="module")
def statements(community: Community) -> pl.DataFrame:
    return tax.financial_statements(community)


@pytest.fixture(scope="module")
def paper_era() -> Community:
    months = calendar(16, dt.date(2020, 2, 29))
    return draw_community(1, months, weather(months, seed=5), seed=5)


def with_lives(community: Community, **changed: object) -> Community:
    return replace(community, lives=replace(community.lives, **changed))


def newest(rows: pl.DataFrame, key: tuple[str, ...] = PERIOD) -> pl.DataFrame:
    return rows.sort("filed_on", "known_on").unique(key, keep="last", maintain_order=True).sort(key)


def late(visits: Visits) -> float:
    return float((visits.filed_on > visits.due_on)[visits.told].mean())


def paid_late(visits: Visits) -> float:
    return float((~(visits.paid_on <= visits.due_on))[visits.told].mean())


@pytest.mark.parametrize("name", TELLERS)
def test_the_same_is_told_again_with_the_rows_of_a_firm_together(name, community):
    told = TELLERS[name](community)
    assert told.equals(TELLERS[name](community))
    assert told["firm"].is_sorted()


# Returns.


def test_retained_credit_is_carried_from_month_to_month(returns):
    chain = newest(returns).with_columns(last=pl.col("credit_carried_forward_fen").shift().over("firm"))
    following = chain.filter(pl.col("last").is_not_null())
    assert (following["credit_brought_forward_fen"] == following["last"]).all()
    assert (following["last"] > 0).mean() > 0.2


def test_what_is_unpaid_is_carried_from_month_to_month(returns):
    chain = newest(returns).with_columns(last=pl.col("unpaid_at_end_fen").shift().over("firm"))
    following = chain.filter(pl.col("last").is_not_null())
    assert (following["unpaid_at_start_fen"] == following["last"]).all()


def test_lines_32_to_34_follow_from_tax_due_and_tax_paid(returns):
    due, start, paid = (returns[name] for name in ("tax_due_fen", "unpaid_at_start_fen", "paid_fen"))
    assert (returns["unpaid_at_end_fen"] == due + start - paid).all()
    assert (returns["arrears_fen"] == start - paid + returns["prepaid_fen"]).all()
    assert (returns["payable_fen"] == due - returns["prepaid_fen"]).all()
    assert returns["arrears_fen"].min() == 0


def test_an_amended_return_declares_more_and_came_later(community):
    wider = replace(community, firms=replace(community.firms, conduct=np.full(len(community.firms), -2.5)))
    again = tax.vat_returns(wider).sort("filed_on").group_by(PERIOD).agg(
        pl.len(), pl.col("rated_sales_fen", "tax_due_fen", "filed_on")
    )  # fmt: skip
    twice = again.filter(pl.col("len") == 2)
    assert twice.height > 10
    for column in ("rated_sales_fen", "tax_due_fen", "filed_on"):
        assert (twice[column].list.last() >= twice[column].list.first()).all()
    assert (twice["tax_due_fen"].list.last() > twice["tax_due_fen"].list.first()).mean() > 0.9


def test_exporters_declare_exports_and_nobody_else_does(community, returns):
    sold = returns.group_by("firm").agg(pl.col("export_sales_fen").sum()).filter(pl.col("export_sales_fen") > 0)
    exporters = np.flatnonzero((community.firms.export_share > 0) & ~community.firms.small_scale)
    assert 0 < sold.height <= len(exporters)
    assert set(sold["firm"]) <= set(exporters.tolist())


def test_a_small_scale_quarter_up_to_the_limit_pays_on_special_invoices_only(small):
    """Since 2023: 300,000 yuan a quarter are free; special invoices are not, at 1 % since 2020-03."""
    since = small.filter(pl.col("period_start") >= dt.date(2023, 1, 1), pl.col("used_assets_sales_fen") == 0)
    sales = pl.sum_horizontal("sales_3_fen", "sales_5_fen", "exempt_sales_fen", "export_exempt_sales_fen")
    below = since.filter(sales <= 30_000_000)
    special = (below["special_invoice_3_fen"] * 0.01 + below["special_invoice_5_fen"] * 0.05).round()
    assert below.height > 100
    assert (below["tax_due_fen"] - special).abs().max() <= 1


def test_a_small_scale_quarter_above_the_limit_pays_on_all_sales(small):
    sales = pl.sum_horizontal("sales_3_fen", "sales_5_fen", "exempt_sales_fen", "export_exempt_sales_fen")
    above = small.filter(pl.col("period_start") >= dt.date(2023, 1, 1), sales > 30_000_000)
    taxed = (above["sales_3_fen"] + above["used_assets_sales_fen"]) * 0.01 + above["sales_5_fen"] * 0.05
    assert above.height > 20
    assert above["exempt_sales_fen"].max() == 0
    assert (above["tax_due_fen"] - taxed.round()).abs().max() <= 1


def test_vat_rates_fell_in_two_steps():
    months = calendar(30, dt.date(2020, 2, 29))
    at = [months.place_of(dt.date(year, month, 1)) for year, month in ((2018, 4), (2018, 5), (2019, 4))]
    place = draw_community(1, months, weather(months, seed=5), seed=5)
    goods = np.flatnonzero(place.firms.goods == "goods")[0]
    serves = np.flatnonzero(place.firms.goods == "serve")[0]
    assert vat_rates(place)[goods, at].tolist() == [0.17, 0.16, 0.13]
    assert vat_rates(place)[serves, at].tolist() == [0.06, 0.06, 0.06]


# Sources agree.


def test_the_filing_of_vat_has_the_amounts_of_the_return(filings, returns, small):
    vat = newest(filings.filter(tax_type="vat"), VERSION)
    lines = ("rated_sales_fen", "simple_sales_fen", "export_sales_fen", "exempt_sales_fen")
    small_lines = ("sales_3_fen", "sales_5_fen", "used_assets_sales_fen", "exempt_sales_fen", "export_exempt_sales_fen")
    told = pl.concat(
        newest(frame).select(*PERIOD, pl.sum_horizontal(columns).alias("sales"), "tax_due_fen")
        for frame, columns in ((returns, lines), (small, small_lines))
    )
    both = vat.join(told, on=PERIOD, how="full", coalesce=True)
    assert both.height == vat.height
    assert (both["taxable_sales_fen"] == both["sales"]).all()
    assert (both["due_fen"] == both["tax_due_fen"]).all()


def test_an_honest_firm_declares_what_it_invoices_and_part_of_the_rest(community):
    firms, calendar_ = community.firms, community.calendar
    sales = declared(community)
    year = slice(calendar_.months - 13, calendar_.months - 1)
    invoiced = community.books.issued_net[:, year].sum(axis=1)
    honest = ~firms.dishonest & ~np.isin(firms.role, (RING, SHELL)) & (invoiced > 0)
    ratio = sales.sales[:, year].sum(axis=1)[honest] / invoiced[honest]
    assert np.median(ratio) == pytest.approx(1.1, abs=0.1)
    assert (ratio > 0.9).mean() > 0.95


def test_the_statement_of_a_year_is_near_the_sales_declared_for_it(community, filings, statements):
    annual = newest(statements).filter(pl.col("period_end").dt.month() == 12)
    months = newest(filings.filter(tax_type="vat"), VERSION).with_columns(year=pl.col("period_end").dt.year())
    year = months.filter(pl.col("year") == 2025).group_by("firm").agg(pl.col("taxable_sales_fen").sum())
    both = annual.filter(pl.col("period_end").dt.year() == 2025).join(year, on="firm")
    honest = pl.Series(~community.firms.dishonest).gather(both["firm"])
    ratio = (both["revenue_fen"] / both["taxable_sales_fen"]).filter(honest & (both["taxable_sales_fen"] > 0))
    assert ratio.len() > 80
    assert ratio.median() == pytest.approx(1, abs=0.1)


def test_stocks_of_a_statement_are_those_of_the_hidden_life(community, statements):
    """Of firms that do not flatter: receivables to the fen, cash at least what there is."""
    firm, month = statements["firm"].to_numpy(), month_of(community.calendar, statements["period_end"].to_numpy())
    honest = ~community.firms.dishonest[firm]
    receivables = whole(100 * community.lives.receivables[firm, month])
    cash = whole(100 * community.lives.cash[firm, month])
    assert (statements["receivables_fen"].to_numpy() == receivables)[honest].all()
    assert (statements["cash_fen"].to_numpy() >= cash).all()


def test_the_yearly_statement_follows_that_of_the_last_quarter(statements):
    versions = statements.group_by(PERIOD).agg(pl.len(), pl.col("filed_on").sort())
    assert set(versions.filter(pl.col("len") == 2)["period_end"].dt.month()) == {12}
    both = versions.filter(pl.col("len") == 2)["filed_on"]
    assert both.list.last().dt.month().is_between(3, 12).mean() > 0.9


# Conduct.


def test_returns_are_due_on_the_fifteenth_or_later_where_holidays_fall_before(community):
    due_on = monthly_visits(community).due_on
    by_day = {day.item().replace(day=1): day.item().day for day in due_on}
    assert by_day[dt.date(2025, 7, 1)] == 15
    assert by_day[dt.date(2025, 6, 1)] == 16  # the 15th was a Sunday
    assert by_day[dt.date(2025, 10, 1)] > 20


def test_strain_makes_firms_late(community):
    calm = np.zeros_like(community.lives.strain)
    at_ease = monthly_visits(with_lives(community, strain=calm, overdue=calm.astype(np.int64)))
    strained = monthly_visits(with_lives(community, strain=calm + 0.9, overdue=calm.astype(np.int64)))
    assert late(strained) > 4 * late(at_ease)
    assert paid_late(strained) > 4 * paid_late(at_ease)
    assert 0.002 < late(at_ease) < 0.05


def test_strain_does_not_show_where_a_firm_is_closed_to_the_world(community):
    calm = np.zeros_like(community.lives.strain)
    lives = {"strain": calm + 0.9, "overdue": calm.astype(np.int64)}
    hidden = replace(with_lives(community, **lives), firms=replace(community.firms, openness=np.zeros(len(calm))))
    assert late(monthly_visits(hidden)) < 0.05


def test_what_was_left_open_is_paid_when_no_bills_are_open(community):
    """Bills open in the months 40 to 44; nobody is in default."""
    calm = np.zeros_like(community.lives.strain)
    strain, overdue = calm.copy(), calm.astype(np.int64)
    strain[:, 40:45], overdue[:, 40:45] = 1.0, np.arange(1, 6)
    open_ = replace(
        with_lives(community, strain=strain, overdue=overdue, default=np.full(len(calm), 10**5)),
        firms=replace(community.firms, openness=np.ones(len(calm)), role=np.zeros(len(calm), np.int64)),
    )
    visits = monthly_visits(open_)
    month = month_of(community.calendar, visits.paid_on[:, 40])
    assert (month == 45).mean() > 0.9
    assert not np.isnat(visits.paid_on).any()


def test_a_firm_in_default_hardly_pays_and_at_last_files_no_more(community):
    lives: Lives = with_lives(community, default=np.full(len(community.firms), 40)).lives
    broken = replace(community, lives=lives)
    visits = monthly_visits(broken)
    assert np.isnat(visits.paid_on[:, 42:60][visits.files[:, 42:60]]).mean() > 0.8
    assert visits.files[:, 41].sum() > 2 * visits.files[:, -2].sum()


def test_an_unpaid_filing_is_told_again_as_arrears_and_again_when_paid(filings):
    by_version = filings.sort("known_on").group_by(*VERSION, "filed_on").agg(
        pl.len(), pl.col("arrears_fen", "late_fee_fen"), pl.col("due_fen", "due_on", "paid_on").first()
    )  # fmt: skip
    thrice = by_version.filter(pl.col("len") == 3)
    assert thrice.height > 10
    assert (thrice["arrears_fen"].list.get(1) == thrice["due_fen"]).all()
    assert (thrice["arrears_fen"].list.last() == 0).all()
    days = (thrice["paid_on"] - thrice["due_on"]).dt.total_days()
    assert ((thrice["due_fen"] * 0.0005 * days).round() == thrice["late_fee_fen"].list.last()).all()


def test_no_row_tells_arrears_before_the_deadline_or_after_payment(filings):
    owes = filings.filter(pl.col("arrears_fen") > 0)
    assert (owes["known_on"] > owes["due_on"]).all()
    assert (owes["paid_on"].is_null() | (owes["paid_on"] > owes["known_on"])).all()


# Who looks like what.


def test_a_lawfully_suspended_firm_files_zeros(community):
    """The first firm that has a whole quarter of suspension and files by the month."""
    quiet = replace(community, firms=replace(community.firms, role=np.full(len(community.firms), SUSPENDED)))
    trading = community.lives.trading.copy()
    trading[:, -8:] = False
    sales = community.lives.sales * trading
    place = with_lives(quiet, trading=trading, sales=sales)
    books = community.books
    silent = replace(books, **{name: getattr(books, name) * trading for name in ("issued_net", "issued_vat")})
    place.__dict__["books"] = silent
    vat = newest(tax.vat_returns(place))
    late_months = vat.filter(pl.col("period_end") > dt.date(2026, 4, 30))
    assert late_months.height > 100
    assert (late_months["rated_sales_fen"] == 0).mean() > 0.9


def test_idle_firms_file_nothing(community, filings):
    idle = np.flatnonzero(community.firms.role == IDLE)
    assert len(idle)
    assert filings.filter(pl.col("firm").is_in(idle.tolist())).is_empty()


def test_nobody_files_after_falling_silent(community, filings):
    month = month_of(community.calendar, filings["period_end"].to_numpy())
    assert (month < silent_from(community)[filings["firm"].to_numpy()]).all()


def test_a_firm_that_looks_bad_owes_its_owner_more_than_others_owe(community, statements):
    bad = np.flatnonzero((community.firms.role == PAPER_BAD) & (community.lives.default > community.calendar.months))
    share = (statements["liabilities_fen"] / statements["assets_fen"]).to_numpy()
    looks_bad = np.isin(statements["firm"].to_numpy(), bad)
    assert np.median(share[looks_bad]) > 1.5 * np.median(share[~looks_bad])


# Grades.


def test_the_grade_published_in_april_or_its_repair_is_the_one_in_force(community):
    rows = tax.tax_ratings(community).filter(pl.col("year").is_between(2024, 2025))
    firm = rows["firm"].to_numpy()
    april = np.array([community.calendar.place_of(dt.date(year + 1, 4, 1)) for year in rows["year"]])
    in_force = np.array(list("ABMCD"))[community.lives.grade[firm, april]]
    same = (rows["grade"].cast(pl.String) == in_force) | (rows["grade_after_repair"].cast(pl.String) == in_force)
    files_on = pl.Series(silent_from(community)[firm] > april)
    old_enough = pl.Series(april - community.firms.born[firm] >= 16)
    assert rows.height > 250
    assert same.fill_null(value=False).filter(files_on & old_enough).all()


def test_points_lie_within_the_grade(community):
    rows = tax.tax_ratings(community)
    bounds = {"A": (90, 100), "B": (70, 89), "M": (70, 89), "C": (40, 69), "D": (0, 39)}
    for grade, (lowest, highest) in bounds.items():
        assert rows.filter(grade=grade)["points"].is_between(lowest, highest).all()


def test_grades_of_earlier_years_are_told_too(community):
    years = tax.tax_ratings(community).group_by("year").len()
    assert years["year"].min() <= community.calendar.year[community.calendar.first] - 3
    assert (years["len"] > 50).all()


def test_new_firms_were_not_graded_m_before_there_was_an_m(paper_era):
    rows = tax.tax_ratings(paper_era)
    assert rows.filter(grade="M")["year"].min() >= 2017


# Arithmetic.


def test_losses_are_set_off_oldest_first_and_lapse_after_five_years():
    losses = np.array([[30.0, 20.0, 0.0, 0.0, 10.0]])
    taxable, left = _after_losses(np.array([45.0]), losses)
    assert taxable.tolist() == [0.0]
    assert left.tolist() == [[5.0, 0.0, 0.0, 10.0, 0.0]]  # 30 and 15 of 20 are used; the oldest year lapses


def test_small_profits_pay_five_percent_and_high_technology_fifteen(community):
    two = community.firms.take(np.array([0, 0]))
    two = replace(two, title=np.array([0, 2]), industry=np.zeros(2, np.int64), legal_form=np.full(2, "limited_company"))
    assert _tax(np.array([1e6, 1e6]), 2025, two).tolist() == [50_000.0, 50_000.0]
    assert _tax(np.array([4e6, 4e6]), 2025, two).tolist() == [1_000_000.0, 600_000.0]


def test_pay_that_was_not_paid_is_owed_all_the_same():
    paid = np.array([[0.0, 5.0, 0.0, 0.0, 7.0, 0.0]])
    trading = np.array([[False, True, True, True, True, False]])
    assert accrued(paid, trading).tolist() == [[0.0, 5.0, 5.0, 5.0, 7.0, 0.0]]


def test_a_year_adds_up_from_january(community):
    months = community.calendar
    reached = year_to_date(np.ones((1, months.months)), months)[0]
    whole_years = months.month_of_year[12:] == reached[12:]
    assert whole_years.all()
