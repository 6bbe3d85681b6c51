"""What a bank's catalogue file holds: the bank and its products, as structured, dated, sourced data."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StringConstraints, model_validator

from decisions.fact_definitions import documents, facts
from decisions.files import Fraction, Frozen, Whole
from decisions.offered.rules import Rule
from decisions.text import Text, Words

Status = Literal["confirmed", "reference", "illustrative"]
"""confirmed by the bank; seen on a public page; or invented, and then only under a fictional bank."""

Category = Literal[
    "cashflow_loan",
    "credit_loan",
    "export_loan",
    "first_loan",
    "guarantee_loan",
    "invoice_loan",
    "ip_pledge",
    "market_loan",
    "mortgage_loan",
    "policy_loan",
    "relationship_loan",
    "renewal",
    "srdi_loan",
    "supply_chain",
    "tax_loan",
    "tech_loan",
]
GuaranteeMode = Literal[
    "credit", "credit+mortgage", "guarantee", "insurance", "mortgage", "pledge_ip", "pledge_receivable"
]
Channel = Literal["online", "online_then_visit", "branch", "tax_portal", "platform"]
"""Where one applies: the bank's app, that and a visit, a branch, the tax bureau's portal, the city's platform."""

FeeKind = Literal["guarantee", "appraisal", "insurance", "registration", "service"]
Repayment = Literal["revolving", "interest_then_principal", "equal_instalment", "mixed"]

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Area = Annotated[str, StringConstraints(pattern=r"^(CN|BJ|\d{6})$")]
"""CN = anywhere, BJ = Beijing, otherwise a GB/T 2260 code; one that ends in 00 is a whole city or province."""


class Contact(Frozen):
    """Whom to ask (找谁办): the bank's point of contact for an area; a desk, never a person."""

    district: Area
    text: Text


class Bank(Frozen):
    """Who offers the products of a file.

    Attributes:
        contacts: whom one asks about any of its products in which area.
    """

    id: Slug
    name: Text
    fictional: StrictBool = False
    contacts: tuple[Contact, ...] = ()

    @model_validator(mode="after")
    def _one_contact_an_area(self) -> Self:
        _refuse_repeated("contacts", (contact.district for contact in self.contacts))
        return self


def _refuse_repeated(field: str, values: Iterable[str]) -> None:
    twice = [value for value, times in Counter(values).items() if times > 1]
    if twice:
        raise ValueError(f"{field}: got {twice[0]!r} more than once, expected it once")


def _refuse_foreign(field: str, codes: Iterable[str], fact: str) -> None:
    known = facts().get(fact)
    if known is None or known.is_number:
        raise ValueError(f"fact: got {fact!r}, expected a fact of facts.toml that is a word or words")
    if foreign := known.foreign(codes):
        raise ValueError(f"{field}: {foreign}")


class RateBand(Frozen):
    """Annual interest as stated; `high` is missing where the source only says "from"."""

    low: Fraction
    high: Fraction | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.high is not None and self.high < self.low:
            raise ValueError(f"got low {self.low} and high {self.high}, expected low <= high")
        return self


class Fee(Frozen):
    """What is paid beside interest: a share of the principal, once at the start or at the start of each year."""

    kind: FeeKind
    share: Fraction
    every: Literal["once", "year"]


class MultipleBy(Frozen):
    """A multiple that depends on a code, such as the tax-credit grade; a code it does not list has none.

    Of several codes held the lowest listed multiple counts: what share of the amount each is behind is not told.
    """

    fact: Words
    multiple: dict[str, Annotated[Decimal, Field(gt=0)]] = Field(min_length=1)

    @model_validator(mode="after")
    def _fact_is_a_word(self) -> Self:
        _refuse_foreign("multiple", self.multiple, self.fact)
        return self


class Part(Frozen):
    """A fact times a number, stated or by a code; fen per piece where the fact is a count."""

    basis: Words
    multiple: Annotated[Decimal, Field(gt=0)] | None = None
    multiple_by: MultipleBy | None = None

    @model_validator(mode="after")
    def _basis_is_an_amount_or_a_count(self) -> Self:
        known = facts().get(self.basis)
        if known is None or known.unit not in {"fen", "count"}:
            raise ValueError(f"basis: got {self.basis!r}, expected a fact of facts.toml in fen or count")
        if (self.multiple is None) == (self.multiple_by is None):
            given = "neither" if self.multiple is None else "both"
            raise ValueError(f"{self.basis}: got {given} of multiple and multiple_by, expected one of them")
        return self

    @property
    def multiples(self) -> tuple[Decimal, ...]:
        """Every multiple it can have."""
        if self.multiple_by is not None:
            return tuple(self.multiple_by.multiple.values())
        return () if self.multiple is None else (self.multiple,)


class Ceiling(Frozen):
    """The sum of some parts, less existing debt where the bank deducts it."""

    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    less_debt: StrictBool = False


class CapBy(Frozen):
    """A cap that depends on a code, such as the tax-credit grade; of several codes held the highest cap counts."""

    fact: Words
    fen: dict[str, Whole]

    @model_validator(mode="after")
    def _fact_is_a_word(self) -> Self:
        _refuse_foreign("fen", self.fen, self.fact)
        return self


class Product(Frozen):
    """One loan product as its source describes it; what the source does not say is left out.

    Attributes:
        from_day: first day of these terms; catalogue entries start on the day they were compiled.
        until: last day of these terms.
        cap_fen: highest amount; `cap_without_collateral_fen` without security, `cap_by` by a certificate or grade.
        limit: the lowest of these ceilings holds; none = no formula known, the cap alone.
        fees: what is paid beside interest; none = the source names none.
        channel, contacts: where one applies, and whom one asks in which area where that differs from the bank's.
        decision_days: working days to a decision.
        first_loan_friendly, renewal_without_principal, foreign_trade: missing = the source does not say.
    """

    id: Slug
    name: Text
    status: Status
    category: Category
    guarantee_mode: GuaranteeMode
    from_day: dt.date = Field(alias="from")
    until: dt.date | None = None
    source: Words
    notes: tuple[Text, ...] = ()
    districts: Annotated[tuple[Area, ...], Field(min_length=1)]
    cap_fen: Whole | None = None
    cap_without_collateral_fen: Whole | None = None
    cap_by: CapBy | None = None
    limit: tuple[Ceiling, ...] = ()
    rate: RateBand | None = None
    term_months: Annotated[Whole, Field(gt=0)] | None = None
    repayment: Repayment
    fees: tuple[Fee, ...] = ()
    documents: tuple[Words, ...]
    channel: Channel | None = None
    contacts: tuple[Contact, ...] = ()
    decision_days: Whole | None = None
    first_loan_friendly: StrictBool | None = None
    renewal_without_principal: StrictBool | None = None
    foreign_trade: StrictBool | None = None
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.until is not None and self.until < self.from_day:
            raise ValueError(f"until: got {self.until}, expected a day from {self.from_day} on")
        foreign = [code for code in self.documents if code not in documents()]
        if foreign:
            raise ValueError(f"documents: got {foreign[0]!r}, expected codes of documents.toml")
        bare, cap = self.cap_without_collateral_fen, self.cap_fen
        if bare is not None and cap is not None and bare > cap:
            raise ValueError(f"cap_without_collateral_fen: got {bare}, expected at most cap_fen {cap}")
        _refuse_repeated("contacts", (contact.district for contact in self.contacts))
        _refuse_repeated("rules", (f"{rule.test} of {rule.fact}" for rule in self.rules))
        return self

    @property
    def is_renewal(self) -> bool:
        """Whether it takes the place of a loan that falls due, so that the policy's terms of renewal hold for it."""
        return self.category == "renewal"

    def is_offered(self, day: dt.date) -> bool:
        return self.from_day <= day and (self.until is None or day <= self.until)


class BankFile(Frozen):
    """A catalogue file: one bank and its products."""

    bank: Bank
    product: Annotated[tuple[Product, ...], Field(min_length=1)]

    def mistakes(self, stem: str) -> list[str]:
        """What is wrong between the parts of a file named `stem`.toml, a line each."""
        lines = [] if self.bank.id == stem else [f"bank.id: got {self.bank.id!r}, expected the file's name {stem!r}"]
        lines += self._overlapping_versions()
        return lines + [line for product in self.product for line in self._mistakes_of(product)]

    def _overlapping_versions(self) -> Iterator[str]:
        """Terms of a product that begin before its earlier ones have ended."""
        by_start = sorted(self.product, key=lambda product: (product.id, product.from_day))
        for earlier, later in pairwise(by_start):
            if earlier.id == later.id and (earlier.until is None or later.from_day <= earlier.until):
                ends = f"end on {earlier.until}" if earlier.until else "have no last day"
                yield (
                    f"{later.id}: from: got {later.from_day}, expected a day after the end of the terms"
                    f" from {earlier.from_day}, which {ends}"
                )

    def _mistakes_of(self, product: Product) -> Iterator[str]:
        if not product.id.startswith(f"{self.bank.id}-"):
            yield f"{product.id}: id: got {product.id!r}, expected it to start with '{self.bank.id}-'"
        if (product.status == "illustrative") != self.bank.fictional:
            fictional = "illustrative under a fictional bank"
            expected = fictional if self.bank.fictional else "confirmed or reference under a real bank"
            yield f"{product.id}: status: got {product.status!r}, expected {expected}"
