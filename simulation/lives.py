"""What becomes of the firms, month by month: the hidden truth that all sources tell parts of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.chance import Flags, Numbers, Whole
from simulation.months import Calendar


@dataclass(frozen=True)
class Credit:
    """Every loan of a community, one value a loan, in the order in which they were granted.

    Attributes:
        firm: place of the borrower in its community.
        number: of the loan within the firm, from 0.
        month: month of the calendar in which it was granted and drawn.
        offer: place in `lending.offers`; -1 = a loan from before the first month whose product nobody knows.
        bank: place in `lending.offers.banks`.
        amount, rate: yuan and annual fraction.
        term: months.
        bullet: principal at the end; else in equal parts every month.
        mode: guarantee mode of the contract `loans`.
        renews: number (within the firm) of the loan that it renewed; -1 = none.
        ended: month in which it was repaid or renewed; NEVER = not.
    """

    firm: Whole
    number: Whole
    month: Whole
    offer: Whole
    bank: Whole
    amount: Numbers
    rate: Numbers
    term: Whole
    bullet: Flags
    mode: NDArray[np.str_]
    renews: Whole
    ended: Whole


@dataclass(frozen=True)
class Applications:
    """Every application for a product, one value an application, by month.

    Attributes:
        firm: place of the applicant in its community.
        month: month of the calendar.
        offer: place in `lending.offers`.
        position: place on the list that the firm was shown, from 0; the first is seen most.
        shown: all offers on that list in order (application × list).
        wanted: amount wanted, yuan.
        chance: true probability that the bank grants it.
        granted: whether it did.
        code: why not, a refusal code of the catalogue's kind such as AGE_OF_FIRM; empty where granted.
        limit, rate: as granted, yuan and annual fraction; 0 where refused.
        drawn: yuan drawn at once; 0 = never drawn.
        loan: number within the firm of the loan that was drawn; -1 = none.
    """

    firm: Whole
    month: Whole
    offer: Whole
    position: Whole
    shown: NDArray[np.int64]
    wanted: Numbers
    chance: Numbers
    granted: Flags
    code: NDArray[np.str_]
    limit: Numbers
    rate: Numbers
    drawn: Numbers
    loan: Whole


@dataclass(frozen=True)
class Lives:
    """Firm × month of the calendar; money in yuan, flows of the month, stocks at its end.

    All money excludes VAT except `taxes`, which holds every tax paid.

    Attributes:
        calendar: the months.
        trading: sells in this month.
        sales: real sales.
        purchases: real purchases that come with an invoice.
        receipts, suppliers_paid: paid by buyers, paid to suppliers.
        payroll, rent, taxes: paid in the month; what is not paid for want of cash is missing here.
        interest, principal: paid on loans of the report and on private debt.
        drawn: loans paid out, private ones included.
        owner_in, owner_out: put in and taken out by the owner.
        cash: in all accounts, never below 0.
        receivables, payables: outstanding.
        private_debt: outside every report.
        debt: balance of all loans of the report.
        staff: people paid.
        strain: 0 = at ease, 1 = no cash and bills unpaid.
        unpaid: bills that could not be paid, to anyone.
        overdue: consecutive months in which bills stayed unpaid, this one included; the last month keeps its count once
            the firm has defaulted (3, 4, 5 ...).
        grade: tax credit grade in force, place in "ABMCD"; changes every April.
        default: per firm, the month at whose end it is 90 days past due; NEVER = not.
        closed: per firm, first month without any trade for good; NEVER = not.
        cancelled: per firm, month in which the register strikes it off after an orderly end; NEVER = not.
        credit, applications: loans and how they came about.
    """

    calendar: Calendar
    trading: Flags
    sales: Numbers
    purchases: Numbers
    receipts: Numbers
    suppliers_paid: Numbers
    payroll: Numbers
    rent: Numbers
    taxes: Numbers
    interest: Numbers
    principal: Numbers
    drawn: Numbers
    owner_in: Numbers
    owner_out: Numbers
    cash: Numbers
    receivables: Numbers
    payables: Numbers
    private_debt: Numbers
    debt: Numbers
    staff: Whole
    strain: Numbers
    unpaid: Numbers
    overdue: Whole
    grade: Whole
    default: Whole
    closed: Whole
    cancelled: Whole
    credit: Credit
    applications: Applications
