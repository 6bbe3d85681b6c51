"""Which products a firm is shown: those for its kind far more often, those of other districts never."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from simulation.assumed import lending as a
from simulation.chance import Flags, Numbers, Whole
from simulation.firms import Firms
from simulation.lending.conditions import DISTRICT
from simulation.lending.known import Known
from simulation.lending.offers import Offers, offers
from simulation.state import State

OF_PAYMENT_CODES, OF_ORDERS = "qr_inflow_12m_fen", frozenset({"orders_at_hand_fen", "order_backlog_fen"})
OF_TRADES = ("industry_section", "industry_division")
ON_PROPERTY = ("mortgage", "combined")
TECHNICAL = ("tech_loan", "srdi_loan", "ip_pledge")
KINDS = ("technology", "exports", "property", "first loan", "renewal", "orders", "payment codes")


@dataclass(frozen=True)
class MadeFor:
    """For whom products are made.

    Attributes:
        kinds: kind of `KINDS` × offer.
        fits: by kind, what is added to the log of how often such a product is shown to a firm of that kind.
    """

    kinds: Flags
    fits: Numbers


@cache
def _made_for() -> MadeFor:
    book = offers()
    kinds = np.stack(
        [
            np.isin(book.categories, TECHNICAL),
            book.categories == "export_loan",
            np.isin(book.modes, ON_PROPERTY),
            book.categories == "first_loan",
            book.categories == "renewal",
            np.array([bool(OF_ORDERS & bases) for bases in book.bases]),
            np.array([OF_PAYMENT_CODES in bases for bases in book.bases]),
        ]
    )
    relevant = np.where(np.array(KINDS) == "first loan", a.RELEVANT_FIRST, a.RELEVANT)
    return MadeFor(kinds, np.log(relevant))


def shown_to(state: State, firms: Firms, known: Known, random: np.random.Generator) -> Whole:
    """Lists of `SHOWN` different offers, one a lane: one after the other, each by its weight among those left."""
    weight = _weights(state, firms, known, offers())
    luck = np.clip(random.random(weight.shape), 1e-12, 1 - 1e-12)
    score = weight - np.log(-np.log(luck))
    best: Whole = np.argsort(-score, axis=1, kind="stable")[:, : a.SHOWN]
    return best


def _weights(state: State, firms: Firms, known: Known, book: Offers) -> Numbers:
    """Logarithm of how often each offer is shown to each lane; -inf where it is not offered."""
    made, fits = _made_for(), _kinds(state, firms, known)
    liking = np.where(fits, made.fits, np.log(a.IRRELEVANT))
    weight = np.log(book.popularity) + np.einsum("lk,ko->lo", liking, made.kinds.astype(float))
    for name in OF_TRADES:
        asked, hits = book.conditions.asked[name], book.conditions.meets(name, known)
        weight = weight + np.where(hits, np.log(a.RELEVANT), np.log(a.IRRELEVANT)) * (asked > 0)
        weight = weight + np.log(a.IRRELEVANT) * (hits & (asked < 0))
    return np.where(book.conditions.meets(DISTRICT, known), weight, -np.inf)


def _kinds(state: State, firms: Firms, known: Known) -> Flags:
    """Which of `KINDS` each lane is."""
    due = (state.left > 0) & (state.left <= a.FALLS_DUE)
    return np.stack(
        [
            firms.tech,
            firms.export_share > 0,
            firms.property,
            state.loans == 0,
            due.any(axis=1),
            known.figures["orders_at_hand"] > 0,
            known.figures["qr_inflow_12m_fen"] > 0,
        ],
        axis=1,
    )
