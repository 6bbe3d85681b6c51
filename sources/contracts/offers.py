"""What models of product fit are given beside profiles: products as offered, and what one comes to for an enterprise.

No table of evidence: `decisions` makes offers of its catalogue and works quotes out, `features.pairs` crosses them with
profiles. No column tells what a bank earns, and there is no place for one.
"""

import dataframely as dy
import polars as pl

from sources.contracts.columns import count, day, enterprise_id, money, reference

MOST_MONTHS = 600


def _flag(description: str, *, nullable: bool = False) -> dy.Bool:
    return dy.Bool(nullable=nullable, description=description)


def _ratio(description: str, *, nullable: bool = False, most: float = 1.0) -> dy.Float64:
    return dy.Float64(nullable=nullable, min=0.0, max=most, description=description)


class Offers(dy.Schema):
    """One row a product as it is offered on a day; null = its source does not say.

    It rests on what the formula of its limit multiplies, and on what its category or its security is named after.
    """

    product_id = reference("Product of the catalogue")
    bank_id = reference("Bank that offers it")
    category = reference("Category of the catalogue, such as tax_loan")
    guarantee_mode = reference("What stands behind it, such as credit or pledge_ip")
    repayment = reference("How it is repaid, such as revolving or equal_instalment")
    cap_fen = money("The most that it lends")
    rate_low = _ratio("Lowest annual rate, a fraction", nullable=True)
    rate_high = _ratio("Highest annual rate, a fraction", nullable=True)
    term_months = count("Longest term, months", most=MOST_MONTHS)
    decision_days = count("Working days to a decision", most=MOST_MONTHS)
    conditions = count("Conditions that it puts", nullable=False)
    is_renewal = _flag("Whether it renews a maturing loan")
    first_loan_friendly = _flag("Whether its source welcomes enterprises that never borrowed", nullable=True)
    rests_on_tax = _flag("Whether it rests on tax paid")
    rests_on_flows = _flag("Whether it rests on sales, invoices, receipts or settlement flows")
    rests_on_ip = _flag("Whether it rests on intellectual property or R&D")
    rests_on_orders = _flag("Whether it rests on orders or receivables")
    rests_on_exports = _flag("Whether it rests on exports, duty or refunds")
    rests_on_property = _flag("Whether it rests on real estate")


class Quotes(dy.Schema):
    """One row an enterprise, day and product: what it comes to by rules alone, before any model speaks."""

    enterprise_id = enterprise_id()
    as_of = day("Day stood on")
    product_id = reference("Product of the catalogue")
    wanted_fen = money("Amount asked for, or assumed where none is stated", nullable=False)
    wanted_months = count("Term asked for, or assumed where none is stated", nullable=False, most=MOST_MONTHS)
    limit_fen = money("The most that known facts and caps leave; null = nothing bounds it")
    is_limit_open = _flag("Whether the limit is not worked out: a fact is unknown, or the product states no rule")
    usable_fen = money("Amount that it would use of the product", nullable=False)
    months = count("Term that it would use", nullable=False, most=MOST_MONTHS)
    rate = _ratio("All-in annual rate after counted subsidies, a fraction; assumed where is_rate_assumed", most=10.0)
    is_rate_assumed = _flag("Whether the source does not state the rate in full")
    open_usual = count("Open questions about facts that most enterprises can answer", nullable=False)
    open_rare = count("Open questions about facts that few enterprises meet", nullable=False)
    failed = count("Conditions that known facts fail; 0 for every product that is shown", nullable=False)
    met = count("Conditions that known facts meet", nullable=False)
    margin = _ratio(
        "Distance to the nearest threshold of the numeric conditions met, over the threshold; null = none",
        nullable=True,
        most=10.0,
    )

    @dy.rule()
    def usable_within_wanted(cls) -> pl.Expr:
        return cls.usable_fen.col <= cls.wanted_fen.col


class Ties(dy.Schema):
    """One row an enterprise and a bank of the catalogue that ever lent to it, as known on a day."""

    enterprise_id = enterprise_id()
    as_of = day("Day stood on")
    bank_id = reference("Bank of the catalogue")
    loans_open = count("Open loans of the bank", nullable=False)
    loans_ever = count("Loans of the bank on record", nullable=False)
    balance_fen = money("Balance of its open loans", nullable=False)
    is_overdue = _flag("Whether an open loan of the bank is past due")
    months_since = count("Whole months since its newest loan was granted", nullable=False, most=10_000)
