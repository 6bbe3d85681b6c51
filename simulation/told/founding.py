"""What was entered in the register when the firms of a community were founded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from simulation.assumed import city
from simulation.assumed import register as a
from simulation.chance import Days, Numbers, Whole, picked
from simulation.firms import RING, SHELL, ZERO_FILER, Firms

if TYPE_CHECKING:
    from simulation.community import Community

EPOCH = 1970
SURE = 1 - 1e-9


@dataclass(frozen=True)
class Founding:
    """One value a firm.

    Attributes:
        controller: place of the firm whose owner controls it: another of its ring, or itself.
        capital: ten thousand yuan; 0 = none.
        paid: share of it that is paid in.
        premises: kind of the contract.
        birth_year: of the legal representative.
        rep_firms, address_firms, phone_firms: firms with the same representative, address, telephone, itself included.
    """

    controller: Whole
    capital: Whole
    paid: Numbers
    premises: NDArray[np.str_]
    birth_year: Whole
    rep_firms: Whole
    address_firms: Whole
    phone_firms: Whole


def founding(community: "Community") -> Founding:
    """The first entry of every firm; firms of a ring share the luck of its first."""
    firms, random = community.firms, community.random("registry", "founding")
    luck, normal = random.random((10, len(firms))), random.standard_normal((3, len(firms)))
    leader = leaders(firms)
    together = luck[:6, leader]
    controller = np.where(luck[6, leader] < a.RING_OF_ONE, leader, np.arange(len(firms)))
    label = labels(community, newly_founded=True)
    return Founding(
        controller=controller,
        capital=_capital(firms, luck[7], normal[0]),
        paid=_paid(firms, normal[1]),
        premises=_premises(firms, luck[8], luck[9]),
        birth_year=birth_year(firms.established_on, normal[2]),
        rep_firms=np.maximum(shared(a.REP, label, together[:2]), np.bincount(controller)[controller]),
        address_firms=shared(a.ADDRESS, label, together[2:4]),
        phone_firms=shared(a.PHONE, label, together[4:6]),
    )


def leaders(firms: Firms) -> Whole:
    """Place of the first firm of each firm's ring; its own place outside of rings."""
    place = np.arange(len(firms))
    rings, first = np.unique(firms.ring, return_index=True)
    leader: Whole = np.where(firms.ring < 0, place, first[np.searchsorted(rings, firms.ring)])
    return leader


def labels(community: "Community", *, newly_founded: bool) -> NDArray[np.str_]:
    """Which of the sharers of `assumed.register` each firm is."""
    firms = community.firms
    young = firms.tech & (community.calendar.months - firms.born < a.INCUBATED_AGE) & newly_founded
    section = firms.division.astype("U1")
    desk = np.isin(section, list(a.DESK_TRADES)) & (firms.sales < city.MEDIAN_SALES)
    named = {
        "shell": firms.role == SHELL,
        "ring": firms.role == RING,
        "incubated": young,
        "zero_filer": firms.role == ZERO_FILER,
        "desk": desk,
    }
    label: NDArray[np.str_] = np.select(list(named.values()), list(named), "other")
    return label


def shared(kinds: Mapping[str, a.Shared], label: NDArray[np.str_], luck: Numbers) -> Whole:
    """With how many firms something is shared, by two uniform numbers: 1, or a number even on a scale of logarithms."""
    names = list(kinds)
    place = np.array([names.index(name) if name in kinds else names.index("other") for name in label], np.int64)
    chance, low, high = np.array(list(kinds.values()))[place].T
    many = low * (high / low) ** luck[1]
    firms: Whole = np.where(luck[0] < chance, many, 1).astype(np.int64)
    return firms


def birth_year(on: Days, normal: Numbers) -> Whole:
    """Birth years of representatives who take office on these days."""
    age = np.clip(np.rint(a.BIRTH_AGE + a.BIRTH_SPREAD * normal), *a.BIRTH_AGES).astype(np.int64)
    year: Whole = on.astype("M8[Y]").astype(np.int64) + EPOCH - age
    return year


def _capital(firms: Firms, luck: Numbers, normal: Numbers) -> Whole:
    """The larger the firm and the richer its owner the more; a shell looks large."""
    size = np.log(firms.sales / city.MEDIAN_SALES) / city.SALES_SPREAD
    own = np.sqrt(1 - a.CAPITAL_OF_SIZE**2 - a.CAPITAL_OF_OWNER**2)
    rank = ndtr(a.CAPITAL_OF_SIZE * size + a.CAPITAL_OF_OWNER * np.log(firms.owner) + own * normal)
    rank = np.where(firms.role == SHELL, a.SHELL_CAPITAL + (1 - a.SHELL_CAPITAL) * luck, rank)
    capital = np.array(list(a.CAPITALS))[picked(rank * SURE, a.CAPITALS)]
    without: Whole = np.where(np.isin(firms.legal_form, a.NO_CAPITAL_FORMS), 0, capital)
    return without


def _paid(firms: Firms, normal: Numbers) -> Numbers:
    rank = ndtr(a.PAID_OF_QUALITY * firms.quality + np.sqrt(1 - a.PAID_OF_QUALITY**2) * normal)
    share = np.array(list(a.PAID))[picked(rank * SURE, a.PAID)]
    share = np.where(firms.established_on < np.datetime64(a.PAID_UP_FRONT), 1.0, share)
    paid: Numbers = np.where(firms.role == SHELL, 0.0, share)
    return paid


def _premises(firms: Firms, luck: Numbers, owns: Numbers) -> NDArray[np.str_]:
    kind = np.array(list(a.PREMISES))[picked(luck, a.PREMISES)]
    kind = np.where((kind == "online") & ~np.isin(firms.division, a.SHOPS), "leased", kind)
    works_in_own: NDArray[np.str_] = np.where(firms.property & (owns < a.OWN_PREMISES), "owned", kind)
    return works_in_own
