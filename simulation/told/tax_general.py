"""VAT returns of general taxpayers, by the month: every line that the form computes is computed."""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from simulation.assumed import city
from simulation.assumed import tax as a
from simulation.chance import Days, Numbers, Whole
from simulation.firms import SHELL
from simulation.told.lines import NOT_YET, later, month_of
from simulation.told.tax_rows import Lines, Luck, Periods, amends_at, versions, whole
from simulation.told.tax_sales import FEN, Declared
from simulation.told.tax_timing import Visits

if TYPE_CHECKING:
    from simulation.community import Community

BUILDERS, FARMERS = (
    next(place for place, trade in enumerate(city.INDUSTRIES) if trade.zh == zh) for zh in ("建筑", "农业")
)


def general_returns(community: "Community", declared: Declared, visits: Visits) -> pl.DataFrame:
    """Returns of general taxpayers for the told months, an amended one after the one it amends.

    Beside the contract: `period` (place of the month) and `first_filed_on` of amended returns.
    """
    calendar, random = community.calendar, community.random("tax", "general")
    shape = declared.invoiced.shape
    luck = Luck(random.random((8, *shape)), random.random((4, shape[0], 1)))
    lines = _lines(community, declared, luck)
    lines |= _payments(lines, visits, community)
    firm, month = np.nonzero(visits.told & ~community.firms.small_scale[:, None])
    rows = {name: values[firm, month] for name, values in lines.items()}
    luck_of_rows = Luck(luck.month[:, firm, month], luck.firm[:, firm])
    first, amended_on = _before_amendment(rows, visits, community, (firm, month), luck_of_rows)
    return versions(first, rows, Periods(firm, month, calendar.starts[month], amended_on), community, visits)


def _lines(community: "Community", declared: Declared, luck: Luck) -> Lines:
    """Lines 1 to 24."""
    kinds = _kinds_of_sales(community, declared, luck)
    audited = _audited(community, declared, luck)
    audited_tax = whole(audited * declared.rate)
    output = kinds["output_tax_fen"] + audited_tax
    goods = (community.firms.goods == "goods")[:, None]
    rated = kinds["rated_sales_fen"] + audited
    deduction = _chain(community, declared, luck, output=output, audited=audited_tax, exports=kinds["export_sales_fen"])
    rated_tax = output - deduction["deducted_tax_fen"]
    simple_tax = whole(kinds["simple_sales_fen"] * a.SIMPLE_RATE)
    relief = np.minimum(_control_fee(community), rated_tax + simple_tax)
    nothing = np.zeros_like(rated)
    return {
        "rated_sales_fen": rated,
        "rated_goods_sales_fen": np.where(goods, rated, 0),
        "rated_services_sales_fen": np.where(goods, whole(rated * a.REPAIR_SHARE * (luck.firm[0] < a.REPAIRS)), 0),
        "audited_sales_fen": audited,
        "simple_sales_fen": kinds["simple_sales_fen"],
        "export_sales_fen": kinds["export_sales_fen"],
        "exempt_sales_fen": kinds["exempt_sales_fen"],
        "output_tax_fen": output,
        **deduction,
        "audited_rated_tax_fen": audited_tax,
        "rated_tax_fen": rated_tax,
        "simple_tax_fen": simple_tax,
        "audited_simple_tax_fen": nothing,
        "relief_fen": relief,
        "tax_due_fen": rated_tax + simple_tax - relief,
        "prepaid_fen": _prepaid(community, rated, rated_tax + simple_tax - relief, luck),
        "export_prepaid_fen": nothing,
    }


def _kinds_of_sales(community: "Community", declared: Declared, luck: Luck) -> Lines:
    """Declared sales by line, and output tax.

    What the invoices' VAT lacks against the firm's own rate was sold free of tax or by the simple method.
    """
    firms, rate, sales = community.firms, declared.rate, declared.sales
    export_share = firms.export_share[:, None] * np.exp(a.EXPORTS_VARY * (2 * luck.month[0] - 1) * np.sqrt(3))
    exports = whole(np.clip(sales, 0, None) * np.minimum(export_share, a.EXPORTS_MOST) * (export_share > 0))
    at_home = 1 - np.divide(exports, sales, out=np.zeros_like(sales), where=sales > 0)
    invoiced, vat = declared.invoiced * at_home, declared.vat * at_home
    lacking = 1 - np.divide(vat, invoiced * rate, out=np.ones_like(vat), where=invoiced > 0)
    lacking = np.where(lacking > a.ALL_RATED, lacking, 0.0) * (invoiced > 0)
    is_free = (firms.industry == FARMERS)[:, None] | (firms.tech[:, None] & (luck.firm[1] < a.TECH_FREE))
    exempt = whole(np.where(is_free, lacking * invoiced, 0))
    simple = np.where(is_free, 0, lacking * invoiced / (1 - a.SIMPLE_RATE / rate))
    simple = whole(np.clip(simple, 0, np.maximum(np.minimum(invoiced, vat / a.SIMPLE_RATE), 0)))
    uninvoiced = declared.uninvoiced * at_home
    return {
        "rated_sales_fen": sales.astype(np.int64) - exports - exempt - simple,
        "simple_sales_fen": simple,
        "export_sales_fen": exports,
        "exempt_sales_fen": exempt,
        "output_tax_fen": whole(vat - simple * a.SIMPLE_RATE + uninvoiced * rate),
    }


def _chain(
    community: "Community", declared: Declared, luck: Luck, *, output: Whole, audited: Whole, exports: Whole
) -> Lines:
    """Lines 12 to 15, 17, 18 and 20: what is not deducted in a month is carried into the next."""
    input_tax = _input_tax(community, declared, output, luck)
    moved_out = _moved_out(input_tax, luck)
    asks = _asks_for_refund(community, luck)
    refund_rate = np.minimum([[a.REFUND_RATES[kind]] for kind in community.firms.goods], declared.rate)
    refundable_at_most = whole(exports * refund_rate)
    names = ("brought", "out", "refundable", "deductible", "deducted", "carried")
    chain = {name: np.zeros_like(output) for name in names}
    carried, refundable = np.zeros_like(output[:, 0]), np.zeros_like(output[:, 0])
    for month in range(output.shape[1]):
        left = carried - refundable
        paid_back = (left * asks[:, month] * (left > a.CREDIT_REFUND_LEAST)).astype(np.int64)
        out = moved_out[:, month] + paid_back
        deductible = input_tax[:, month] + left - out + audited[:, month]
        deducted = np.minimum(deductible, output[:, month])
        now = (carried, out, refundable, deductible, deducted, deductible - deducted)
        for name, values in zip(names, now, strict=True):
            chain[name][:, month] = values
        carried = deductible - deducted
        refundable = np.minimum(carried, refundable_at_most[:, month])
    return {
        "input_tax_fen": input_tax,
        "credit_brought_forward_fen": chain["brought"],
        "input_tax_out_fen": chain["out"],
        "export_refundable_fen": chain["refundable"],
        "deductible_tax_fen": chain["deductible"],
        "deducted_tax_fen": chain["deducted"],
        "credit_carried_forward_fen": chain["carried"],
    }


def _input_tax(community: "Community", declared: Declared, output: Whole, luck: Luck) -> Whole:
    """Deducted VAT of purchases: it comes as the invoices of the export come, on a level that real purchases give.

    The export lacks part of the purchases' invoices, and customs papers, tolls and farm goods are deducted without any.
    """
    firms = community.firms
    care = a.INPUT_CARE[0] + (a.INPUT_CARE[1] - a.INPUT_CARE[0]) * luck.firm[2]
    told = np.arange(community.calendar.months) >= community.calendar.first
    invoiced, vat, reached, bought = (
        np.cumsum(values * told, axis=1)
        for values in (
            declared.invoiced,
            declared.vat,
            declared.bought_vat,
            declared.purchases * _booked_cost(declared),
        )
    )
    rate = np.divide(vat, invoiced, out=declared.rate.copy(), where=invoiced > 0)
    scale = np.divide(FEN * bought * rate, reached, out=np.ones_like(reached), where=reached > 0)
    elsewhere = FEN * declared.purchases * _booked_cost(declared) * rate
    invoiced_here = declared.bought_vat * np.clip(scale, *a.INPUT_SCALE)
    claimed = care * (a.INPUT_ELSE * elsewhere + (1 - a.INPUT_ELSE) * invoiced_here)
    month_later = np.pad(claimed, ((0, 0), (1, 0)))[:, :-1]
    input_tax = claimed * (1 - a.INPUT_LATER) + month_later * a.INPUT_LATER
    shell = a.INPUT_SHELL[0] + (a.INPUT_SHELL[1] - a.INPUT_SHELL[0]) * luck.month[1]
    return whole(np.where((firms.role == SHELL)[:, None], shell * np.maximum(output, 0), input_tax))


def _booked_cost(declared: Declared) -> Numbers:
    """Part of the purchases that the books show: who does not book a sale books its cost less."""
    part: Numbers = a.BOOKED_BY_ALL + (1 - a.BOOKED_BY_ALL) * declared.booked
    return part


def _moved_out(input_tax: Whole, luck: Luck) -> Whole:
    low, high = a.MOVED_OUT_PART
    part = (luck.month[2] < a.MOVED_OUT) * (low + (high - low) * luck.month[3])
    return whole(np.maximum(input_tax, 0) * part)


def _asks_for_refund(community: "Community", luck: Luck) -> Numbers:
    """Part of the retained credit that is paid out in a month."""
    low, high = a.CREDIT_REFUND_PART
    possible = community.calendar.starts[:-1] >= np.datetime64(a.CREDIT_REFUND_FROM)
    part: Numbers = (luck.month[4] < a.CREDIT_REFUND) * possible * (low + (high - low) * luck.month[3])
    return part


def _audited(community: "Community", declared: Declared, luck: Luck) -> Whole:
    """Line 4: sales that an audit found."""
    low, high = a.AUDITED_PART
    chance = np.where(community.firms.dishonest, a.AUDITED_DISHONEST, a.AUDITED)[:, None]
    part = (luck.month[5] < chance) * (low + (high - low) * luck.month[6])
    return whole(np.maximum(declared.sales, 0) * part)


def _control_fee(community: "Community") -> Whole:
    """Line 23: the yearly fee of the invoice device comes off the tax."""
    calendar = community.calendar
    paid = (calendar.month_of_year == a.CONTROL_FEE_MONTH) & (calendar.starts[:-1] < np.datetime64(a.CONTROL_FEE_UNTIL))
    fee: Whole = np.where(paid, a.CONTROL_FEE, 0) * np.ones((len(community.firms), 1), np.int64)
    return fee


def _prepaid(community: "Community", rated: Whole, due: Whole, luck: Luck) -> Whole:
    """Line 28: builders prepay where they work in other places."""
    builds = (community.firms.industry == BUILDERS)[:, None] & (luck.month[6] < a.PREPAID_CHANCE)
    prepaid: Whole = np.minimum(whole(np.maximum(rated, 0) * a.PREPAID * builds), due)
    return prepaid


def _payments(lines: Lines, visits: Visits, community: "Community") -> Lines:
    """Lines 25, 27 and 30 to 34: what was paid in the month, for the last period or for older ones."""
    due, prepaid = lines["tax_due_fen"], lines["prepaid_fen"]
    owed = np.where(visits.files, due - prepaid, 0)
    months = owed.shape[1]
    place = month_of(community.calendar, visits.paid_on)
    firm, month = np.nonzero((owed > 0) & ~np.isnat(visits.paid_on) & (place < months))
    for_last, arrears = np.zeros_like(owed), np.zeros_like(owed)
    paid_in, amount = np.maximum(place[firm, month], month + 1), owed[firm, month]
    inside = paid_in < months
    firm, month, paid_in, amount = firm[inside], month[inside], paid_in[inside], amount[inside]
    at_once = paid_in == month + 1
    np.add.at(for_last, (firm[at_once], paid_in[at_once]), amount[at_once])
    np.add.at(arrears, (firm[~at_once], paid_in[~at_once]), amount[~at_once])
    paid = for_last + arrears
    at_start = np.cumsum(owed, axis=1) - owed - (np.cumsum(paid, axis=1) - paid)
    return {
        "unpaid_at_start_fen": at_start,
        "paid_fen": prepaid + paid,
        "paid_for_last_period_fen": for_last,
        "paid_arrears_fen": arrears,
        "unpaid_at_end_fen": due + at_start - prepaid - paid,
        "arrears_fen": at_start - paid,
        "payable_fen": due - prepaid,
    }


def _before_amendment(
    rows: Lines, visits: Visits, community: "Community", at: tuple[Whole, Whole], luck: Luck
) -> tuple[Lines, Days]:
    """Lines as filed at first, where some sales were forgotten, and the days on which that was mended.

    Only where tax was due and paid in time before and after, so that no later return changes.
    """
    rated_tax, output = rows["rated_tax_fen"], rows["output_tax_fen"]
    possible = (rated_tax > 0) & (rows["audited_sales_fen"] + rows["relief_fen"] + rows["prepaid_fen"] == 0)
    amends = possible & amends_at(visits, community, at, luck.month[7])
    most = np.minimum(a.AMENDED_PART, np.divide(rated_tax, output, out=np.zeros(len(output)), where=output > 0))
    part = np.where(amends, most * luck.month[6], 0.0)
    less = {name: whole(rows[name] * part) for name in ("rated_sales_fen", "rated_goods_sales_fen", "output_tax_fen")}
    less["rated_services_sales_fen"] = whole(rows["rated_services_sales_fen"] * part)
    taxes = ("rated_tax_fen", "tax_due_fen", "unpaid_at_end_fen", "payable_fen")
    less |= dict.fromkeys(taxes, less["output_tax_fen"])
    first = {name: values - less[name] if name in less else values for name, values in rows.items()}
    again = later(visits.filed_on[at], a.AMENDED_DAYS, luck.month[3])
    return first, np.where(amends, again, NOT_YET)
