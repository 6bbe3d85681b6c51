"""Texts of other people's files as exact values: amounts in fen, days, answers yes or no.

Every function takes and gives an expression; a text that is no such value gives null. Amounts are never floats: their
decimal point is moved within the text.
"""

from collections.abc import Sequence
from decimal import Decimal
from hashlib import sha256

import polars as pl

PLAIN_NUMBER = r"^-?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)$"
DAY = r"^(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?$"
DAY_IN_DIGITS = r"^(\d{4})(\d{2})(\d{2})$"
MONTH = r"^(\d{4})(?:[-/.]|年)(\d{1,2}?)月?(1)$"
MONTH_IN_DIGITS = r"^(\d{4})(\d{2})(1)$"
"""A month with the 1 of its first day written behind it."""

ISO = "%Y-%m-%d"
CLOCK = r"[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$"
ANSWERS = {"是": True, "否": False, "true": True, "false": False, "1": True, "0": False}
OF_A_CODE = r"^[\x20-\x7eＡ-Ｚａ-ｚ０-９－]*$"
BROKEN_BY_A_SPREADSHEET = r"^\d(?:\.\d+)?[eE]\+\d+$"
"""A long number as a spreadsheet rewrites it: its last digits are lost."""

PSEUDONYM_PREFIX, PSEUDONYM_LENGTH = "p-", 16


def plain(text: pl.Expr) -> pl.Expr:
    """Full-width characters as the usual ones, no space at the ends; an empty text is null."""
    return stripped(text.str.normalize("NFKC"))


def stripped(text: pl.Expr) -> pl.Expr:
    """No space at the ends, nor what spreadsheets put there: a tab, a byte-order mark, an apostrophe for "text"."""
    bare = text.str.strip_chars(" \t\r\n\u00a0\u3000\ufeff\u200b").str.replace(r"^'(\w)", "$1")
    return pl.when(bare != "").then(bare)


def plain_code(text: pl.Expr) -> pl.Expr:
    """A number or code in plain characters; any text with others stays as it is but for its ends."""
    bare = stripped(text)
    return pl.when(bare.str.contains(OF_A_CODE)).then(plain(text)).otherwise(bare)


def moved_point(text: pl.Expr, places: int, *, percent: bool = False) -> pl.Expr:
    """A decimal number × 10^places as `Int64`; null where digits would be left behind the point.

    Takes thousands separators, a leading ¥, a minus of any form or parentheses for a negative; with `percent` a %.
    """
    number = plain(text).str.replace_all(r"[¥\s]", "").str.replace_all("[\u2212\u2010\u2013\u2014]", "-")
    if percent:
        number = number.str.strip_suffix("%")
    number = number.str.replace(r"^\((.+)\)$", "-$1")
    is_number = number.str.contains(PLAIN_NUMBER)
    number = number.str.replace_all(",", "", literal=True)
    whole = number.str.extract(r"^(-?\d*)")
    fraction = number.str.extract(r"\.(\d*)$").fill_null("").str.strip_chars_end("0")
    digits = pl.concat_str(whole, fraction.str.pad_end(places, "0"))
    fits = is_number & (fraction.str.len_chars() <= places)
    return pl.when(fits).then(digits).cast(pl.Int64, strict=False)


def written_out(number: pl.Series) -> pl.Series:
    """Numbers as decimal text without an exponent; a float as the shortest text that means it."""
    if number.dtype.is_decimal() or number.dtype.is_integer():
        return number.cast(pl.String)
    finite = pl.select(pl.when(number.is_finite()).then(number)).to_series()
    return finite.map_elements(lambda value: format(Decimal(repr(value)), "f"), return_dtype=pl.String)


def day(text: pl.Expr, formats: Sequence[str] = ()) -> pl.Expr:
    """A day as `2024-01-31`, `2024/1/31`, `2024.1.31`, `20240131` or `2024年1月31日`; a time of day is left out.

    With `formats` only these and `2024-01-31` are understood.
    """
    written = plain(text).str.replace(CLOCK, "")
    if formats:
        return pl.coalesce(written.str.to_date(one, strict=False) for one in (*formats, ISO))
    return pl.coalesce(_date(written, DAY), _date(written, DAY_IN_DIGITS))


def month(text: pl.Expr, formats: Sequence[str] = ()) -> pl.Expr:
    """A month by its first day: as `day`, or as `2024-01`, `2024/1`, `2024年1月` or `202401`."""
    written = plain(text)
    first_day = [_date(pl.concat_str(written, pl.lit("1")), pattern) for pattern in (MONTH, MONTH_IN_DIGITS)]
    return pl.coalesce(day(text, formats), *first_day)


def _date(text: pl.Expr, pattern: str) -> pl.Expr:
    parts = (text.str.extract(pattern, 1), *(text.str.extract(pattern, part).str.zfill(2) for part in (2, 3)))
    return pl.concat_str(*parts, separator="-").str.to_date(ISO, strict=False)


def answer(text: pl.Expr) -> pl.Expr:
    """是, true, 1 or 否, false, 0."""
    return plain(text).str.to_lowercase().replace_strict(list(ANSWERS), list(ANSWERS.values()), default=None)


def pseudonym(text: pl.Expr) -> pl.Expr:
    """`p-` and 16 hexadecimal digits of the SHA-256 of the text in plain characters and capitals.

    The same text always gives the same pseudonym, in every table. There is no secret in it: whoever has a list of codes
    can find each again, so it protects against casual reading only.
    """
    return plain(text).str.to_uppercase().map_batches(_pseudonyms, return_dtype=pl.String, is_elementwise=True)


def _pseudonyms(texts: pl.Series) -> pl.Series:
    distinct = texts.unique().drop_nulls()
    hashes = [PSEUDONYM_PREFIX + sha256(text.encode()).hexdigest()[:PSEUDONYM_LENGTH] for text in distinct]
    return texts.replace_strict(distinct, hashes, default=None, return_dtype=pl.String)
