"""How an enterprise stands among its peers: firms of its trade and size, as a reference population had them.

The reference is fitted once and travels with the model, so that a feature itself never holds a statistic of a
population. Peers are never those of a district: that would make a place a risk.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.definition import Feature

SUFFIX = "_vs_peers"
FARTHEST = 5.0
"""Interquartile ranges beyond which a deviation says no more."""

FEWEST = 30
"""Values that a group must have of a feature; it also keeps the numbers of single firms out of the reference."""

LEVELS = (0.10, 0.25, 0.50, 0.75, 0.90)
GROUP = ("industry_section", "size_class")
TRADE_SOURCE = "registry"
"""The table that says what trade an enterprise is in; without it there are no peers."""

FORMAT = 1

PEER_BASES = (
    "vat_burden_12m",
    "output_vat_rate_12m",
    "margin_12m",
    "deficit_months_share_12m",
    "sales_growth_12m",
    "sales_variation_12m",
    "longest_gap_days_12m",
    "buyer_hhi_12m",
    "supplier_hhi_12m",
    "tax_burden_12m",
    "input_output_tax_ratio_12m",
    "statement_gross_margin",
    "statement_net_margin",
    "statement_receivable_days",
    "statement_inventory_days",
    "statement_current_ratio",
    "statement_debt_share",
    "cash_days_12m",
    "bank_inflow_variation_12m",
    "payer_hhi_12m",
    "quick_turn_share_12m",
    "declared_to_invoiced_12m",
    "inflow_to_invoiced_12m",
    "tax_to_invoiced_12m",
    "wages_to_base_12m",
    "debt_to_sales_12m",
)
"""Features whose usual level depends on the trade."""


class PeersError(ValueError):
    """A reference that cannot be used."""


@dataclass(frozen=True)
class Group:
    """Whom to compare with: a section of GB/T 4754 and a size class; None = any."""

    industry_section: str | None = None
    size_class: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Group":
        """That of a row of profiles `in_groups`; unknown where the row does not say."""
        return cls(row.get("industry_section"), row.get("size_class"))

    @property
    def widening(self) -> tuple["Group", ...]:
        """Itself, its trade, its size, everybody; nobody where neither trade nor size is known."""
        if self.industry_section is None and self.size_class is None:
            return ()
        wider = (self, Group(self.industry_section), Group(None, self.size_class), Group())
        return tuple(dict.fromkeys(wider))


@dataclass(frozen=True)
class Quantiles:
    """Percentiles of the `n` known values of a feature in a group."""

    n: int
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float


@dataclass(frozen=True)
class Deviation(Feature):
    """A feature less the median of the peers, in interquartile ranges of the peers."""

    @property
    def base(self) -> Feature:
        """What is compared."""
        return self.inputs[0]

    @property
    def sources(self) -> tuple[str, ...]:
        """Those of the base, then the register, which says who the peers are."""
        return tuple(dict.fromkeys((*self.base.sources, TRADE_SOURCE)))


def deviation_of(base: Feature) -> Deviation:
    """(value - median) / (P75 - P25) of the peers, clipped to ±5; null where they do not differ or are unknown.

    It never falls when the value rises, so that the direction of risk is that of the base.
    """
    name = base.name + SUFFIX
    # Times the inverse: polars divides by a column of one value in another way than by one of several.
    distance = (pl.col(base.name) - pl.col(_median_of(base))) * pl.col(_inverse_spread_of(base))
    return Deviation(
        name=name,
        panel=None,
        inputs=(base,),
        expression=distance.clip(-FARTHEST, FARTHEST).alias(name),
        unit="ratio",
        risk=base.risk,
        group=base.group,
        en=f"{base.en}, against firms of the same trade and size (in quartile ranges from their median)",
        zh=f"{base.zh}与同行业同规模企业中位数的偏离（四分位距的倍数）",
        window=base.window,
    )


def deviations_of(features: Iterable[Feature]) -> tuple[Deviation, ...]:
    """The deviations of those features whose level depends on the trade, in their order."""
    return tuple(deviation_of(feature) for feature in features if feature.name in PEER_BASES)


@dataclass(frozen=True)
class PeerReference:
    """Quantiles of features by group, of a population on the days it was seen.

    Attributes:
        minimum: values that a group had to have of a feature to stand here.
        quantiles: by group, then by feature name.
    """

    minimum: int
    quantiles: Mapping[Group, Mapping[str, Quantiles]]

    def of(self, feature: str, group: Group) -> Quantiles | None:
        """Those of the narrowest group around `group` that has enough values; None = there is none."""
        for one in group.widening:
            found = self.quantiles.get(one, {}).get(feature)
            if found is not None:
                return found
        return None

    def band_of(self, feature: Feature, group: Group) -> tuple[float, float] | None:
        """P10 and P90 among the peers; of a deviation, those of its base told in its own terms."""
        found = self.of(base_of(feature).name, group)
        if found is None:
            return None
        return _in_quartile_ranges(found) if isinstance(feature, Deviation) else (found.p10, found.p90)

    def deviations(self, profile: pl.DataFrame, wanted: Sequence[Deviation]) -> pl.DataFrame:
        """The deviations of each row.

        Args:
            profile: with the columns `industry_section`, `size_class` and the base of each deviation.
            wanted: one column of the answer each.

        Returns:
            One row for each of `profile`, in its order; Float64.
        """
        groups = profile.select(GROUP).unique()
        norms = pl.DataFrame(
            [self._norms(Group(*row), wanted) for row in groups.iter_rows()],
            schema=groups.schema | {name: pl.Float64 for one in wanted for name in _norm_columns(one)},
            orient="row",
        )
        beside = profile.join(norms, on=GROUP, how="left", nulls_equal=True, maintain_order="left")
        return beside.select(one.expression for one in wanted)

    def _norms(self, group: Group, wanted: Sequence[Deviation]) -> tuple[str | float | None, ...]:
        found = (self.of(one.base.name, group) for one in wanted)
        norms = ((None, None) if q is None else (q.p50, _inverse(q.p75 - q.p25)) for q in found)
        return (*astuple(group), *(number for pair in norms for number in pair))

    def as_json(self) -> dict[str, Any]:
        """Plain data that `from_json` makes the same reference of."""
        groups = sorted(self.quantiles, key=lambda group: tuple(name or "" for name in astuple(group)))
        return {
            "format": FORMAT,
            "minimum": self.minimum,
            "columns": [field.name for field in fields(Quantiles)],
            "groups": [
                {
                    "industry_section": group.industry_section,
                    "size_class": group.size_class,
                    "quantiles": {name: astuple(q) for name, q in sorted(self.quantiles[group].items())},
                }
                for group in groups
            ],
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "PeerReference":
        """A reference from plain data.

        Raises:
            PeersError: another format, or quantiles that do not rise.
            KeyError, TypeError: something is missing.
        """
        if content["format"] != FORMAT:
            raise PeersError(f"peers: got format {content['format']!r}, expected {FORMAT}")
        quantiles = {
            Group(part["industry_section"], part["size_class"]): {
                name: _checked(name, Quantiles(*numbers)) for name, numbers in part["quantiles"].items()
            }
            for part in content["groups"]
        }
        return cls(content["minimum"], quantiles)


def in_groups(profile: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """The profile with the group of each enterprise: `industry_section` and `size_class`, null where unknown."""
    codes = groups.select("enterprise_id", pl.col(GROUP).cast(pl.String))
    return profile.join(codes, on="enterprise_id", how="left", maintain_order="left")


def fit_peers(profile: pl.DataFrame, features: Sequence[Feature], *, minimum: int = FEWEST) -> PeerReference:
    """Quantiles of a population: by trade and size, by trade, by size, and of all. No label is looked at.

    Args:
        profile: of the population, `in_groups`; several days of one enterprise are several rows.
        features: those to describe; a deviation stands for its base.
        minimum: a group with fewer values of a feature does not get to describe it.
    """
    levels = tuple(_levels(profile))
    quantiles: dict[Group, dict[str, Quantiles]] = {}
    for name in dict.fromkeys(base_of(feature).name for feature in features):
        values = profile[name].cast(pl.Float64).to_numpy()
        for group, found in _described(values, levels, max(minimum, 1)):
            quantiles.setdefault(group, {})[name] = found
    return PeerReference(minimum, quantiles)


def base_of(feature: Feature) -> Feature:
    """What a deviation deviates with; any other feature itself."""
    return feature.base if isinstance(feature, Deviation) else feature


def _median_of(base: Feature) -> str:
    return f"{base.name} median"


def _inverse_spread_of(base: Feature) -> str:
    return f"{base.name} 1/spread"


def _inverse(spread: float) -> float | None:
    inverse = 1 / spread if spread > 0 else math.inf
    return inverse if math.isfinite(inverse) else None


def _norm_columns(deviation: Deviation) -> tuple[str, str]:
    return _median_of(deviation.base), _inverse_spread_of(deviation.base)


def _in_quartile_ranges(found: Quantiles) -> tuple[float, float] | None:
    spread = found.p75 - found.p25
    if spread <= 0:
        return None
    low, high = ((edge - found.p50) / spread for edge in (found.p10, found.p90))
    return max(low, -FARTHEST), min(high, FARTHEST)


@dataclass(frozen=True)
class _Level:
    """One way to group a population: its groups, and the place of each row's group among them; the last = none."""

    groups: tuple[Group, ...]
    place: NDArray[np.uint16]


def _levels(profile: pl.DataFrame) -> Iterator[_Level]:
    """By trade and size, by trade, by size, and all together."""
    for columns in (GROUP, GROUP[:1], GROUP[1:]):
        codes = profile.select(columns)
        distinct = codes.drop_nulls().unique().with_row_index("place")
        placed = codes.join(distinct, on=columns, how="left", maintain_order="left")["place"].fill_null(len(distinct))
        groups = tuple(Group(**row) for row in distinct.drop("place").iter_rows(named=True))
        yield _Level(groups, placed.to_numpy().astype(np.uint16))
    yield _Level((Group(),), np.zeros(profile.height, dtype=np.uint16))


def _described(
    values: NDArray[np.float64], levels: Sequence[_Level], minimum: int
) -> Iterator[tuple[Group, Quantiles]]:
    """Quantiles of one feature in each group with enough values; sorted once, then split stably by group."""
    known = np.flatnonzero(~np.isnan(values))
    rising = known[np.argsort(values[known])]
    for level in levels:
        place = level.place[rising]
        by_group = values[rising[np.argsort(place, kind="stable")]]
        starts = np.searchsorted(np.sort(place), np.arange(len(level.groups) + 1))
        for group, start, end in zip(level.groups, starts[:-1], starts[1:], strict=True):
            if end - start >= minimum:
                yield group, Quantiles(int(end - start), *_interpolated(by_group[start:end]))


def _interpolated(ordered: NDArray[np.float64]) -> list[float]:
    """Quantiles by linear interpolation between the nearest two of some values in order."""
    position = np.asarray(LEVELS) * (len(ordered) - 1)
    below = np.floor(position).astype(np.int64)
    low, high = ordered[below], ordered[np.ceil(position).astype(np.int64)]
    between = np.minimum(low + (high - low) * (position - below), high)
    found: list[float] = (between + 0.0).tolist()  # + 0.0 makes -0.0 the zero that it equals
    return found


def _checked(name: str, found: Quantiles) -> Quantiles:
    n, *levels = astuple(found)
    if n < 1 or levels != sorted(levels):
        raise PeersError(f"peers: {name}: got {astuple(found)}, expected a count and quantiles that rise")
    return found
