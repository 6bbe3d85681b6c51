"""Bookings of the enterprises' accounts, whose balances follow the hidden cash."""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from simulation.assumed import bank as a
from simulation.chance import Flags, Whole, picked
from simulation.firms import Firms
from simulation.told import bank_accounts as accounts
from simulation.told.bank_circles import passing
from simulation.told.bank_names import Names
from simulation.told.bank_plan import plan
from simulation.told.bank_rows import DAY, MAIN, PURPOSES, Bookings, bookings
from simulation.told.bank_seen import TRAITS, Seen, given
from sources.contracts.bank import BOOKING_DIRECTIONS
from sources.contracts.bank import PURPOSES as CODES

if TYPE_CHECKING:
    from simulation.community import Community

DIRECTION, PURPOSE = pl.Enum(list(BOOKING_DIRECTIONS)), pl.Enum(list(CODES))
PURPOSE_OF = np.array([list(CODES).index(purpose) for purpose in PURPOSES.values()], dtype=np.uint8)


def bank_transactions(community: "Community") -> pl.DataFrame:
    """Rows of the contract `bank_transactions`, by firm, account and time.

    Over all accounts of a firm the balance at a month's end is `lives.cash`, more by what is put off to the next
    quarter or borrowed for show. Some second accounts are at a bank whose data is not given.
    """
    random = community.random("bank_transactions")
    seen = Seen(community, random.random((len(TRAITS), len(community.firms))))
    held, known = accounts.purses(seen), given(seen)
    money, names = plan(seen, known, random), Names(seen, random)
    rows = accounts.assigned(bookings(money, known, names, random), held, random)
    moves = accounts.swept(rows, money, held, seen, random)
    aside = rows.slot != MAIN
    leaving = accounts.transfers(moves, seen, random)
    side = accounts.settled(Bookings.joined([rows.take(np.flatnonzero(aside)), leaving]), moves.opening)
    here = [rows.take(np.flatnonzero(~aside)), passing(names, random), accounts.arriving(side)]
    main = accounts.settled(Bookings.joined(here), moves.opening, depth=held.depth)
    return _told(Bookings.joined([main, side]), moves.opening, held.told, community)


def _told(rows: Bookings, opening: Whole, told: Flags, community: "Community") -> pl.DataFrame:
    """Bookings of the told accounts as the contract has them."""
    rows = rows.take(np.flatnonzero(told[rows.firm, rows.slot]))
    account = rows.firm * accounts.SLOTS + rows.slot
    rows = rows.take(np.argsort(accounts.sorting_key(account, rows.time, ~rows.incoming), kind="stable"))
    account = rows.firm * accounts.SLOTS + rows.slot
    signed = np.where(rows.incoming, rows.amount, -rows.amount)
    day = rows.time // DAY
    number = _places(account)
    begins = np.flatnonzero((np.diff(account, prepend=-1) != 0) | (np.diff(day, prepend=-1) != 0))
    size = np.diff(begins, append=len(day))
    # All bookings of an account's day come with one statement.
    delay = np.array(list(a.DELAYS))[picked(community.random("bank delays").random(len(begins)), a.DELAYS)]
    return pl.DataFrame(
        {
            "firm": rows.firm,
            "account": _account_names(community.firms).gather(pl.Series(account, dtype=pl.UInt32)),
            "booking": pl.Series(number + 1).cast(pl.String),
            "booked_on": _days(day),
            "sequence": number - np.repeat(number[begins], size),
            "direction": pl.Series((~rows.incoming).astype(np.uint8)).cat.to(DIRECTION),
            "amount_fen": rows.amount,
            "balance_after_fen": opening.ravel()[account] + accounts.running(account, signed),
            "counterparty": rows.name,
            "purpose": pl.Series(PURPOSE_OF[rows.kind]).cat.to(PURPOSE),
            "known_on": _days(day + np.repeat(delay, size)),
        }
    )


def _account_names(firms: Firms) -> pl.Series:
    numbers = pl.DataFrame({"number": np.repeat(firms.numbers, accounts.SLOTS)})
    slot = pl.int_range(pl.len()) % accounts.SLOTS
    return numbers.select(pl.format("A{}-{}", "number", slot + 1)).to_series()


def _days(number: Whole) -> pl.Series:
    return pl.Series(number.astype(np.int32)).cast(pl.Date)


def _places(account: Whole) -> Whole:
    """Place of each row in its account, from 0."""
    return accounts.running(account, np.ones_like(account)) - 1
