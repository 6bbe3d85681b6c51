"""Zombies and shells: signs of an enterprise that is registered and does nothing, and how many of them hold.

A sign is true, false or unknown (null), and so is what follows from several: with the registry alone little can be
said, and nothing is. The lists of evidence name the signs that hold, and those that nobody could see.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from features.standing.dated_files import version_on

NEVER = 1_000_000
"""Days since something that has never been."""


@dataclass(frozen=True)
class ShellRule:
    """How many signs make a suspected shell, and when each of them holds."""

    signs_needed: int
    headcount_at_most: int
    firms_at_address: int
    firms_with_phone: int
    firms_of_legal_rep: int
    related_sales_share: float
    quick_turn_share: float


@dataclass(frozen=True)
class Rule:
    """When an enterprise is called inactive; see inactivity.toml."""

    ended_statuses: list[str]
    resting_statuses: list[str]
    months_to_start: int
    silent_days: int
    zero_filing_months: int
    seasonal_industries: list[str]
    shell: ShellRule

    @classmethod
    def on(cls, day: dt.date) -> "Rule":
        """The rule in force on a day.

        Raises:
            LookupError: there was none yet.
        """
        version = version_on("inactivity.toml", day)
        told = {name: value for name, value in version.items() if name not in {"from", "mark", "source", "shell"}}
        return cls(**told, shell=ShellRule(**version["shell"]))


def inactivity(firms: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """What is known of the activity of each enterprise, in their order.

    Args:
        firms: `status`, `industry` of the newest entry in the register and the features that the signs are made of, by
            name; each may be null.
        as_of: day on which the rule must be in force.

    Returns:
        `zombie` ("no", "suspect", "hard", null = unknown), `shell_suspect` (nullable), `dormant_seasonal` (months
        without sales that were empty last year too, in a seasonal trade; nullable), and the signs as lists of codes:
        `zombie_evidence` and `shell_evidence` hold, `zombie_unknown` and `shell_unknown` could not be seen, `excuses`
        took weight from a sign.

    Raises:
        LookupError: there was no rule on that day.
    """
    rule = Rule.on(as_of)
    signs = {**_endings(rule), **_silences(rule), **_suspicions(rule)}
    shell = _shell_signs(rule.shell)
    is_seasonal, is_resting = _dormant_seasonal(rule), pl.col("status").is_in(rule.resting_statuses)
    return firms.select(
        zombie=_zombie(rule),
        shell_suspect=_is_mature(rule) & _at_least(rule.shell.signs_needed, list(shell.values())),
        dormant_seasonal=is_seasonal,
        zombie_evidence=_codes(signs),
        zombie_unknown=_codes({code: sign.is_null() for code, sign in signs.items()}),
        shell_evidence=_codes(shell),
        shell_unknown=_codes({code: sign.is_null() for code, sign in shell.items()}),
        excuses=_codes({"lawful_rest": is_resting, "seasonal": is_seasonal}),
    )


def _zombie(rule: Rule) -> pl.Expr:
    """Silence is no sign while the firm lawfully rests; the lists of the register are, all the same."""
    is_resting = pl.col("status").is_in(rule.resting_statuses)
    ended, silences = _endings(rule)["registration_ended"], _silences(rule).values()
    hard = ended | (_is_mature(rule) & ~is_resting & pl.all_horizontal(silences))
    suspicions = _suspicions(rule)
    zero = suspicions.pop("zero_filings") & ~is_resting
    suspect = pl.any_horizontal(zero, *suspicions.values())
    certain = pl.when(hard).then(pl.lit("hard")).when(suspect).then(pl.lit("suspect"))
    return certain.when(~hard & ~suspect).then(pl.lit("no"))


def _is_mature(rule: Rule) -> pl.Expr:
    return pl.col("age_months") >= rule.months_to_start


def _endings(rule: Rule) -> dict[str, pl.Expr]:
    return {"registration_ended": pl.col("status").is_in(rule.ended_statuses)}


def _silences(rule: Rule) -> dict[str, pl.Expr]:
    given = pl.col("invoices_issued_12m").is_not_null()
    last_invoice = pl.min_horizontal("days_since_last_sale", "days_since_last_purchase").fill_null(NEVER)
    return {
        "no_vat_return": pl.col("vat_returns_365d") == 0,
        "no_invoice": pl.when(given).then(last_invoice >= rule.silent_days),
        "nobody_insured": pl.col("headcount") == 0,
    }


def _suspicions(rule: Rule) -> dict[str, pl.Expr]:
    zero_months = pl.col("zero_filing_months_12m") >= rule.zero_filing_months
    return {
        "zero_filings": zero_months & ~_dormant_seasonal(rule).fill_null(value=False),
        "annual_report_missing": pl.col("last_annual_report_missing") > 0,
        "on_abnormal_list": pl.col("on_abnormal_list") > 0,
    }


def _dormant_seasonal(rule: Rule) -> pl.Expr:
    """Whether a seasonal trade was empty for as long as others are suspected for, but no longer than last year."""
    starts = (pl.col("industry").str.starts_with(prefix) for prefix in rule.seasonal_industries)
    is_empty = pl.col("zero_filing_months_12m") >= rule.zero_filing_months
    is_as_before = pl.col("new_zero_filing_months_12m") < rule.zero_filing_months
    return pl.any_horizontal(starts) & is_empty & is_as_before


def _shell_signs(rule: ShellRule) -> dict[str, pl.Expr]:
    issued, received, sales = pl.col("invoices_issued_12m"), pl.col("invoices_received_12m"), pl.col("sales_12m")
    related = pl.col("top2_related_sales_12m")
    return {
        "hardly_anybody_insured": pl.col("headcount") <= rule.headcount_at_most,
        "sells_without_buying": (issued > 0) & (received == 0),
        "crowded_address": pl.col("firms_at_address") >= rule.firms_at_address,
        "shared_phone": pl.col("firms_with_phone") >= rule.firms_with_phone,
        "legal_rep_of_many": pl.col("firms_of_legal_rep") >= rule.firms_of_legal_rep,
        "sells_to_related": (sales > 0) & (related > rule.related_sales_share * sales),
        "money_passes_through": pl.col("quick_turn_share_12m") >= rule.quick_turn_share,
    }


def _at_least(needed: int, signs: list[pl.Expr]) -> pl.Expr:
    """Whether so many signs hold; unknown while the unseen ones could still make up the number."""
    hold = pl.sum_horizontal(sign.fill_null(value=False).cast(pl.Int32) for sign in signs)
    could = pl.sum_horizontal(sign.fill_null(value=True).cast(pl.Int32) for sign in signs)
    return pl.when(hold >= needed).then(statement=True).when(could < needed).then(statement=False)


def _codes(signs: Mapping[str, pl.Expr]) -> pl.Expr:
    """The codes of the signs that are true, in their order."""
    return pl.concat_list(pl.when(sign).then(pl.lit(code)) for code, sign in signs.items()).list.drop_nulls()
