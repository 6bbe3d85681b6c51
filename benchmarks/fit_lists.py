"""Lists of products as a city's platform showed them, for the ranker."""

from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.fit_rows import KEY, Rules, listed, records_of, scene
from training.product_fit.ranker import Lists, grades


def lists_of(city: Path, log: pl.DataFrame, rules: Rules, *, most: int = 4_000) -> Lists:
    """The lists of a log of applications.

    Args:
        city: whose evidence is read.
        log: as `benchmarks.fit_rows.applied`.
        rules: by which products are quoted.
        most: applications taken at most, drawn.
    """
    taken = log.sample(most, seed=0) if log.height > most else log
    rows = listed(taken.sort(KEY), rules.products)
    who = taken.join(rows.select(KEY).unique(), on=KEY, how="semi").select(*KEY, "wanted_fen")
    seen = scene(records_of(city, who["enterprise_id"]), who, rules)
    pairs = seen.crossed(seen.quotes_for(rows.select(*KEY, "product_id")))
    return as_lists(pairs, rows)


def as_lists(pairs: pl.DataFrame, rows: pl.DataFrame) -> Lists:
    """Lists of pairs and of the rows that they were made from, as `benchmarks.fit_rows.listed` has them."""
    lengths = rows.group_by("list", maintain_order=True).len()["len"].to_numpy().astype(np.int64)
    chosen, granted, kept = (rows[name].fill_null(value=False).to_numpy() for name in ("is_chosen", "granted", "kept"))
    return Lists(pairs, lengths, rows["place"].to_numpy().astype(np.int64), grades(chosen, granted, kept))
