"""The hardest features of bank bookings once more, in plain Python, day by day: slow and obvious."""

import datetime as dt
import itertools
import math

Row = dict[str, object]
NO_BUSINESS = {"internal", "investment", "loan_in", "loan_repayment", "refund"}
NO_CUSTOMER = {"cash", "qr", "interest"}
ONE_DAY = dt.timedelta(days=1)


def reference(rows_by_table: dict[str, list[Row]], as_of: dt.date) -> dict[str, float | None]:
    """Features by name, from all rows of one enterprise, whenever they became known."""
    rows = [row for row in rows_by_table["bank_transactions"] if row["known_on"] <= as_of]
    business = [row for row in rows if row["purpose"] not in NO_BUSINESS]
    year = list(days_between(months_back(as_of, 12), months_back(as_of, 0)))
    came, left = effective(business)
    return (
        of_months(rows, came, left, as_of)
        | of_balances(balances(rows, as_of), left, year, as_of)
        | of_parties([row for row in business if row["booked_on"] in set(year)])
        | {
            "quick_turn_share_12m": share(
                sum(min(came.get(day, 0), left.get(day, 0) + left.get(day + ONE_DAY, 0)) for day in year),
                sum(came.get(day, 0) for day in year),
            ),
            "net_outflow_three_weeks": float(
                all(
                    sum(net(came, left, as_of - dt.timedelta(days=7 * week + day)) for day in range(7)) < 0
                    for week in range(3)
                )
            ),
        }
    )


def share(part, whole):
    return part / whole if whole > 0 else None


def net(came, left, day):
    return came.get(day, 0) - left.get(day, 0)


def months_back(as_of, months):
    """First day of the month so many before the one that `as_of` is in."""
    day = as_of.replace(day=1)
    for _ in range(months):
        day = (day - ONE_DAY).replace(day=1)
    return day


def days_between(first, end):
    while first < end:
        yield first
        first += ONE_DAY


def totals(rows):
    came = sum(row["amount_fen"] for row in rows if row["direction"] == "in")
    return came, sum(row["amount_fen"] for row in rows if row["direction"] == "out")


def effective(business):
    """What came and what left on each day, without what went to and fro with one counterparty."""
    came, left = {}, {}
    for day in {row["booked_on"] for row in business}:
        for party in {row["counterparty"] for row in business}:
            its = [row for row in business if (row["booked_on"], row["counterparty"]) == (day, party)]
            came_in, went_out = totals(its)
            to_and_fro = 0 if party is None else min(came_in, went_out)
            came[day] = came.get(day, 0) + came_in - to_and_fro
            left[day] = left.get(day, 0) + went_out - to_and_fro
    return came, left


def of_months(rows, came, left, as_of):
    starts = [months_back(as_of, back) for back in range(60, 0, -1)]
    first = min((row["booked_on"] for row in rows if row["booked_on"] < months_back(as_of, 0)), default=None)
    seen = [start for start in starts if first is not None and start >= first.replace(day=1)]
    monthly = [
        tuple(sum(flow.get(day, 0) for day in days_between(start, next_month(start))) for flow in (came, left))
        for start in seen[-12:]
    ]
    inflow = [came_in for came_in, _ in monthly]
    losing = [went_out > came_in for came_in, went_out in monthly]
    return {
        "bank_inflow_12m": float(sum(inflow)),
        "bank_inflow_variation_12m": variation(inflow),
        "net_outflow_months_share_12m": share(sum(losing), len(losing)),
        "longest_net_outflow_12m": longest_run(losing) if seen else None,
        "bank_months_observed": float(min(len(seen), 36)),
    }


def next_month(start):
    return (start + dt.timedelta(days=31)).replace(day=1)


def variation(values):
    if sum(values) <= 0:
        return None
    squares, whole = sum(x * x for x in values), sum(values)
    return math.sqrt(len(values) * squares - whole * whole) / whole


def longest_run(flags):
    return max(len(list(run)) if flag else 0 for flag, run in itertools.groupby(flags))


def balances(rows, as_of):
    """The enterprise's balance at the end of each day since the first that is known."""
    told = [row for row in rows if row["balance_after_fen"] is not None]
    standing, by_day = {}, {}
    first = min((row["booked_on"] for row in told), default=as_of + ONE_DAY)
    for day in days_between(first, as_of + ONE_DAY):
        for account in {row["account"] for row in told}:
            its = [row for row in told if (row["account"], row["booked_on"]) == (account, day)]
            if its:
                standing[account] = closing(its)
        by_day[day] = sum(standing.values())
    return by_day


def closing(bookings):
    numbered = [row["sequence"] for row in bookings if row["sequence"] is not None]
    if numbered:
        return min(row["balance_after_fen"] for row in bookings if row["sequence"] == max(numbered))
    after_outgoing = [row["balance_after_fen"] for row in bookings if row["direction"] == "out"]
    return min(after_outgoing) if after_outgoing else max(row["balance_after_fen"] for row in bookings)


def of_balances(by_day, left, year, as_of):
    seen = [day for day in year if day in by_day]
    ends = [day for day in seen if (day + ONE_DAY).day == 1]
    quarter = [by_day[day] for day in seen if day >= months_back(as_of, 3)]
    whole = sum(by_day[day] for day in seen)
    mean = share(whole, len(seen))
    at_ends = share(sum(by_day[day] for day in ends), len(ends))
    return {
        "balance_mean_12m": mean,
        "balance_mean_3m": share(sum(quarter), len(quarter)),
        "balance_lowest_12m": min((by_day[day] for day in seen), default=None),
        "zero_balance_days_12m": sum(by_day[day] <= 100 for day in seen) if seen else None,
        "overdrawn_days_12m": sum(by_day[day] < 0 for day in seen) if seen else None,
        "cash_days_12m": share(whole, sum(left.get(day, 0) for day in seen)),
        "month_end_balance_ratio_12m": at_ends / mean if mean and mean > 0 and at_ends is not None else None,
    }


def of_parties(business):
    matched, paid, unnamed = 0, {}, 0
    for party in {row["counterparty"] for row in business}:
        its = [row for row in business if row["counterparty"] == party]
        matched += min(totals(its)) if party else 0
        for day in {row["booked_on"] for row in its}:
            today = [row for row in its if row["booked_on"] == day]
            came_in, went_out = totals(today)
            kept = came_in - (min(came_in, went_out) if party else 0)
            as_customer, _ = totals([row for row in today if row["purpose"] not in NO_CUSTOMER])
            if party:
                paid[party] = paid.get(party, 0) + min(as_customer, kept)
            else:
                unnamed += min(as_customer, kept)
    payers = [amount for amount in paid.values() if amount > 0]
    return {
        "same_party_share_12m": share(matched, totals(business)[0]),
        "payers_12m": None if unnamed and not payers else float(len(payers)),
        "top5_payer_share_12m": share(sum(sorted(payers)[-5:]), sum(payers)),
        "payer_hhi_12m": share(sum(x * x for x in payers), sum(payers) ** 2),
    }
