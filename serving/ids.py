"""Ids that sort by the time they were made."""

import secrets
import time

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BITS = 80
LENGTH = 26


def new_id(prefix: str) -> str:
    """`<prefix>-` and 26 characters of Crockford base 32: 48 bits of milliseconds since 1970, then 80 random bits."""
    number = (time.time_ns() // 1_000_000) << RANDOM_BITS | secrets.randbits(RANDOM_BITS)
    return f"{prefix}-" + "".join(CROCKFORD[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
