"""Need profile (需求画像): what an enterprise wants, what it has at hand for it, and where wish and data disagree.

A finding is evidence for a person, never a refusal; only a purpose that no loan may serve forces a review.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from decisions.fact_sources import NONE
from decisions.facts import Facts, Need
from decisions.formatting import money, percent, shown
from decisions.money.lending import Affordable, affordable
from decisions.policies import Policy
from decisions.purposes import Bounds, FindingKind, Purpose, Purposes
from decisions.text import Text

Urgency = Literal["at_once", "soon", "planned"]

URGENCY: dict[Urgency, Text] = {
    "at_once": Text(zh="急需", en="needed at once"),
    "soon": Text(zh="近期需要", en="needed soon"),
    "planned": Text(zh="提前计划", en="planned ahead"),
}
OF_PURPOSE = {"forbidden": "FORBIDDEN_PURPOSE", "untold": "PURPOSE_UNCLEAR", "fixed_assets": "FIXED_ASSETS"}
"""What is said of a purpose for its kind alone."""


@dataclass(frozen=True)
class Finding:
    """One thing to clear up about a wish.

    Attributes:
        kind: forbidden, inconsistent (wish and data disagree) or open (the wish leaves it out, or it must be shown).
        text: what was found, with its values.
        settle: what would settle it.
    """

    code: str
    kind: FindingKind
    forces_review: bool
    text: Text
    settle: Text

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "kind": self.kind,
            "text": self.text.as_dict(),
            "settle": self.settle.as_dict(),
        }


@dataclass(frozen=True)
class AtHand:
    """What there is to lend on; None = not told, or not known.

    Attributes:
        collateral: codes offered.
        free_real_estate_fen: appraised value of real estate neither mortgaged nor seized that the data show.
        rights_held, rights_named, rights_pledged: intellectual property in force; named to pledge; of these pledged.
        rights_not_found, orders_not_found: ids named that the data do not show.
        rights_not_usable: rights named that are not held in force on the day.
        orders_delivered: orders named of which nothing is to be delivered any more.
        orders_named: how many orders are named; `orders_fen` is what of them is still to be delivered.
        backlog_fen: what is still to be delivered on all orders in the data.
    """

    collateral: tuple[str, ...] | None
    free_real_estate_fen: int | None
    rights_held: int | None
    rights_named: int | None
    rights_pledged: int | None
    rights_not_found: tuple[str, ...]
    rights_not_usable: tuple[str, ...]
    orders_named: int | None
    orders_fen: int | None
    orders_not_found: tuple[str, ...]
    orders_delivered: tuple[str, ...]
    backlog_fen: int | None


@dataclass(frozen=True)
class NeedProfile:
    """What an enterprise wants, and what the data say to it.

    Attributes:
        purpose: the class of purpose; None = not told.
        urgency: class of `urgency_days`; None = not told.
        affordable_fen: what the cash flow can carry; None = not known.
        findings: forbidden first, then disagreements, then what is left open.
    """

    amount_fen: int | None
    term_months: int | None
    purpose: Purpose | None
    urgency_days: int | None
    urgency: Urgency | None
    at_hand: AtHand
    affordable_fen: int | None
    findings: tuple[Finding, ...]
    version: str

    @property
    def review_why(self) -> tuple[Text, ...]:
        """Why a person must look; empty = nobody must."""
        return tuple(finding.text for finding in self.findings if finding.forces_review)

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON; texts are {"zh", "en"}, None is unknown."""
        purpose, hand = self.purpose, self.at_hand
        return {
            "amount_fen": self.amount_fen,
            "term_months": self.term_months,
            "purpose": purpose
            and {
                "code": purpose.code,
                "kind": purpose.kind,
                "name": purpose.name.as_dict(),
                "is_lawful": purpose.is_lawful,
                "source": purpose.source,
                "mark": purpose.mark,
            },
            "urgency": self.urgency
            and {"days": self.urgency_days, "code": self.urgency, "name": URGENCY[self.urgency].as_dict()},
            "collateral": {
                "offered": None if hand.collateral is None else list(hand.collateral),
                "free_real_estate_fen": hand.free_real_estate_fen,
            },
            "intellectual_property": {
                "held": hand.rights_held,
                "named": hand.rights_named,
                "pledged": hand.rights_pledged,
                "not_found": list(hand.rights_not_found),
                "not_usable": list(hand.rights_not_usable),
            },
            "orders": {
                "named": hand.orders_named,
                "undelivered_fen": hand.orders_fen,
                "not_found": list(hand.orders_not_found),
                "delivered": list(hand.orders_delivered),
                "backlog_fen": hand.backlog_fen,
            },
            "affordable_fen": self.affordable_fen,
            "findings": [finding.as_dict() for finding in self.findings],
            "review": {"required": bool(self.review_why), "why": [text.as_dict() for text in self.review_why]},
            "version": self.version,
        }


def need_profile(facts: Facts, policy: Policy) -> NeedProfile:
    """The need profile of an enterprise from what it wishes for and what is known of it.

    Args:
        facts: with the wish in `facts.need`; an unknown fact makes no finding but "not told".
        policy: of the day, for what a loan may be asked for and what the cash flow can carry.
    """
    need, purposes = facts.need, policy.purposes
    wish = _Wish(
        facts=facts,
        need=need,
        purpose=None if need.purpose is None else purposes.by_code.get(need.purpose),
        hand=_at_hand(facts),
        affordable=affordable(facts, policy),
        purposes=purposes,
    )
    return NeedProfile(
        amount_fen=need.amount_fen,
        term_months=need.term_months,
        purpose=wish.purpose,
        urgency_days=need.urgency_days,
        urgency=None if need.urgency_days is None else _urgency(need.urgency_days, purposes.bounds),
        at_hand=wish.hand,
        affordable_fen=wish.affordable.fen,
        findings=_in_order(wish.findings()),
        version=purposes.version,
    )


def _urgency(days: int, bounds: Bounds) -> Urgency:
    if days <= bounds.urgent_days.value:
        return "at_once"
    return "soon" if days <= bounds.soon_days.value else "planned"


def _in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    kinds: tuple[FindingKind, ...] = ("forbidden", "inconsistent", "open")
    return tuple(sorted(findings, key=lambda finding: kinds.index(finding.kind)))


def _at_hand(facts: Facts) -> AtHand:
    need = facts.need
    return AtHand(
        collateral=need.collateral,
        free_real_estate_fen=_whole(facts, "property_value_fen"),
        rights_held=_whole(facts, "ip_rights_held"),
        rights_named=None if need.ip_to_pledge is None else len(need.ip_to_pledge),
        rights_pledged=_whole(facts, "ip_to_pledge_encumbered"),
        rights_not_found=_both(need.ip_to_pledge, facts.not_found),
        rights_not_usable=_both(need.ip_to_pledge, facts.not_usable),
        orders_named=None if need.orders_at_hand is None else len(need.orders_at_hand),
        orders_fen=_whole(facts, "orders_at_hand_fen"),
        orders_not_found=_both(need.orders_at_hand, facts.not_found),
        orders_delivered=_both(need.orders_at_hand, facts.not_usable),
        backlog_fen=_whole(facts, "order_backlog_fen"),
    )


def _whole(facts: Facts, name: str) -> int | None:
    value = facts.number(name)
    return None if value is None else int(value)


def _both(named: tuple[str, ...] | None, others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in named or () if name in others)


@dataclass(frozen=True)
class _Wish:
    """What the checks look at."""

    facts: Facts
    need: Need
    purpose: Purpose | None
    hand: AtHand
    affordable: Affordable
    purposes: Purposes

    def findings(self) -> Iterator[Finding]:
        yield from self._about_purpose()
        yield from self._about_amount()
        yield from self._about_term()
        yield from self._about_orders()
        yield from self._about_rights()
        yield from self._about_collateral()
        if self.purpose is not None and self.purpose.kind == "renewal":
            yield from self._about_renewal()

    def _finding(self, code: str, **values: Text) -> Finding:
        words = self.purposes.findings[code]
        text = Text(
            zh=words.text.zh.format(**{name: value.zh for name, value in values.items()}),
            en=words.text.en.format(**{name: value.en for name, value in values.items()}),
        )
        return Finding(code, words.kind, words.forces_review, text, words.settle)

    def _about_purpose(self) -> Iterator[Finding]:
        if self.purpose is None:
            yield self._finding("PURPOSE_NOT_TOLD")
            return
        if self.purpose.kind in OF_PURPOSE:
            yield self._finding(OF_PURPOSE[self.purpose.kind], purpose=self.purpose.name)
        if self.purpose.code == "research" and self.facts.number("rd_12m_fen") == 0:
            yield self._finding("RESEARCH_WITHOUT_SPENDING")

    def _about_amount(self) -> Iterator[Finding]:
        asked = self.need.amount_fen
        if asked is None:
            yield self._finding("AMOUNT_NOT_TOLD")
            return
        sales, share = self._turnover_fen(), self.purposes.bounds.most_of_turnover.value
        if sales is not None and asked > round(sales * share):
            yield self._finding(
                "AMOUNT_ABOVE_TURNOVER", asked=money(asked), sales=money(sales), share=_same(percent(share))
            )
        else:
            yield from self._about_affordable(asked)
        idle = self.facts.number("idle_lines_fen")
        if idle is not None and asked <= idle:
            yield self._finding("AMOUNT_WITHIN_IDLE_LINES", asked=money(asked), idle=money(idle))

    def _about_affordable(self, asked: int) -> Iterator[Finding]:
        """A renewal is no new debt: it is held against what falls due, not against what can be carried beside it."""
        is_new = self.purpose is None or self.purpose.kind != "renewal"
        if is_new and self.affordable.fen is not None and asked > self.affordable.fen:
            yield self._finding(
                "AMOUNT_ABOVE_AFFORDABLE",
                asked=money(asked),
                affordable=money(self.affordable.fen),
                basis=self.affordable.basis,
            )

    def _turnover_fen(self) -> int | None:
        """The larger of invoiced and declared sales, so that sales without invoices count; None = neither is known."""
        known = [_whole(self.facts, name) for name in ("sales_12m_fen", "declared_sales_12m_fen")]
        return max((fen for fen in known if fen is not None), default=None)

    def _about_term(self) -> Iterator[Finding]:
        asked, purpose = self.need.term_months, self.purpose
        if asked is None:
            yield self._finding("TERM_NOT_TOLD")
        elif purpose is not None and purpose.most_months is not None and asked > purpose.most_months:
            most = shown(purpose.most_months, "months")
            yield self._finding("TERM_BEYOND_PURPOSE", asked=shown(asked, "months"), most=most, purpose=purpose.name)

    def _about_orders(self) -> Iterator[Finding]:
        hand, asked = self.hand, self.need.amount_fen
        is_for_orders = self.purpose is not None and self.purpose.code == "order"
        if hand.orders_not_found:
            yield self._finding("ORDERS_NOT_FOUND", ids=_listed(hand.orders_not_found))
        if hand.orders_delivered:
            yield self._finding("ORDERS_DELIVERED", ids=_listed(hand.orders_delivered))
        if is_for_orders and not hand.orders_named:
            yield self._finding("ORDERS_NOT_NAMED")
        elif is_for_orders and asked is not None and hand.orders_fen is not None and hand.orders_fen < asked:
            yield self._finding("ORDERS_BELOW_AMOUNT", asked=money(asked), orders=money(hand.orders_fen))

    def _about_rights(self) -> Iterator[Finding]:
        hand = self.hand
        if hand.rights_not_found:
            yield self._finding("RIGHTS_NOT_FOUND", ids=_listed(hand.rights_not_found))
        if hand.rights_not_usable:
            yield self._finding("RIGHTS_NOT_USABLE", ids=_listed(hand.rights_not_usable))
        if hand.rights_pledged:
            yield self._finding("RIGHTS_PLEDGED", count=_same(str(hand.rights_pledged)))
        if "ip" not in (hand.collateral or ()):
            return
        if hand.rights_held == 0:
            yield self._finding("NO_RIGHTS_HELD")
        elif not hand.rights_named:
            yield self._finding("RIGHTS_NOT_NAMED")

    def _about_collateral(self) -> Iterator[Finding]:
        offered = self.hand.collateral or ()
        if NONE in offered and len(set(offered)) > 1:
            yield self._finding("COLLATERAL_CONTRADICTS")
        if "real_estate" in offered and not self.hand.free_real_estate_fen:
            yield self._finding("NO_FREE_REAL_ESTATE")

    def _about_renewal(self) -> Iterator[Finding]:
        due, asked = _whole(self.facts, "principal_due_fen"), self.need.amount_fen
        left, within = _whole(self.facts, "days_to_maturity"), self.need.urgency_days
        if due == 0:
            yield self._finding("NO_LOAN_FALLING_DUE")
        elif due is not None and asked is not None and asked > due:
            yield self._finding("RENEWAL_ABOVE_PRINCIPAL", asked=money(asked), due=money(due))
        if left is not None and within is not None and left < within:
            yield self._finding("RENEWAL_AFTER_MATURITY", asked=shown(within, "days"), left=shown(left, "days"))


def _same(text: str) -> Text:
    return Text(zh=text, en=text)


def _listed(ids: tuple[str, ...]) -> Text:
    return Text(zh="、".join(ids), en=", ".join(ids))
