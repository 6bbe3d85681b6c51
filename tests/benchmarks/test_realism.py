"""What the comparison of real and simulated invoices says of samples that are known to be alike or not."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks import realism


def profiles(seed: int, n: int, *, shift: float = 0.0) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    size, other = random.lognormal(10, 1, n), random.standard_normal(n) + shift
    ids = [f"{seed}-{place}" for place in range(n)]
    return pl.DataFrame({"enterprise_id": ids, realism.SIZE: size, "gap": other})


def test_samples_of_one_distribution_cannot_be_told_apart() -> None:
    told = realism.two_sample_auc(profiles(1, 200), profiles(2, 2_000), [realism.SIZE, "gap"], repeats=2)
    assert told.auc == pytest.approx(0.5, abs=0.07)
    assert told.low <= told.auc <= told.high


def test_a_shift_of_three_deviations_tells_them_apart() -> None:
    told = realism.two_sample_auc(profiles(1, 200), profiles(2, 2_000, shift=3), ["gap"], repeats=2)
    # Two normal samples three deviations apart: Phi(3 / sqrt 2) = 0.983.
    assert told.auc == pytest.approx(0.983, abs=0.015)


def test_matched_firms_have_the_real_sizes() -> None:
    real, simulated = profiles(1, 340), profiles(2, 5_000)
    larger = simulated.with_columns(pl.col(realism.SIZE) * 2)
    drawn = realism.matched(real, larger, each=2, seed=0)
    assert drawn.height == 680
    assert realism.compare(real, drawn, [realism.SIZE])["ks"][0] < 0.06
    assert realism.compare(real, larger, [realism.SIZE])["ks"][0] > 0.2


def test_a_size_that_nobody_simulated_is_an_error() -> None:
    with pytest.raises(ValueError, match="expected some; draw more"):
        realism.matched(profiles(1, 340), profiles(2, 50).with_columns(pl.lit(1.0).alias(realism.SIZE)), each=1, seed=0)


def test_a_missing_folder_says_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"expected a folder with vat_invoices\.parquet"):
        realism.real_invoices(tmp_path)
