"""Random numbers that belong to what they decide, never to the order in which it is computed."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Numbers = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]
Days = NDArray[np.datetime64]


def generator(seed: int, *path: str | int) -> np.random.Generator:
    """The stream of random numbers of one thing, named by a path such as `(community, "vat_invoices")`.

    Philox is a counter-based generator (Salmon and others 2011); the path is its key, so streams of different things
    are independent and none depends on how many others were drawn.
    """
    name = "/".join(str(part) for part in (seed, *path))
    key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=16).digest(), "little")
    return np.random.Generator(np.random.Philox(key=key))


def picked(luck: Numbers, shares: Mapping[Any, float]) -> Whole:
    """Places in `shares` that uniform numbers fall on; the shares need not add up to 1."""
    reached = np.cumsum(list(shares.values()))
    place: Whole = np.searchsorted(reached[:-1] / reached[-1], luck, side="right")
    return place


def quantile(luck: Numbers, shares: Numbers, values: Numbers) -> Numbers:
    """Values of a distribution given by a few of its quantiles, straight lines between them."""
    drawn: Numbers = np.interp(luck, shares, values)
    return drawn
