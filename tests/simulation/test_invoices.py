"""What the invoices of an invented city look like."""

import datetime as dt

import polars as pl
import pytest

from simulation.assumptions import LAST_PAPER_DAY, LUNAR_NEW_YEARS
from simulation.seasons import calendar


def test_voids_fall_within_the_month_of_issue_and_on_paper_only(city):
    void = city.vat_invoices.filter(pl.col("voided_on").is_not_null())
    assert void.height > 100
    assert (void["voided_on"].dt.month_end() == void["issued_on"].dt.month_end()).all()
    assert void["issued_on"].max() <= LAST_PAPER_DAY


def test_a_red_letter_reverses_an_earlier_blue_invoice_of_the_same_partner_up_to_its_amount(city):
    red = city.vat_invoices.filter(pl.col("red_letter_of").is_not_null())
    assert red.height > 100
    assert red.select((pl.col("net_fen") < 0).all() & (pl.col("vat_fen") <= 0).all()).item()
    key = ["enterprise_id", "direction", "counterparty"]
    pairs = red.join(city.vat_invoices, left_on=[*key, "red_letter_of"], right_on=[*key, "number"], suffix="_blue")
    assert pairs.height == red.height
    assert (pairs["issued_on"] > pairs["issued_on_blue"]).all()
    assert (-pairs["net_fen"] <= pairs["net_fen_blue"]).all()
    assert pairs["voided_on_blue"].is_null().all()


def test_numbers_are_unique_and_have_the_length_of_their_time(city):
    rows = city.vat_invoices
    assert not rows.select(pl.struct("enterprise_id", "direction", "code", "number").is_duplicated().any()).item()
    paper = rows.filter(pl.col("issued_on") <= LAST_PAPER_DAY)
    digital = rows.filter(pl.col("issued_on") > LAST_PAPER_DAY)
    assert paper.select(pl.col("code").str.len_chars().unique(), pl.col("number").str.len_chars().unique()).row(0) == (
        12,
        8,
    )
    assert digital["code"].is_null().all()
    assert digital["number"].str.len_chars().unique().to_list() == [20]


def test_vat_is_charged_at_the_rates_of_the_law(city):
    large = city.vat_invoices.filter(pl.col("net_fen") > 1_000_000)
    rates = (large["vat_fen"] / large["net_fen"]).round(4).unique().sort().to_list()
    assert rates == [0.01, 0.03, 0.06, 0.09, 0.13]


def test_nothing_is_known_before_it_happens_or_issued_outside_the_months(city):
    rows = city.vat_invoices
    assert (rows["known_on"] >= rows["issued_on"]).all()
    assert rows["issued_on"].min() >= dt.date(2023, 11, 1)
    assert rows["issued_on"].max() <= dt.date(2026, 10, 31)


def test_only_firms_with_a_circle_buy_from_their_buyers(city):
    sides = city.vat_invoices.group_by("enterprise_id", "counterparty").agg(pl.col("direction").n_unique())
    in_circle = sides.filter(direction=2)
    assert 0 < in_circle["enterprise_id"].n_unique() < 0.15 * city.registry["enterprise_id"].n_unique()
    assert in_circle.group_by("enterprise_id").len()["len"].max() <= 3


@pytest.mark.parametrize("new_year", [day for day in LUNAR_NEW_YEARS if day < dt.date(2027, 1, 1)])
def test_the_days_of_spring_festival_are_nearly_silent(new_year):
    days = calendar(80, dt.date(2026, 10, 31))
    first = (new_year - days.starts[0].item()).days
    week = days.reached[first + 6] - days.reached[first - 1]
    ordinary = days.reached[first + 62] - days.reached[first + 55]
    assert week < 0.1 * ordinary


def test_more_february_than_january_is_lost_when_the_festival_is_in_february():
    days = calendar(36, dt.date(2026, 10, 31))
    january_2026, february_2026 = days.activity[26:28]
    assert february_2026 < 0.7 * january_2026
