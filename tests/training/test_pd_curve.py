import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from scoring.pd import PdCurve, PdCurveError
from training import pd_curve
from training.pd_curve import Unseen, fit_pd_curve

PLACES = np.linspace(300.0, 850.0, 200)


def invented(log_odds, rows=3_000, *, seed=0, spread=0.0, told=False):
    """Rows of evenly spread points, whose own log odds lie about a curve; two rows an enterprise."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(350.0, 800.0, rows)
    truth = expit(log_odds(points) + spread * rng.normal(size=rows))
    defaulted = (rng.random(rows) < truth).astype(np.int64)
    return Unseen(points, defaulted, np.arange(rows) // 2, truth if told else None)


def straight(points):
    """1.5 at 350 points, and one less for each 80 points more."""
    return 1.5 - (points - 350.0) / 80.0


def bent(points):
    """2 at 350 points, one less for each 30 points more down to -3 at 500, and level beyond."""
    return np.maximum(2.0 - (points - 350.0) / 30.0, -3.0)


@pytest.fixture(scope="module", autouse=True)
def _few_draws():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pd_curve, "RESAMPLES", 30)
        yield


@pytest.fixture(scope="module")
def line():
    return fit_pd_curve(invented(straight), seed=0)


@pytest.fixture(scope="module")
def steps():
    return fit_pd_curve(invented(bent), seed=0)


def test_where_the_truth_is_a_line_it_is_found(line):
    assert line.kind == "line"
    points = np.linspace(360.0, 790.0, 20)
    assert logit(line.probability(points)) == pytest.approx(straight(points), abs=0.35)


def test_where_the_truth_is_bent_steps_are_taken(steps):
    assert steps.kind == "isotonic"
    points = np.array([380.0, 440.0, 600.0, 700.0])
    assert steps.probability(points) == pytest.approx(expit(bent(points)), abs=0.06)


@pytest.mark.parametrize("name", ["line", "steps"])
def test_more_points_are_never_a_higher_pd_and_the_interval_holds_it(name, request):
    curve = request.getfixturevalue(name)
    said, (low, high) = curve.probability(PLACES), curve.interval(PLACES)
    assert (np.diff(said) <= 0.0).all()
    assert ((low <= said) & (said <= high)).all()


@given(
    rows=st.lists(st.tuples(st.integers(300, 850), st.booleans()), min_size=4, max_size=40).filter(
        lambda rows: 0 < sum(bad for _, bad in rows) < len(rows)
    ),
    told=st.booleans(),
)
def test_the_curve_falls_whatever_the_rows(rows, told):
    points, bad = (np.array(one, float) for one in zip(*rows, strict=True))
    truth = expit(np.random.default_rng(0).normal(size=len(rows))) if told else None
    curve = fit_pd_curve(Unseen(points, bad.astype(np.int64), np.arange(len(rows)), truth), seed=0)
    said, (low, high) = curve.probability(PLACES), curve.interval(PLACES)
    assert (np.diff(said) <= 0.0).all()
    assert ((low <= said) & (said <= high)).all()


@pytest.mark.parametrize("truth", [straight, bent])
def test_an_interval_learned_from_true_pds_holds_nine_of_ten_fresh_ones(truth):
    curve = fit_pd_curve(invented(truth, spread=0.8, told=True), seed=0)
    assert (curve.of, curve.level) == ("enterprise", 0.9)
    fresh = invented(truth, spread=0.8, told=True, seed=1)
    low, high = curve.interval(fresh.points)
    assert 0.88 <= ((fresh.true_pd >= low) & (fresh.true_pd <= high)).mean() <= 0.97


def test_rows_whose_true_pd_is_not_known_are_no_hindrance():
    whole = invented(straight, spread=0.8, told=True)
    some = np.where(np.arange(len(whole.points)) % 2 == 0, whole.true_pd, np.nan)
    curve = fit_pd_curve(Unseen(whole.points, whole.defaulted, whole.groups, some), seed=0)
    low, high = curve.interval(whole.points)
    assert ((whole.true_pd >= low) & (whole.true_pd <= high)).mean() > 0.87


def test_without_true_pds_the_interval_is_for_enterprises_alike(line):
    assert line.of == "alike"
    low, high = line.interval(PLACES[60:140])
    held = (expit(straight(PLACES[60:140])) >= low) & (expit(straight(PLACES[60:140])) <= high)
    assert held.mean() > 0.5


def test_true_pds_of_nobody_are_as_none():
    unseen = invented(straight, 400)
    unknown = Unseen(unseen.points, unseen.defaulted, unseen.groups, np.full(400, np.nan))
    assert fit_pd_curve(unknown, seed=0) == fit_pd_curve(unseen, seed=0)


@pytest.mark.parametrize(("known", "meant"), [(49, "alike"), (50, "enterprise")])
def test_a_few_true_pds_are_as_none(known, meant):
    whole = invented(straight, 400, spread=0.8, told=True)
    some = np.where(np.arange(400) < known, whole.true_pd, np.nan)
    assert fit_pd_curve(Unseen(whole.points, whole.defaulted, whole.groups, some), seed=0).of == meant


def test_fewer_enterprises_give_a_wider_interval(line):
    few = fit_pd_curve(invented(straight, 200), seed=0)
    assert np.mean(few.above) > 2 * np.mean(line.above)


def test_the_same_rows_and_seed_give_the_same_curve(line):
    assert fit_pd_curve(invented(straight), seed=0) == line


def test_points_that_are_all_alike_say_the_share_of_defaults():
    defaulted = np.repeat([1, 0], [20, 80])
    curve = fit_pd_curve(Unseen(np.full(100, 600.0), defaulted, np.arange(100)), seed=0)
    assert curve.probability(np.array([300.0, 600.0, 850.0])) == pytest.approx(0.2, abs=1e-6)


def test_points_that_rank_the_wrong_way_give_a_level_curve():
    upside_down = invented(straight)
    curve = fit_pd_curve(Unseen(1_200.0 - upside_down.points, upside_down.defaulted, upside_down.groups), seed=0)
    assert np.ptp(curve.probability(PLACES)) < 1e-9


def test_the_curve_is_kept_in_words_that_can_be_read_again(line):
    parts = {"points": line.points, "log_odds": line.log_odds, "below": line.below, "above": line.above}
    assert PdCurve.from_json({**parts, "level": 0.9, "of": "alike", "kind": "line"}) == line
    with pytest.raises(PdCurveError, match="negative reach"):
        PdCurve.from_json({**parts, "below": [-1.0] * len(line.points), "level": 0.9, "of": "alike", "kind": "line"})
