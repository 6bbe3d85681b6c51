"""The page about the invented city: what its tables say of small made-up numbers, and that its links lead somewhere."""

import datetime as dt
import re
from collections import Counter
from pathlib import Path
from string import Template

import numpy as np
import polars as pl
import pytest

from benchmarks import page_anchors, page_assumed, page_hardness, page_plots, page_realism, page_tables, simulation_page
from benchmarks.hardness import CLEAN
from benchmarks.realism import NAMED, Told
from features.sets import INVOICE_FLOW

SIZES = simulation_page.Sizes(communities=2, transfer=3, learn=1, judge=1, branches=100, seed=7)
DAY = dt.date(2026, 11, 22)


def sample(firms=400):
    """Firms of two communities: every 4th has a PD of 0.4, every 5th owes nothing, every 10th has a bad record."""
    random = np.random.default_rng(3)
    pd = np.where(np.arange(firms) % 4 == 0, 0.4, 0.01)
    return pl.DataFrame(
        {
            "enterprise_id": [f"Y{place:03d}" for place in range(firms)],
            "community": np.arange(firms) * 2 // firms,
            "role": np.arange(firms) % 3,
            "pd": pd,
            "pd_error": 0.01,
            "defaulted": random.random(firms) < pd,
            "borrower": np.arange(firms) % 5 > 0,
        }
    ).with_columns((pl.int_range(pl.len()) % 10 == 0).cast(pl.Float64).alias(name) for name in CLEAN)


def scores(_learn, judge):
    """Four models: the truth three times, and one that knows nothing."""
    truth = judge["pd"].to_numpy()
    return {"a": truth, "b": truth, "c": truth, "d": np.zeros(len(judge))}


@pytest.fixture(scope="module")
def hard():
    return page_hardness.measure(sample(), 1, scores=scores)


def profiles(shift=0.0):
    rows = {one.name: np.linspace(0, 1, 50) * (100 if one.unit == "fen" else 1) + shift for one in INVOICE_FLOW}
    return pl.DataFrame(rows)


@pytest.fixture(scope="module")
def found():
    table = pl.DataFrame(
        {
            "feature": [one.name for one in INVOICE_FLOW],
            "ks": [place / 100 for place in range(len(INVOICE_FLOW))],
            **{f"{side}_{at}": 1234.0 for side in ("real", "simulated") for at in ("q25", "median", "q75")},
            **{f"{side}_null": 0.0 for side in ("real", "simulated")},
        }
    )
    sides = [page_realism.curves(profiles(), NAMED, side=side) for side in ("real", "simulated")]
    months = [
        page_realism.usual_months(page_realism.month_shares(a_year()), side=side) for side in ("real", "simulated")
    ]
    told = Told(0.7, 0.68, 0.72, "LightGBM")
    return page_realism.Realism(
        425, 900, table, told, Told(0.9, 0.88, 0.92, "LightGBM"), pl.concat(sides), pl.concat(months)
    )


def a_year(*, per_month=2, first=dt.date(2018, 1, 1), last=dt.date(2018, 12, 31)):
    """Sales invoices of one firm: `per_month` in each month of 2018 and one more in December, between two purchases."""
    sales = [dt.date(2018, month, 10 + day) for month in range(1, 13) for day in range(per_month)] + [
        dt.date(2018, 12, 20)
    ]
    days = [first, *sales, last]
    direction = ["received", *("issued" for _ in sales), "received"]
    return pl.DataFrame({"enterprise_id": "Y1", "issued_on": days, "direction": direction})


def test_months_are_shares_of_a_year():
    shares = page_realism.month_shares(a_year())
    assert shares.height == 1
    # 25 sales invoices: 2 in January, 3 in December.
    assert shares["1"][0] == pytest.approx(2 / 25)
    assert shares["12"][0] == pytest.approx(3 / 25)


@pytest.mark.parametrize("known", [{"first": dt.date(2018, 1, 3)}, {"last": dt.date(2018, 12, 29)}, {"per_month": 1}])
def test_years_that_are_not_wholly_known_or_too_thin_say_nothing(known):
    assert page_realism.month_shares(a_year(**known)).is_empty()


def test_no_curve_shows_the_smallest_or_the_largest_firm():
    name = NAMED[0]
    curve = page_realism.curves(pl.DataFrame({name: [0.0, *range(100, 199), 1e9]}), [name], side="real")
    assert curve.height == 21
    assert curve["value"].min() > 0
    assert curve["value"].max() < 1e9


def test_numbers_count_under_the_weakest_mark_near_them():
    text = '"""About. All assumed."""\nA = 1  # seen\nB, C = 2, 3  # seen: law; recalled: share\nD = 4\n\n'
    text += "# Derived:\nE = (\n    5,\n    6,  # seen\n)\n"
    assert page_assumed.marks_in(text) == Counter(seen=2, recalled=2, assumed=1, derived=1)


def test_a_number_without_any_mark_is_told_as_such_and_days_count_once():
    text = '"""About."""\nimport datetime as dt\nA = dt.date(2020, 1, 1)\nB = {"b": -2.5, "c": True}  # ours\n'
    assert page_assumed.marks_in(text) == Counter(unmarked=1, ours=1)


def test_every_assumed_number_of_the_city_is_counted_once():
    counts = page_assumed.counts()
    marks = [*page_assumed.MARKS, page_assumed.UNMARKED]
    assert counts.select(pl.sum_horizontal(marks) == pl.col("all")).to_series().all()
    assert "economy.py" in counts["file"].to_list()


def test_tenths_are_ordered_by_true_chance(hard):
    # 320 borrowers; 100 of 400 firms have a PD of 0.4, 20 of those owe nothing: the highest two and a half tenths.
    assert hard.deciles["firms"].to_list() == [32] * 10
    assert hard.deciles["pd"].to_list()[-1] == pytest.approx(0.4)
    assert hard.deciles["pd"].to_list()[0] == pytest.approx(0.01)


def test_roles_share_all_defaults(hard):
    assert hard.roles["role"].to_list() == ["ordinary", "seasonal", "zero_filer"]
    assert hard.roles["share"].sum() == pytest.approx(1)
    assert hard.roles["firms"].sum() == 400


def test_only_borrowers_of_unseen_communities_are_judged(hard):
    assert (hard.all, hard.borrowers, hard.judged) == (400, 320, 160)
    assert [model.name for model in hard.models] == ["a", "b", "c", "d"]
    assert (hard.models[-1].auc, hard.models[-1].expected) == pytest.approx((0.5, 0.5))


def test_clean_records_are_those_without_anything_bad(hard):
    # Divisible by 10 means divisible by 5: no borrower has a bad record.
    assert hard.clean == 1


def test_wilson_interval_of_nothing_in_ten():
    low, high = page_hardness.wilson(np.array([0]), np.array([10]))
    # z² / (n + z²) = 3.8416 / 13.8416.
    assert (low[0], high[0]) == pytest.approx((0, 0.27754), abs=1e-5)


def test_anchors_are_ratios_of_sums():
    sums = {"firms": 4, "never lent": 1, "asked": 3, "granted": 2, "limit": 200.0, "drawn": 150.0}
    sums |= {"rate x drawn": 6.0, "lent": 300.0, "lent on credit": 90.0}
    anchors = page_anchors.anchors(Counter(sums))
    assert (anchors.never_lent, anchors.drawn, anchors.credit, anchors.rate) == (0.25, 0.75, 0.3, 0.04)


def test_an_aim_that_is_missed_is_said_to_be():
    assert page_tables.within(0.86, 0, 0.85) == "**missed**"
    assert page_tables.within(0.85, 0, 0.85) == "kept"


def test_pictures_are_small_and_the_same_every_time(found, hard, tmp_path):
    names, _ = (page_plots.draw(tmp_path / run, found, hard, branches=100) for run in ("one", "two"))
    assert names == ["distributions.svg", "months.svg", "chances.svg", "models.svg"]
    for name in names:
        first, second = ((tmp_path / run / name).read_bytes() for run in ("one", "two"))
        assert first == second
        assert len(first) < page_plots.MOST_BYTES


@pytest.fixture(scope="module")
def page(found, hard):
    moved = simulation_page.Transfer(500, 40, 123, 27, 0.81, 0.7, 0.9)
    anchors = page_anchors.Anchors(1000, 0.3, 50, 30, 0.75, 0.3, 0.037)
    measured = simulation_page.Measured(page_assumed.counts(), found, moved, hard, anchors)
    return simulation_page.page(measured, SIZES, command="python -m benchmarks.simulation_page --real X", day=DAY)


def test_the_page_tells_how_it_was_measured(page):
    assert "| day | 2026-11-22 |" in page
    assert "`python -m benchmarks.simulation_page --real X`" in page
    assert "2 communities of 200 firms, 41 months to 2020-02-29, seed 7" in page


def test_all_figures_of_the_words_are_given_and_used(page):
    words = Template(simulation_page.TEMPLATE.read_text("utf-8"))
    assert "$" not in page
    assert "**AUC 0.810, 95 % interval 0.700–0.900** (aim ≥ 0.80: kept)" in " ".join(page.split())
    assert len(words.get_identifiers()) > 40


def test_every_table_of_the_page_is_whole(page):
    widths = [
        {line.count("|") for line in block.splitlines()} for block in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE)
    ]
    assert len(widths) > 12
    assert all(len(width) == 1 for width in widths)


def test_links_of_the_page_lead_to_files_or_its_own_pictures(page):
    docs = Path(simulation_page.ROOT, "docs")
    links = set(re.findall(r"\]\(([^)#]+)", page))
    pictures = {f"simulation/{name}" for name in ("distributions.svg", "months.svg", "chances.svg", "models.svg")}
    assert pictures < links
    assert [link for link in links - pictures if not (docs / link).exists()] == []
