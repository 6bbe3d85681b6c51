"""`peer_profiles()`: profiles and, beside them, how each enterprise stands among its peers; online as offline."""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from features.definition import Feature
from features.peers import GROUP, Deviation, PeerReference, PeersError, base_of, in_groups
from features.profile import profiles
from features.standing.size_class import Standard
from features.standing.standing import SIZE_NEEDED, trade_and_size
from sources.records import Records


def peer_profiles(
    records: Records, features: Sequence[Feature], as_of: dt.date, peers: PeerReference | None
) -> pl.DataFrame:
    """What `profiles()` returns, with deviations at their places among the features.

    Args:
        records: of the enterprises in scope.
        features: deviations among them need `peers`.
        as_of: the day stood on.
        peers: reference to deviate from; None = profiles only.

    Returns:
        With a reference, the columns `industry_section` and `size_class` stand at the end.

    Raises:
        PeersError: a deviation is asked for without a reference.
    """
    wanted = [feature for feature in features if isinstance(feature, Deviation)]
    if peers is None:
        if wanted:
            raise PeersError(f"got the deviation {wanted[0].name!r}, expected a reference of peers to deviate from")
        return profiles(records, features, as_of)
    return with_deviations(grouped_profiles(records, features, as_of), features, peers)


def grouped_profiles(records: Records, features: Sequence[Feature], as_of: dt.date) -> pl.DataFrame:
    """Profiles of the features, of what deviations deviate with and of what groups rest on; and the groups.

    Before there was a standard of sizes nobody belongs to a group.
    """
    plain = {base.name: base for base in (*map(base_of, features), *SIZE_NEEDED)}
    profile = profiles(records, tuple(plain.values()), as_of)
    if not _sizes_are_defined(as_of):
        return profile.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in GROUP)
    return in_groups(profile, trade_and_size(profile, records, as_of))


def _sizes_are_defined(as_of: dt.date) -> bool:
    try:
        Standard.on(as_of)
    except LookupError:
        return False
    return True


def with_deviations(grouped: pl.DataFrame, features: Sequence[Feature], peers: PeerReference) -> pl.DataFrame:
    """Grouped profiles with the columns that `features` name, in the order of `profiles()`."""
    deviations = peers.deviations(grouped, [feature for feature in features if isinstance(feature, Deviation)])
    first = ["enterprise_id", *(feature.name for feature in features)]
    hidden = {one.name for one in (*map(base_of, features), *SIZE_NEEDED)}
    return grouped.hstack(deviations).select(*first, pl.exclude(*first, *hidden))
