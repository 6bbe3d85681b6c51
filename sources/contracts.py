"""The contract of every table: columns with type, bounds and meaning, and the rules a row must keep.

Nothing else in the code knows a raw column's range. Money is whole fen; `null` is unknown and 0 an observed zero.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import dataframely as dy
import polars as pl

from sources import codes

EARLIEST = dt.date(1949, 10, 1)
"""No fact of a register that lives today is older."""

MOST_FEN = 10**13
"""A hundred billion yuan: an amount beyond this is a unit mistake, not an enterprise."""

HIGHEST_VAT_RATE = 0.20
"""Above every VAT rate ever in force (17 % until 2018); 18 % of tax on a net amount is not a VAT invoice."""

VAT_ROUNDING_FEN = 100
"""Rounding allowed on the VAT of one invoice: one yuan."""


def _code_of_enterprise() -> dy.String:
    return dy.String(
        check={"check_digit": codes.valid_code},
        description="Unified social credit code (统一社会信用代码), 18 characters, check digit verified",
    )


def _known_on() -> dy.Date:
    return dy.Date(min=EARLIEST, description="Day on which this fact could first be known")


class VatInvoices(dy.Schema):
    """One row an invoice line of the tax bureau's export, as the enterprise issued or received it."""

    enterprise_id = _code_of_enterprise()
    direction = dy.Enum(["issued", "received"], description="issued = sale of the enterprise, received = purchase")
    code = dy.String(nullable=True, max_length=12, description="发票代码; digital invoices have none")
    number = dy.String(min_length=1, max_length=20, description="发票号码 or 数电发票号码")
    issued_on = dy.Date(min=EARLIEST, description="开票日期")
    counterparty = dy.String(min_length=1, max_length=64, description="Pseudonym of the buyer or seller")
    net_fen = dy.Int64(
        min=-MOST_FEN, max=MOST_FEN, description="金额 without VAT, fen; negative on a red-letter invoice"
    )
    vat_fen = dy.Int64(min=-MOST_FEN, max=MOST_FEN, description="税额, fen; same sign as net")
    voided_on = dy.Date(nullable=True, min=EARLIEST, description="作废 on this day; null = valid")
    red_letter_of = dy.String(
        nullable=True, max_length=32, description="Number of the blue invoice that this one reverses"
    )
    known_on = _known_on()

    @dy.rule()
    def net_and_vat_sign(cls) -> pl.Expr:  # noqa: N805 - dataframely calls rules on the class
        return cls.net_fen.col.sign() * cls.vat_fen.col.sign() >= 0

    @dy.rule()
    def vat_within_rates(cls) -> pl.Expr:  # noqa: N805
        return cls.vat_fen.col.abs() <= cls.net_fen.col.abs() * HIGHEST_VAT_RATE + VAT_ROUNDING_FEN

    @dy.rule()
    def voided_not_before_issued(cls) -> pl.Expr:  # noqa: N805
        return cls.voided_on.col >= cls.issued_on.col

    @dy.rule()
    def known_not_before_issued(cls) -> pl.Expr:  # noqa: N805
        return cls.known_on.col >= cls.issued_on.col


LEGAL_FORMS = (
    "limited_company",
    "joint_stock",
    "sole_proprietorship",
    "partnership",
    "individual_household",
    "cooperative",
    "branch",
)
REGISTRY_STATUSES = ("active", "suspended", "moved_out", "revoked", "cancelled", "in_liquidation")


class Registry(dy.Schema):
    """One row a version of the enterprise's entry in the register of market entities."""

    enterprise_id = _code_of_enterprise()
    alias = dy.String(nullable=True, max_length=32, description="Code in the source this came from, for searching only")
    legal_form = dy.Enum(LEGAL_FORMS, nullable=True, description="Legal form (企业类型)")
    status = dy.Enum(REGISTRY_STATUSES, nullable=True, description="登记状态; suspended = lawful 歇业, not a negative")
    established_on = dy.Date(nullable=True, min=EARLIEST, description="成立日期")
    industry = dy.String(
        nullable=True, regex="^[A-T][0-9]{0,4}$", description="GB/T 4754: section letter and up to 4 digits"
    )
    district = dy.String(nullable=True, regex="^[0-9]{6}$", description="GB/T 2260 code of the district")
    registered_capital_fen = dy.Int64(nullable=True, min=0, max=MOST_FEN, description="注册资本, fen")
    employees = dy.Int64(nullable=True, min=0, max=10_000_000, description="Employees (从业人数)")
    taxpayer_kind = dy.Enum(["general", "small_scale"], nullable=True, description="一般纳税人 / 小规模纳税人")
    known_on = _known_on()

    @dy.rule()
    def established_not_after_known(cls) -> pl.Expr:  # noqa: N805
        return cls.established_on.col <= cls.known_on.col


class Labels(dy.Schema):
    """What became of an enterprise's credit: read by training only, never part of `Records`."""

    enterprise_id = _code_of_enterprise()
    as_of = dy.Date(min=EARLIEST, description="Day the enterprise is judged on")
    defaulted = dy.Bool(description="Whether it defaulted in the window that the source states")
    window = dy.Enum(
        ["next_12_months", "undated"],
        description="next_12_months: default within 12 months after as_of; undated: the source gives no day",
    )
    known_on = _known_on()


@dataclass(frozen=True)
class Table:
    """A contract and what validation and time-travel must know about it.

    Attributes:
        known_on_default: columns whose first non-null value stands in for a missing `known_on`.
        key: columns that name one fact; of several rows with one key the first in `key_order` is kept.
        rule_columns: what to show of a row that breaks a rule over several columns.
        changes_later: columns that carry the day of a later change and are unknown before that day.
    """

    name: str
    schema: type[dy.Schema]
    block: str
    known_on_default: tuple[str, ...]
    key: tuple[str, ...]
    key_order: tuple[str, ...]
    rule_columns: Mapping[str, tuple[str, ...]]
    changes_later: tuple[str, ...] = ()

    @cached_property
    def dtypes(self) -> dict[str, pl.DataType]:
        return {name: column.dtype for name, column in self.schema.columns().items()}

    @cached_property
    def optional(self) -> frozenset[str]:
        """Columns a source may leave out."""
        nullable = {name for name, column in self.schema.columns().items() if column.nullable}
        return frozenset(nullable | ({"known_on"} if self.known_on_default else set()))

    @property
    def dates(self) -> tuple[str, ...]:
        return tuple(name for name, dtype in self.dtypes.items() if dtype == pl.Date)

    def columns_of(self, rule: str) -> tuple[str, ...]:
        """The columns that explain why `rule` was broken."""
        column = rule.split(":", maxsplit=1)[0]
        if column in self.dtypes:
            return (column,)
        return self.dates if rule == "after_today" else self.rule_columns.get(rule, self.key[:4])

    def empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self.dtypes)


VAT_INVOICES = Table(
    name="vat_invoices",
    schema=VatInvoices,
    block="invoice",
    known_on_default=("issued_on",),
    key=("enterprise_id", "direction", "code", "number", "counterparty", "net_fen", "vat_fen"),
    key_order=("known_on", "issued_on", "red_letter_of"),
    rule_columns={
        "net_and_vat_sign": ("net_fen", "vat_fen"),
        "vat_within_rates": ("net_fen", "vat_fen"),
        "voided_not_before_issued": ("issued_on", "voided_on"),
        "known_not_before_issued": ("issued_on", "known_on"),
    },
    changes_later=("voided_on",),
)
REGISTRY = Table(
    name="registry",
    schema=Registry,
    block="registry",
    known_on_default=("established_on",),
    key=("enterprise_id", "known_on"),
    key_order=tuple(name for name in Registry.columns() if name not in {"enterprise_id", "known_on"}),
    rule_columns={"established_not_after_known": ("established_on", "known_on")},
)
LABELS = Table(
    name="labels",
    schema=Labels,
    block="credit",
    known_on_default=(),
    key=("enterprise_id", "as_of"),
    key_order=("known_on", "window", "defaulted"),
    rule_columns={},
)

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in (REGISTRY, VAT_INVOICES)})
"""The tables of `Records`, in the order in which they are shown; without `LABELS`, for a label is not evidence."""

BLOCKS = tuple(dict.fromkeys(table.block for table in TABLES.values()))
