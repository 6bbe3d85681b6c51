"""A model of fit asked about the pairs of many enterprises that hard rules leave: one question a chunk."""

from dataclasses import dataclass
from typing import Protocol

import polars as pl

from decisions.batch.quotes import WHO, Quoted, named
from decisions.match.granted import GrantRecord
from decisions.match.model_estimate import SaysFits
from features.pairs.cross import cross
from scoring.product_fit import Fits


class BatchEstimate(Protocol):
    """Says how likely products are to work out for many enterprises."""

    @property
    def record(self) -> GrantRecord:
        """What is on record beside the model; `decisions.match.granted.PastGrants()` = nothing."""

    def __call__(self, chunk: slice, quoted: Quoted) -> Fits:
        """Both probabilities of each pair, in the order of the quotes.

        Args:
            chunk: the enterprises' places in the input.
            quoted: the pairs that hard rules leave.
        """


@dataclass(frozen=True)
class ModelEstimates:
    """As `decisions.match.model_estimate.ModelEstimate`, for many enterprises.

    Attributes:
        model: of fit.
        profiles: with `enterprise_id`, `as_of` and the features of `FIRM`, a row for each of the facts, in their order.
        ties: as contract `Ties`; None = loans were not given.
        offers: as contract `Offers`.

    Raises:
        ValueError: an enterprise and day stand twice among the profiles.
    """

    model: SaysFits
    profiles: pl.DataFrame
    ties: pl.DataFrame | None
    offers: pl.DataFrame

    def __post_init__(self) -> None:
        twice = self.profiles.filter(self.profiles.select(WHO).is_duplicated()).height
        if twice:
            raise ValueError(f"got {twice} profiles that share enterprise and day with another, expected each once")

    @property
    def record(self) -> GrantRecord:
        return self.model

    def __call__(self, chunk: slice, quoted: Quoted) -> Fits:
        profiles = self.profiles[chunk]
        return self.model.fits(cross(profiles, self.offers, named(quoted, profiles), self.ties))
