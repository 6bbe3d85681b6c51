"""`profiles()`: the one path from records to features, for one enterprise and for a city."""

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from features.definition import Feature
from features.view import FIRM, View
from sources.contracts import BLOCKS, TABLES
from sources.records import Records


def profiles(records: Records, features: Sequence[Feature], as_of: dt.date) -> pl.DataFrame:
    """The features of every enterprise in scope, as they could be known at the end of `as_of`.

    Returns:
        One row an enterprise, sorted by code: `enterprise_id`, each feature as Float64 in the order given, and a
        `has_<block>` flag for each block. A feature is null when a source of it was not given, when the enterprise has
        not consented to its block, or when the rows cannot tell; an enterprise without rows in a given table has
        observed zeros.
    """
    view = View.of(records, as_of)
    plain = {one.name: one for feature in features for one in (feature.inputs or (feature,))}
    by_panel: dict[str, list[Feature]] = {}
    for feature in plain.values():
        assert feature.panel is not None  # noqa: S101 - `combined` takes plain features only
        by_panel.setdefault(feature.panel.name, []).append(feature)
    made = {one.name: one for members in by_panel.values() for one in _part(view, members)}
    combinations = [feature for feature in features if feature.inputs]
    if combinations:
        made |= {one.name: one for one in _combined(view, combinations, made)}
    columns = [view.records.enterprises, *(made[feature.name] for feature in features), *_block_flags(view)]
    profile = pl.DataFrame(columns)
    return _without_consent(profile, features) if view.records.consents is not None else profile


def _part(view: View, features: Sequence[Feature]) -> list[pl.Series]:
    """Columns of the features of one panel, one row a firm, in the order of firms."""
    panel = features[0].panel
    assert panel is not None  # noqa: S101
    if view.has(panel):
        return _folded(view.panel(panel), [one.expression for one in features], view.firms).get_columns()
    return [_repeated(None, pl.Float64(), view.firms).alias(one.name) for one in features]


def _repeated(value: bool | None, dtype: pl.DataType, firms: int) -> pl.Series:  # noqa: FBT001 - the value of a flag
    return pl.Series([value], dtype=dtype).new_from_index(0, firms)


def _folded(rows: pl.DataFrame, expressions: Sequence[pl.Expr], firms: int) -> pl.DataFrame:
    """Each expression for each firm: folded over its rows, or over no rows where it has none."""
    if firms == 1:
        return rows.select(expressions)
    folded = rows.group_by(FIRM).agg(expressions)
    if folded.height < firms:
        numbers = pl.int_range(firms, dtype=pl.UInt32, eager=True).alias(FIRM)
        without_rows = numbers.filter(~numbers.is_in(folded[FIRM].implode())).to_frame()
        nothing = rows.clear().select(expressions)
        folded = pl.concat([folded, without_rows.join(nothing, how="cross")])
    return folded.sort(FIRM).drop(FIRM)


def _combined(view: View, features: Sequence[Feature], made: Mapping[str, pl.Series]) -> list[pl.Series]:
    """Columns of combinations of features that were made before."""
    inputs = pl.DataFrame(list(made.values()))
    return inputs.with_columns(_combination(feature, view) for feature in features).get_columns()[inputs.width :]


def _combination(feature: Feature, view: View) -> pl.Expr:
    panels = [one.panel for one in feature.inputs if one.panel]
    if all(view.has(panel) for panel in panels):
        return feature.expression
    return pl.lit(None, dtype=pl.Float64).alias(feature.name)


def _block_flags(view: View) -> list[pl.Series]:
    """Whether anything of a block was given and may be used, for each firm."""
    given = {TABLES[name].block for name, _ in view.records.tables()}
    flags = []
    for block in BLOCKS:
        lacking = view.records.lacking_consent(block, view.as_of)
        may_use = _repeated(block in given, pl.Boolean(), view.firms)
        flags.append((may_use if lacking is None else may_use & ~lacking).alias(f"has_{block}"))
    return flags


def _without_consent(profile: pl.DataFrame, features: Sequence[Feature]) -> pl.DataFrame:
    """The same with null for features of a block that an enterprise gave no consent for."""
    may_use = {one.name: pl.all_horizontal(pl.col(f"has_{block}") for block in one.blocks) for one in features}
    return profile.with_columns(pl.when(allowed).then(name).alias(name) for name, allowed in may_use.items())
