"""Unified social credit codes (统一社会信用代码, GB 32100-2015) and organisation codes (GB 11714-1997)."""

import polars as pl

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of a unified code: no I, O, S, V, Z."""

CODE_LENGTH = 18
WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def check_character(first17: str) -> str:
    """The 18th character that the first 17 demand (GB 32100-2015).

    Raises:
        ValueError: a character outside the alphabet, or not 17 of them.
    """
    if len(first17) != len(WEIGHTS) or any(c not in ALPHABET for c in first17):
        raise ValueError(f"got {first17!r}, expected 17 characters of {ALPHABET}")
    total = sum(ALPHABET.index(c) * weight for c, weight in zip(first17, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def organisation_check_character(first8: str) -> str:
    """The 9th character of an organisation code (GB 11714-1997); letters count from A = 10 to Z = 35.

    Raises:
        ValueError: not 8 digits and capital letters.
    """
    if len(first8) != len(ORGANISATION_WEIGHTS) or not (
        first8.isascii() and first8.isalnum() and first8.upper() == first8
    ):
        raise ValueError(f"got {first8!r}, expected 8 digits or capital letters")
    total = sum(int(c, 36) * weight for c, weight in zip(first8, ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def is_valid_code(code: str) -> bool:
    """Whether a unified code has 18 allowed characters and the right check character."""
    return len(code) == CODE_LENGTH and all(c in ALPHABET for c in code) and check_character(code[:17]) == code[17]


def explain_code(code: str) -> str | None:
    """What is wrong with a code, in words that help, or None when nothing is."""
    if len(code) != CODE_LENGTH:
        return f"got {code!r} ({len(code)} characters), expected {CODE_LENGTH} characters"
    foreign = sorted({c for c in code if c not in ALPHABET})
    if foreign:
        return f"got {code!r}, expected only {ALPHABET}; not allowed here: {' '.join(foreign)}"
    expected = check_character(code[:17])
    if code[17] != expected:
        return f"got {code!r}, expected check character {expected!r} at the end instead of {code[17]!r}"
    return None


def placeholder_code(prefix: str, number: int, *, registrar_area: str) -> str:
    """A well-formed code for an enterprise that is invented or de-identified (registrar `Y`, category 1).

    Args:
        prefix: two characters that keep several numbered sets apart.
        number: 0 to 999,999; the same prefix, number and area always give the same code.
        registrar_area: six digits of GB/T 2260, `100000` when the place is unknown.
    """
    organisation = f"{prefix}{number:06d}"
    first17 = f"Y1{registrar_area}{organisation}{organisation_check_character(organisation)}"
    return first17 + check_character(first17)


def valid_code(column: pl.Expr) -> pl.Expr:
    """`is_valid_code` for a whole column; null stays null. Each distinct code is judged once."""
    return column.map_batches(_valid_codes, return_dtype=pl.Boolean, is_elementwise=True)


def _valid_codes(column: pl.Series) -> pl.Series:
    distinct = column.unique().drop_nulls()
    verdicts = [is_valid_code(code) for code in distinct]
    return column.replace_strict(distinct, verdicts, default=None, return_dtype=pl.Boolean)
