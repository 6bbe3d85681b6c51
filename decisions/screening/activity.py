"""Shells (空壳企业) and zombies (僵尸企业): what follows from the signs, and what excuses a firm."""

from collections.abc import Iterable

import polars as pl

from decisions.screening.policy import ScreeningPolicy, Sign

RESTING = "suspended"
"""歇业 in the register: a lawful rest."""

SMALL_SCALE = "small_scale"
HOLDS = "sign:"
"""Prefix of the columns that hold a sign: true, false, or null where it cannot be seen."""


def with_activity(firms: pl.DataFrame, policy: ScreeningPolicy) -> pl.DataFrame:
    """The same with a column for each sign and the flags that follow.

    Returns:
        Also `zombie` ("no", "suspect", "hard", null = unknown), `shell` ("no", "suspect", null = unknown), and the
        lists of codes `zombie_evidence`, `shell_evidence` (signs that hold), `excuses` (why signs do not count).
    """
    seen = firms.with_columns(sign.holds.alias(f"{HOLDS}{sign.code}") for sign in policy.signs)
    flagged = seen.with_columns(zombie=_zombie(policy), shell=_shell(policy))
    return flagged.with_columns(
        zombie_evidence=_codes(policy.signs_of("ended", "register", "silence", "zero")),
        shell_evidence=_codes(policy.signs_of("sharing", "conduct", "thin")),
        excuses=_excuses(policy),
    )


def _zombie(policy: ScreeningPolicy) -> pl.Expr:
    """Revoked and not yet struck off; or silent wherever one can look, with a sign in the register to go with it.

    One sign of life outweighs all silence. Silence does not count while a firm is new or lawfully rests.
    """
    ended, lives = _any(policy.signs_of("ended")), _any(policy.signs_of("life"))
    listed, silent = _count(policy.signs_of("register")), _count(policy.signs_of("silence"))
    zero = _any(policy.signs_of("zero")) & ~_is_seasonal()
    enough = policy.numbers.silences_of_a_zombie.value
    may_count = _is_of_age(policy.numbers.zombie_from_months.value) & ~_is_resting() & ~lives
    hard = may_count & (silent >= enough) & (listed >= 1)
    suspect = may_count & ((silent >= enough) | (silent + listed >= policy.numbers.signs_of_a_suspect.value) | zero)
    nothing_seen = _is_blind(policy.signs_of("life")) & ~_is_resting()
    flag = pl.when(ended | hard).then(pl.lit("hard")).when(suspect).then(pl.lit("suspect"))
    return flag.when(~nothing_seen).then(pl.lit("no"))


def _shell(policy: ScreeningPolicy) -> pl.Expr:
    """Enough signs, a pair of them at least of sharing or conduct, and no real operation seen.

    Thin papers alone make no shell, for small sound firms are thin too.

    Sharing an address, a telephone and a legal representative with many is suspicious by itself where nothing else can
    be seen, for shells withhold what would show them.
    """
    shared, acted = _count(policy.signs_of("sharing")), _count(policy.signs_of("conduct"))
    thin, operates = _count(policy.signs_of("thin")), _any(policy.signs_of("operation"))
    may_count = _is_of_age(policy.numbers.shell_from_months.value) & ~operates
    pair = policy.numbers.signs_of_a_suspect.value
    enough = (shared + acted + thin >= policy.numbers.signs_of_a_shell.value) & (shared + acted >= pair)
    suspect = may_count & (enough | (shared >= pair))
    nothing_seen = _is_blind(policy.signs_of("operation"))
    return pl.when(suspect).then(pl.lit("suspect")).when(~nothing_seen).then(pl.lit("no"))


def _excuses(policy: ScreeningPolicy) -> pl.Expr:
    """What takes the weight from signs: lawful rest, a season, a new firm, lawful zero VAT, life, real operation."""
    has_zombie_signs = _count(policy.signs_of("register", "silence", "zero")) > 0
    has_shell_signs = _count(policy.signs_of("sharing", "conduct", "thin")) > 0
    is_new = ~_is_of_age(policy.numbers.zombie_from_months.value)
    declares = (pl.col("taxpayer_kind") == SMALL_SCALE) & (pl.col("declared_sales_12m") > 0)
    excuses = {
        "lawful_rest": _is_resting(),
        "seasonal": _is_seasonal(),
        "newly_founded": is_new & has_zombie_signs,
        "lawful_zero_vat": (declares & (pl.col("tax_paid_12m") == 0)).fill_null(value=False),
        "signs_of_life": _any(policy.signs_of("life")) & has_zombie_signs,
        "real_operation": _any(policy.signs_of("operation")) & has_shell_signs,
    }
    return pl.concat_list(pl.when(holds).then(pl.lit(code)) for code, holds in excuses.items()).list.drop_nulls()


def _is_resting() -> pl.Expr:
    return pl.col("status").eq_missing(RESTING)


def _is_seasonal() -> pl.Expr:
    return (pl.col("dormant_seasonal") > 0).fill_null(value=False)


def _is_of_age(months: float) -> pl.Expr:
    """An unknown age is taken as old enough: the register mostly tells it."""
    return (pl.col("age_months") >= months).fill_null(value=True)


def _count(signs: Iterable[Sign]) -> pl.Expr:
    """How many hold; one that cannot be seen does not."""
    return pl.sum_horizontal(pl.col(f"{HOLDS}{sign.code}").fill_null(value=False).cast(pl.Int32) for sign in signs)


def _any(signs: Iterable[Sign]) -> pl.Expr:
    return _count(signs) > 0


def _is_blind(signs: Iterable[Sign]) -> pl.Expr:
    """Whether none of them can be seen."""
    return pl.all_horizontal(pl.col(f"{HOLDS}{sign.code}").is_null() for sign in signs)


def _codes(signs: Iterable[Sign]) -> pl.Expr:
    told = (pl.when(pl.col(f"{HOLDS}{sign.code}")).then(pl.lit(sign.code)) for sign in signs)
    return pl.concat_list(told).list.drop_nulls()
