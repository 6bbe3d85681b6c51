"""Enterprises of a simulated city as the service would see them: facts, quotes and pairs, beside the planted truth."""

import datetime as dt
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from decisions.batch.quotes import quotes_of_all
from decisions.facts import Facts, Need
from decisions.facts_of_records import facts_of_all
from decisions.offered.catalogue import Catalogue, load_catalogue
from decisions.policies import policy_on
from features.pairs.cross import cross
from features.pairs.ties import bank_ties
from features.profile import profiles
from simulation.assumed import lending as assumed
from simulation.truth import read_truth
from sources.clock import today_in_beijing
from sources.contracts import ASIDE, TABLES
from sources.readers import Folder, read_source
from sources.records import Records
from training.product_fit import sample

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
KEY = ["enterprise_id", "as_of"]


@dataclass(frozen=True)
class Rules(sample.Rules):
    """What is offered and in force on one day, products by id."""

    @classmethod
    def on(cls, day: dt.date, products: Iterable[str]) -> "Rules":
        """Those of a day, as far as a city knows the products."""
        told = set(products)
        offered = load_catalogue(illustrative=True).on(day).entries
        entries = sorted((one for one in offered if one.product.id in told), key=lambda one: one.product.id)
        return cls(Catalogue(tuple(entries)), policy_on(day))

    @cached_property
    def products(self) -> tuple[str, ...]:
        return tuple(one.product.id for one in self.catalogue.entries)

    @cached_property
    def banks(self) -> tuple[str, ...]:
        return tuple(one.bank.id for one in self.catalogue.entries)

    @cached_property
    def categories(self) -> tuple[str, ...]:
        return tuple(one.product.category for one in self.catalogue.entries)


@dataclass(frozen=True)
class Scene:
    """Enterprises on their days.

    Attributes:
        who: `enterprise_id`, `as_of`, `wanted_fen`.
        facts: of each row of `who`.
        profiles, ties: as `features.pairs.cross.cross` wants them.
    """

    who: pl.DataFrame
    facts: tuple[Facts, ...]
    profiles: pl.DataFrame
    ties: pl.DataFrame
    rules: Rules

    def __len__(self) -> int:
        return self.who.height

    @cached_property
    def quotes(self) -> pl.DataFrame:
        """Of every product, by row of `who` and by product id."""
        return quotes_of_all(self.facts, self.who.select(KEY), catalogue=self.rules.catalogue, policy=self.rules.policy)

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """The same crossed."""
        return self.crossed(self.quotes)

    def crossed(self, quotes: pl.DataFrame) -> pl.DataFrame:
        return cross(self.profiles, self.rules.offers, quotes, self.ties)

    def quotes_for(self, wanted: pl.DataFrame) -> pl.DataFrame:
        """Of some pairs: `enterprise_id`, `as_of`, `product_id`."""
        return quotes_of_all(
            self.facts,
            self.who.select(KEY),
            catalogue=self.rules.catalogue,
            policy=self.rules.policy,
            wanted=wanted,
        )

    def grid(self, name: str) -> Floats:
        """A column of the quotes: row of `who` × product, NaN for null."""
        column = self.quotes[name].cast(pl.Float64).to_numpy()
        return np.asarray(column.reshape(len(self), -1))

    @cached_property
    def candidates(self) -> Flags:
        """What known facts do not rule out."""
        return self.grid("failed") == 0

    def truth(self, told: pl.DataFrame, name: str) -> Floats:
        """A column of the truth about products: row of `who` × product."""
        place = pl.col("product_id").replace_strict(
            self.rules.products, range(len(self.rules.products)), default=None, return_dtype=pl.Int64
        )
        rows = told.select(*KEY, place.alias("place"), name).drop_nulls("place")
        joined = self.who.select(KEY).with_row_index("row").join(rows, on=KEY)
        made = np.full((len(self), len(self.rules.products)), np.nan)
        made[joined["row"].to_numpy(), joined["place"].to_numpy()] = joined[name].to_numpy()
        return made


def drawn(city: Path) -> pl.DataFrame:
    """The firm-months whose products' truth is told, with what a usual applicant of that size asks for, as told."""
    return read_truth(city, "products").select(*KEY, "wanted_fen").unique(KEY, maintain_order=True)


def applied(city: Path) -> pl.DataFrame:
    """Applications with the lists shown, each seen on the first day of its month."""
    told = read_truth(city, "applications").rename({"month": "as_of"})
    return told.with_columns(pl.col("drawn_fen").fill_null(0)).sort("as_of", "enterprise_id", "application")


def scene(records: Records, who: pl.DataFrame, rules: Rules) -> Scene:
    """What records tell of enterprises, each on its day.

    Args:
        records: with consents, where a city has them.
        who: `enterprise_id`, `as_of`, `wanted_fen`, an enterprise and day once; every one asks for the term that the
            truth counts.
        rules: by which it is quoted.
    """
    ordered = who.sort("as_of", "enterprise_id")
    seen = [_on_a_day(records, some) for some in ordered.partition_by("as_of", maintain_order=True)]
    facts = tuple(one for some, _, _ in seen for one in some)
    tied = [ties for _, _, ties in seen]
    return Scene(ordered, facts, pl.concat([profile for _, profile, _ in seen]), pl.concat(tied), rules)


def _on_a_day(records: Records, who: pl.DataFrame) -> tuple[list[Facts], pl.DataFrame, pl.DataFrame]:
    day = who["as_of"][0]
    known = records.only(who["enterprise_id"]).known_by(day)
    profile = profiles(known, sample.features_read(), day)
    months = assumed.COUNTED_TERM
    asks = zip(who["enterprise_id"].to_list(), who["wanted_fen"].to_list(), strict=True)
    needs = {code: Need(amount_fen=fen, term_months=months) for code, fen in asks}
    facts = list(facts_of_all(profile, known, as_of=day, needs=needs))
    dated = profile.with_columns(pl.lit(day).alias("as_of"))
    return facts, dated, bank_ties(known, day)


def records_of(city: Path, codes: pl.Series) -> Records:
    """The evidence of some enterprises of a city, read through the ordinary door."""
    return read(city, codes).records


def read(city: Path, codes: pl.Series) -> Folder:
    """Some enterprises of a city, their applications among the tables beside the evidence."""
    with tempfile.TemporaryDirectory(prefix="xinpei-fit-") as folder:
        for name in (*TABLES, *ASIDE):
            if (city / name).is_dir():
                _copied(city / name, Path(folder) / name, codes)
        return read_source(folder, today=today_in_beijing())


def _copied(table: Path, to: Path, codes: pl.Series) -> None:
    to.mkdir()
    rows = pl.scan_parquet(table / "*.parquet").filter(pl.col("enterprise_id").is_in(codes.unique().implode()))
    rows.sink_parquet(to / "part-0.parquet")


def listed(rows: pl.DataFrame, products: Sequence[str]) -> pl.DataFrame:
    """A row a product shown: `enterprise_id`, `as_of`, `product_id`, `list`, `place`, `is_chosen`, `granted`, `kept`.

    Empty places are left out, and products that are not offered on the day of the rules; so are lists that then lack
    the one chosen, or show nothing beside it.

    Args:
        rows: as `applied`.
        products: on offer.
    """
    shown = rows.with_row_index("list").with_columns(
        place=pl.int_ranges(0, pl.col("shown").list.len()), kept=pl.col("drawn_fen") > 0, chosen="product_id"
    )
    long = shown.explode("shown", "place").with_columns(product_id=pl.col("shown"))
    offered = long.filter(pl.col("product_id").is_in(list(products)))
    is_chosen = pl.col("product_id") == pl.col("chosen")
    whole = offered.with_columns(is_chosen=is_chosen).filter(
        pl.col("is_chosen").any().over("list") & (pl.len().over("list") > 1)
    )
    return whole.select(*KEY, "product_id", "list", "place", "is_chosen", "granted", "kept").sort("list", "place")
