"""Numbers as people read them: 万元 and CNY, per cent, days, months."""

from decimal import ROUND_HALF_UP, Decimal

from decisions.text import Text

FEN_PER_YUAN = 100
YUAN_PER_WAN = 10_000
YUAN_PER_YI = 100_000_000

NOT_AVAILABLE = Text(zh="无数据", en="not available")
YES, NO = Text(zh="是", en="yes"), Text(zh="否", en="no")

PLAIN_UNITS = {
    "count": ("", ""),
    "days": ("天", " days"),
    "months": ("个月", " months"),
    "years": ("岁", " years"),
    "ratio": ("", ""),
    "level": ("级", ""),
}
"""What stands behind a number, Chinese and English."""


def shown(value: float | None, unit: str) -> Text:
    """A number with its unit; None is "not available".

    Args:
        value: amount in fen, plain fraction for a share or ratio, otherwise a number of `unit`.
        unit: fen, share, ratio, count, days, months, years, level, or flag (1 = yes).

    Raises:
        ValueError: another unit.
    """
    if value is None:
        return NOT_AVAILABLE
    if unit == "fen":
        return money(value)
    if unit == "share":
        text = percent(value)
        return Text(zh=text, en=text)
    if unit == "flag":
        return YES if value else NO
    if unit not in PLAIN_UNITS:
        raise ValueError(f"got unit {unit!r}, expected fen, share, flag or one of {', '.join(PLAIN_UNITS)}")
    number, (zh, en) = plain(value, places=_places(value, unit)), PLAIN_UNITS[unit]
    return Text(zh=f"{number}{zh}", en=f"{number}{en.removesuffix('s') if number == '1' else en}")


def _places(value: float, unit: str) -> int:
    """Decimals worth reading: a bound between two enterprises may lie at 517.2 invoices or 9.12 days."""
    if unit == "count" and abs(value) >= 10:  # noqa: PLR2004 - below ten, 1.5 lenders and 2 differ
        return 0
    return 2 if unit == "ratio" else 1


def money(fen: float) -> Text:
    """An amount: 8,000元, 123.4万元 or 1.25亿元; CNY with thousands separators."""
    yuan = Decimal(str(fen)) / FEN_PER_YUAN
    if abs(yuan) >= YUAN_PER_YI:
        zh = f"{plain(yuan / YUAN_PER_YI, places=2)}亿元"
    elif abs(yuan) >= YUAN_PER_WAN:
        zh = f"{plain(yuan / YUAN_PER_WAN, places=1)}万元"
    else:
        zh = f"{plain(yuan, places=0)}元"
    return Text(zh=zh, en=f"CNY {plain(yuan, places=0)}")


def percent(share: float) -> str:
    """A fraction as per cent; small ones with two decimals, others with one."""
    per_cent = Decimal(str(share)) * 100
    return f"{plain(per_cent, places=2 if abs(per_cent) < 10 else 1)}%"  # noqa: PLR2004 - below ten, 3.45% and 3.5% differ to a borrower


def plain(value: float | Decimal, *, places: int) -> str:
    """A decimal number with thousands separators, rounded half up, without trailing zeros."""
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{rounded:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
