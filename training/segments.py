"""Ways to divide the rows that a model is judged on: by place, trade, size, age, form, and by what is not given."""

import datetime as dt
from collections.abc import Iterator

import numpy as np
import polars as pl

from features.peer_profiles import grouped_profiles
from features.peers import GROUP, TRADE_SOURCE
from features.population import tables_for
from features.profile import profiles as profiles_of
from features.registry.entry import age_months
from features.standing.standing import SIZE_NEEDED, trade_and_size
from sources.contracts import BLOCKS, REGISTRY
from sources.lake import Lake, bucket_of
from sources.records import Records
from training.cohort import KEY, Cohort
from training.evaluation.types import Floats, Held

OF_THE_FIRM = ("district", "industry", "size", "age", "legal_form")
GIVEN, NOT_GIVEN = "given", "not given"
AGES = {24: "<2", 60: "2–5", 120: "5–10"}
"""Bands of age in years, by the months at which each ends; the last has no end."""

OLDEST = "≥10"


def segments(profiles: pl.DataFrame, source: Records | Lake) -> pl.DataFrame:
    """What each row belongs to, as it was known at the end of its day.

    Args:
        profiles: rows with `enterprise_id`, `as_of` and `has_<block>`, as those of a cohort.
        source: what is known of the enterprises; only the register is asked, and for sizes, where the profiles do not
            tell them, what these rest on. A lake is read bucket by bucket.

    Returns:
        String columns in the order of the rows, null = not known: `district` (six digits of GB/T 2260), `industry`
        (section of GB/T 4754), `size` (class of 中小企业划型标准规定), `age` (years: `<2`, `2–5`, `5–10`, `≥10`),
        `legal_form`, `missing_<block>` (`given`, `not given`) for each block that some rows have and some have not,
        and `missing_blocks`, how many of all blocks are not given.
    """
    parts = _of_lake(profiles, source) if isinstance(source, Lake) else _of_records(profiles, source)
    told = pl.concat(parts) if profiles.height else _nothing_told()
    beside = profiles.select(KEY).join(told, on=KEY, how="left", maintain_order="left")
    return beside.select(OF_THE_FIRM).hstack(_missing(profiles))


def held(cohort: Cohort, source: Records | Lake, *, name: str, true_pd: pl.DataFrame | Floats | None = None) -> Held:
    """A cohort as rows to judge models on.

    Args:
        cohort: with every feature that the models see.
        source: as for `segments`.
        name: of the data.
        true_pd: of simulated rows; a value for each row of the cohort, or a frame with `enterprise_id`, `as_of` and
            `pd`. Rows of which it says nothing get NaN; when it says nothing of any, there is no truth.

    Raises:
        ValueError: another number of values than rows.
    """
    return Held(
        name=name,
        digest=cohort.digest,
        profiles=cohort.profiles,
        defaulted=cohort.defaulted,
        segments=segments(cohort.profiles, source),
        true_pd=None if true_pd is None else _true_pd(cohort, true_pd),
    )


def _true_pd(cohort: Cohort, given: pl.DataFrame | Floats) -> Floats | None:
    if isinstance(given, pl.DataFrame):
        known = given.select(*KEY, pl.col("pd").cast(pl.Float64))
        rows = cohort.profiles.select(KEY).join(known, on=KEY, how="left", maintain_order="left")
        given = rows["pd"].fill_null(float("nan")).to_numpy()
    if len(given) != len(cohort):
        raise ValueError(f"true PD: got {len(given)} values, expected one for each of {len(cohort)} rows")
    return None if np.isnan(given).all() else given


def _of_lake(profiles: pl.DataFrame, lake: Lake) -> Iterator[pl.DataFrame]:
    needed = {TRADE_SOURCE} if _tells_sizes(profiles) else {TRADE_SOURCE, *tables_for(lake, SIZE_NEEDED)}
    codes = profiles["enterprise_id"].unique()
    places = pl.Series("bucket", [bucket_of(code, lake.buckets) for code in codes], dtype=pl.Int64)
    placed = profiles.join(pl.DataFrame([codes, places]), on="enterprise_id")
    for bucket in places.unique().sort():
        records = lake.read(bucket, tables=needed & set(lake.tables)).records
        yield from _of_records(placed.filter(pl.col("bucket") == bucket).drop("bucket"), records)


def _of_records(profiles: pl.DataFrame, records: Records) -> Iterator[pl.DataFrame]:
    needed = _register(records) if _tells_sizes(profiles) else records
    for rows in profiles.partition_by("as_of", maintain_order=True):
        yield _of_one_day(rows, needed.only(rows["enterprise_id"]), rows["as_of"][0])


def _register(records: Records) -> Records:
    return Records(records.enterprises, registry=records.registry, consents=records.consents)


def _of_one_day(rows: pl.DataFrame, records: Records, as_of: dt.date) -> pl.DataFrame:
    register = _register(records)
    entry = register.known_by(as_of).registry
    entries = REGISTRY.empty() if entry is None else entry
    told = profiles_of(register, (age_months,), as_of).select("enterprise_id", "age_months")
    told = told.join(entries.select("enterprise_id", "district", "legal_form", "industry"), "enterprise_id", "left")
    told = told.join(_sizes(rows, records, as_of), "enterprise_id", "left")
    return told.select(
        "enterprise_id",
        pl.lit(as_of).alias("as_of"),
        "district",
        pl.col("industry").str.slice(0, 1),
        pl.col("size_class").alias("size"),
        _age_band().alias("age"),
        pl.col("legal_form").cast(pl.String),
    )


def _tells_sizes(profiles: pl.DataFrame) -> bool:
    """Whether the profiles tell sizes, as those do that are compared with peers, or all that sizes rest on."""
    names = set(profiles.columns)
    return set(GROUP) <= names or {one.name for one in SIZE_NEEDED} <= names


def _sizes(rows: pl.DataFrame, records: Records, as_of: dt.date) -> pl.DataFrame:
    """`enterprise_id` and `size_class`; all null before there was a standard of sizes."""
    if set(GROUP) <= set(rows.columns):
        sized = rows
    elif _tells_sizes(rows):
        try:
            sized = trade_and_size(rows, records, as_of)
        except LookupError:
            sized = rows.with_columns(pl.lit(None, dtype=pl.String).alias("size_class"))
    else:
        sized = grouped_profiles(records, SIZE_NEEDED, as_of)
    return sized.select("enterprise_id", "size_class")


def _age_band() -> pl.Expr:
    months = pl.col("age_months")
    bands = [pl.when(months < end).then(pl.lit(name)) for end, name in AGES.items()]
    return pl.coalesce(*bands, pl.when(months.is_not_null()).then(pl.lit(OLDEST)))


def _nothing_told() -> pl.DataFrame:
    return pl.DataFrame(schema={"enterprise_id": pl.String, "as_of": pl.Date} | dict.fromkeys(OF_THE_FIRM, pl.String))


def _missing(profiles: pl.DataFrame) -> pl.DataFrame:
    varying = [block for block in BLOCKS if profiles[f"has_{block}"].n_unique() > 1]
    return profiles.select(
        *(_told(block) for block in varying),
        pl.sum_horizontal(~pl.col(f"has_{block}") for block in BLOCKS).cast(pl.String).alias("missing_blocks"),
    )


def _told(block: str) -> pl.Expr:
    given = pl.when(pl.col(f"has_{block}")).then(pl.lit(GIVEN)).otherwise(pl.lit(NOT_GIVEN))
    return given.alias(f"missing_{block}")
