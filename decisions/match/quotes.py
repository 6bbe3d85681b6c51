"""What products come to for one enterprise by rules alone, as the contract `Quotes`, before any model speaks.

`decisions.batch.quotes.quotes_of_all` says the same of many enterprises at once; a property test holds the two equal.
"""

import datetime as dt
from collections.abc import Iterator, Sequence

import polars as pl

from decisions.facts import Facts
from decisions.match.ranking import Candidate, open_counts
from decisions.match.worth import Borrower, assumed_rate
from decisions.offered.eligibility import Verdict
from decisions.offered.products import Product
from decisions.offered.rules import Rule
from sources.contracts.offers import Quotes

SCHEMA = pl.Schema({name: column.dtype for name, column in Quotes.columns().items()})

MOST_MARGIN = 10.0
"""Farther than so many times its threshold, a value is far from it."""


def quotes_of(
    candidates: Sequence[Candidate], borrower: Borrower, *, enterprise_id: str, as_of: dt.date
) -> pl.DataFrame:
    """A row a candidate, in their order; none of its conditions is failed, or it would be no candidate."""
    rows = [(enterprise_id, as_of, *_quote(candidate, borrower)) for candidate in candidates]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _quote(candidate: Candidate, borrower: Borrower) -> tuple[str | int | float | bool | None, ...]:
    product, limit = candidate.entry.product, candidate.limit
    usable = borrower.usable_fen(limit)
    all_in = borrower.all_in_rate(product, usable)
    return (
        product.id,
        borrower.wanted_fen,
        borrower.wanted_months,
        limit.at_most_fen,
        not limit.is_worked_out,
        usable,
        borrower.months(product),
        all_in.after if all_in else assumed_rate(product, borrower.policy.numbers),
        all_in is None,
        *open_counts(candidate),
        sum([found.verdict == "fail" for found in candidate.verdicts]),
        sum([found.verdict == "pass" for found in rules_said(candidate)]),
        margin_of(product, borrower.facts),
    )


def rules_said(candidate: Candidate) -> tuple[Verdict, ...]:
    """What the product's own rules say: its place comes before them, renewal and purpose after them."""
    return candidate.verdicts[1 : 1 + len(candidate.entry.product.rules)]


def margin_of(product: Product, facts: Facts) -> float | None:
    """How far the nearest threshold is of the product's numeric rules that known facts meet.

    |value - threshold| / |threshold|, at most `MOST_MARGIN`. A threshold of zero (nothing overdue, say) has no scale
    and is passed over.

    Returns:
        None where no such rule is met.
    """
    distances = [one for rule in product.rules for one in _distances(rule, facts)]
    return min(*distances, MOST_MARGIN) if distances else None


def _distances(rule: Rule, facts: Facts) -> Iterator[float]:
    value = facts.number(rule.fact)
    if value is not None and rule.definition.is_number and rule.admits(value):
        for threshold in thresholds(rule):
            yield abs(value - threshold) / abs(threshold)


def thresholds(rule: Rule) -> tuple[int | float, ...]:
    """The bounds of a numeric rule that have a scale."""
    bounds = rule.between or (rule.at_least, rule.at_most)
    return tuple([bound for bound in bounds if bound])
