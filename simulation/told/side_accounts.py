"""Accounts that the hidden lives do not hold: older loans, leases, microloans, acceptances; small or long repaid."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from simulation.assumed import credit as a
from simulation.chance import Numbers
from simulation.firms import NEVER, SHELL
from simulation.told.lines import fen

if TYPE_CHECKING:
    from simulation.community import Community


@dataclass(frozen=True)
class Side:
    """A kind of account beside the loans of the hidden lives; bounds are least and most.

    Attributes:
        first_lender, lenders: numbers of the lenders; no lenders = the firm's own bank.
        amount: bounds, in months of normal sales (acceptances: of the month's purchases).
        rate: bounds, annual fractions.
        bullets: share repaid at the end.
    """

    kind: str
    lender_kind: str
    first_lender: int
    lenders: int
    terms: tuple[int, ...]
    amount: tuple[float, float]
    rate: tuple[float, float] | None
    bullets: float
    mode: str


LEASE = Side("leasing", "leasing", 200, a.LEASING_FIRMS, a.LEASE_TERMS, a.LEASE_AMOUNT, a.LEASE_RATE, 0.0, "pledge")
MICRO = Side(
    "working_capital", "microloan", 100, a.MICRO_LENDERS, a.MICRO_TERMS, a.MICRO_AMOUNT, a.MICRO_RATE,
    a.MICRO_BULLETS, "credit",
)  # fmt: skip
BILL = Side("acceptance", "bank", 0, 0, (a.BILL_TERM,), a.BILL_AMOUNT, None, 1.0, "credit")


def between(bounds: tuple[float, float], luck: Numbers) -> Numbers:
    """Values between two bounds by uniform numbers."""
    drawn: Numbers = bounds[0] + (bounds[1] - bounds[0]) * luck
    return drawn


def side_accounts(bank: pl.DataFrame, community: "Community", random: np.random.Generator) -> list[pl.DataFrame]:
    """Accounts of firms that have borrowed from a bank before; others have none, so that first loans stay first.

    `bank` are the loans of the hidden lives; what is given has the same columns.
    """
    firms, lives = community.firms, community.lives
    borrower = bank["firm"].to_numpy()
    first, own_bank = np.full(len(firms), NEVER), np.zeros(len(firms), np.int64)
    np.minimum.at(first, borrower, bank["began"].to_numpy())
    own_bank[borrower] = bank["lender"].to_numpy()
    month = np.arange(community.calendar.months)
    able = lives.trading & (month > first[:, None]) & (lives.overdue <= 1) & (firms.role != SHELL)[:, None]
    machines = np.isin([division[0] for division in firms.division.tolist()], a.LEASING_SECTIONS)
    dealers = (firms.sales >= a.BILL_SALES) & np.isin(firms.goods, a.BILL_GOODS)
    monthly = np.broadcast_to(firms.sales[:, None], able.shape)
    taken = (
        (LEASE, a.LEASE * machines[:, None], monthly),
        (MICRO, a.MICRO + a.MICRO_OF_STRAIN * lives.strain**2, monthly),
        (BILL, a.BILL * (dealers[:, None] & (lives.overdue == 0)), np.maximum(lives.purchases, 1.0)),
    )
    parts = [_older(bank, community, random)]
    for side, chance, basis in taken:
        firm, began = np.nonzero(able & (random.random(able.shape) < chance))
        opened = pl.DataFrame({"firm": firm, "began": began, "basis": basis[firm, began], "own_bank": own_bank[firm]})
        parts.append(_opened(side, opened, community, random))
    return parts


def _opened(side: Side, opened: pl.DataFrame, community: "Community", random: np.random.Generator) -> pl.DataFrame:
    """What was agreed; a firm that ends in order pays back before."""
    luck = random.random((5, opened.height))
    firm, began = opened["firm"].to_numpy(), opened["began"].to_numpy()
    term = np.array(side.terms)[(luck[0] * len(side.terms)).astype(np.int64)]
    orderly = np.where(community.lives.default == NEVER, community.lives.closed, NEVER)[firm]
    any_lender = side.first_lender + (luck[1] * side.lenders).astype(np.int64)
    amount = opened["basis"].to_numpy() * between(side.amount, luck[2])
    return opened.select("firm", "began").with_columns(
        term=pl.Series(term),
        ends=pl.Series(np.minimum(began + term, np.maximum(orderly, began + 1))),
        lender=pl.Series(any_lender) if side.lenders else opened["own_bank"],
        lender_kind=pl.lit(side.lender_kind),
        kind=pl.lit(side.kind),
        guarantee_mode=pl.lit(side.mode),
        amount=pl.Series(np.maximum(fen(amount), 1)),
        rate=pl.Series(between(side.rate, luck[3])) if side.rate else pl.lit(None, pl.Float64),
        bullet=pl.Series(luck[4] < side.bullets),
    )


def _older(bank: pl.DataFrame, community: "Community", random: np.random.Generator) -> pl.DataFrame:
    """Loans that were repaid before those with which the first month begins, one after the other."""
    prior = bank.filter(pl.col("began") < 0)
    firm, term = prior["firm"].to_numpy(), prior["term"].to_numpy()
    back = np.arange(1, a.OLDER_LOANS + 1)[:, None]
    began = prior["began"].to_numpy() - back * term
    had = (began > community.firms.born[firm]) & (back <= random.random(prior.height) * (a.OLDER_LOANS + 1))
    place = np.nonzero(had)[1]
    older = prior.drop("number", "renews", "granted_on")[place]
    return older.with_columns(began=pl.Series(began[had]), ends=pl.Series((began + term)[had]))
