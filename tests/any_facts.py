"""Hypothesis strategies: facts of any enterprise, known or not, and what it asks for."""

from hypothesis import strategies as st

from decisions.fact_definitions import facts as definitions
from decisions.facts import Facts, Need

DISTRICTS = ("110000", "110105", "110107", "110108", "310115", "440305")
DIVISIONS = ("A01", "C13", "C39", "F51", "H62", "I65", "K70")
HELD = ("bob-yinshuidai", "bob-keqidai-shenzhen", "ccb-yunshuidai")
SMALL, SHARES = (0, 1, 2, 3, 6, 12, 18, 24, 25, 36, 60, 90, 120), (-0.5, -0.1, 0.0, 0.03, 0.1, 0.3, 0.5, 0.7, 1.0)
AMOUNTS = st.integers(0, 10) | st.integers(-20, 2_000).map(lambda thousands: thousands * 1_000_00 + 37)
"""Whole fen; sales taken back, losses and outflows are below zero."""


def values_of(name):
    """Values that one fact can have, many of them at the bounds that products put."""
    fact = definitions()[name]
    codes = {"district": DISTRICTS, "industry_division": DIVISIONS, "products_held": HELD}.get(name, fact.words)
    if fact.unit == "word":
        return st.sampled_from(codes)
    if fact.unit == "words":
        return st.sets(st.sampled_from(codes), max_size=3).map(lambda held: tuple(sorted(held)))
    if fact.unit == "fen":
        return AMOUNTS
    return st.sampled_from(SHARES if fact.unit == "share" else SMALL)


KNOWN = {
    **{name: values_of(name) for name in definitions()},
    "registry_status": st.sampled_from(["active", "active", "active", "suspended", "revoked"]),
    "listings": st.sampled_from([("none",), ("none",), ("none",), ("account_freeze",)]),
}
VALUES = st.fixed_dictionaries({}, optional=KNOWN)
NEEDS = st.builds(
    Need,
    amount_fen=st.none() | st.integers(1, 10**9),
    term_months=st.none() | st.integers(1, 60),
    urgency_days=st.none() | st.integers(0, 40),
)
ANY_FACTS = st.builds(Facts, VALUES, NEEDS)
POINTS = st.floats(300, 850)
