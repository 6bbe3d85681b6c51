"""`profiles()`: the one path from records to features, for one enterprise and for a city."""

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from features.arithmetic import ratio
from features.definition import Feature
from features.view import FIRM, Panel, View
from sources.contracts import BLOCKS, TABLES
from sources.records import Records

PART_AND_WHOLE = 2


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
    made = _values(view, tuple(plain.values()))
    combinations = [feature for feature in features if feature.inputs]
    if combinations:
        made |= {one.name: one for one in _combined(view, combinations, made)}
    columns = [view.records.enterprises, *(made[feature.name] for feature in features), *_block_flags(view)]
    profile = pl.DataFrame(columns)
    return _without_consent(profile, features) if view.records.consents is not None else profile


def _values(view: View, features: Sequence[Feature]) -> dict[str, pl.Series]:
    """Columns of features that are no combinations, one row a firm, in the order of firms."""
    folds = _folds(view, features)
    nothing = _repeated(None, pl.Float64(), view.firms)
    found = {one.name: [folds[name] for name in one.folds if name in folds] for one in features}
    ratios = {name: operands for name, operands in found.items() if len(operands) == PART_AND_WHOLE}
    divided = dict(zip(ratios, _divided(list(ratios.values()), view.firms), strict=True))
    values = {name: some[0] if some else nothing for name, some in found.items()} | divided
    return {name: value.alias(name) for name, value in values.items()}


def _folds(view: View, features: Sequence[Feature]) -> dict[str, pl.Series]:
    """What each panel is folded to, by name; each fold once, however many features ask for it."""
    wanted: dict[str, tuple[Panel, dict[str, pl.Expr]]] = {}
    for feature in features:
        assert feature.panel is not None  # noqa: S101 - `combined` takes plain features only
        wanted.setdefault(feature.panel.name, (feature.panel, {}))[1].update(feature.folds)
    given = [(panel, list(folds.values())) for panel, folds in wanted.values() if view.has(panel)]
    folded = (_folded(view.panel(panel), folds, view.firms) for panel, folds in given)
    return {column.name: column for frame in folded for column in frame.get_columns()}


def _divided(operands: Sequence[Sequence[pl.Series]], firms: int) -> list[pl.Series]:
    """The ratio of each part and whole, which are stacked, since one division is quicker than many."""
    if not operands:
        return []
    parts, wholes = (pl.concat(stack, rechunk=True) for stack in zip(*operands, strict=True))
    stacked = pl.DataFrame({"part": parts, "whole": wholes})
    quotients = stacked.select(ratio(pl.col("part"), pl.col("whole"))).to_series()
    return [quotients.slice(place * firms, firms) for place in range(len(operands))]


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
    names = {one.name for feature in features for one in feature.inputs}
    inputs = pl.DataFrame([column for name, column in made.items() if name in names])
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
