"""`profiles()`: the one path from records to features, for one enterprise and for a city."""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from features import panels
from features.definition import Feature
from sources.contracts import BLOCKS, TABLES
from sources.records import Records


def profiles(records: Records, features: Sequence[Feature], as_of: dt.date) -> pl.DataFrame:
    """The features of every enterprise in scope, as they could be known at the end of `as_of`.

    Returns:
        One row an enterprise, sorted by code: `enterprise_id`, each feature as Float64 in the order given, and a
        `has_<block>` flag for each block. A feature is null when its block was not given or the rows cannot tell; an
        enterprise without rows in a given table has observed zeros.
    """
    known = records.known_by(as_of)
    by_panel: dict[str, list[Feature]] = {}
    for feature in features:
        by_panel.setdefault(feature.panel, []).append(feature)
    built = panels.build(known, as_of, frozenset(by_panel))
    profile = known.enterprises.to_frame()
    for name, members in by_panel.items():
        panel = built[name]
        if panel is None:
            profile = profile.with_columns(pl.lit(None, dtype=pl.Float64).alias(feature.name) for feature in members)
        else:
            profile = profile.join(_folded(panel, members, known.enterprises), on="enterprise_id", how="left")
    return profile.select("enterprise_id", *(feature.name for feature in features), *_block_flags(known)).sort(
        "enterprise_id"
    )


def _folded(panel: pl.DataFrame, features: Sequence[Feature], enterprises: pl.Series) -> pl.DataFrame:
    """Each feature of each enterprise: folded over its rows, or over no rows where it has none."""
    expressions = [feature.expression.cast(pl.Float64).alias(feature.name) for feature in features]
    folded = panel.group_by("enterprise_id").agg(expressions)
    without_rows = enterprises.filter(~enterprises.is_in(panel["enterprise_id"].unique().implode())).to_frame()
    if not without_rows.is_empty():
        nothing = panel.clear().select(expressions)
        folded = pl.concat([folded, without_rows.join(nothing, how="cross")])
    # In a second step, because an eager expression is evaluated anew wherever it is named.
    return folded.with_columns(_finite(feature.name) for feature in features)


def _finite(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_finite()).then(name).alias(name)


def _block_flags(known: Records) -> list[pl.Expr]:
    given = {TABLES[name].block for name, _ in known.tables()}
    return [pl.lit(block in given).alias(f"has_{block}") for block in BLOCKS]
