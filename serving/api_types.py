"""Requests as pydantic types. Strict: text is no number, `true` is no number, an unknown field refuses the request."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from sources.codes import ALPHABET, CODE_LENGTH, explain_code
from sources.contracts import MOST_FEN
from sources.online import RequestRecords

MOST_PRODUCTS = 200
MOST_ITEMS = 100
VERSION = r"^[0-9]+$"
"""A registered version: a folder of this name lies among the models, and nothing else can be asked for."""

Collateral = Literal[
    "none", "real_estate", "ip", "receivables", "inventory", "equipment", "deposit", "guarantor", "other"
]
Purpose = Literal[
    "working_capital",
    "equipment",
    "premises",
    "research",
    "order",
    "refinancing",
    "securities",
    "property_investment",
    "onlending",
    "equity",
    "other",
]
"""All that a fact `purpose` can be; purposes that no loan may serve are heard and answered, not refused as a shape."""
Explain = Literal["none", "top", "full"]


def _sound_code(code: str) -> str:
    fault = explain_code(code)
    if fault:
        raise ValueError(fault)
    return code


EnterpriseId = Annotated[
    str,
    Field(
        description="Unified social credit code, 18 characters with a right check digit",
        examples=["Y1110108XP000001X5"],
        json_schema_extra={"pattern": f"^[{ALPHABET}]{{{CODE_LENGTH}}}$"},
    ),
    AfterValidator(_sound_code),
]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""An id that a caller gives to something of its own, or that names a product or a bank."""

Fen = Annotated[int, Field(ge=0, le=MOST_FEN)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class LoanRequest(_Strict):
    """What the enterprise asks for; everything may be left open."""

    amount_fen: Annotated[int, Field(gt=0, le=MOST_FEN)] | None = Field(None, description="Amount asked for, in fen")
    term_months: Annotated[int, Field(gt=0, le=600)] | None = Field(None, description="Term asked for, in months")
    purpose: Purpose | None = Field(None, description="What the money is for")
    urgency_days: Annotated[int, Field(ge=0, le=3650)] | None = Field(None, description="Days until it is needed")
    collateral: list[Collateral] | None = Field(
        None, max_length=MOST_ITEMS, description="Collateral that can be offered; null = not asked, ['none'] = none"
    )
    ip_to_pledge: list[Reference] | None = Field(
        None, max_length=MOST_ITEMS, description="Ids of intellectual property rights to pledge"
    )
    orders_at_hand: list[Reference] | None = Field(None, max_length=MOST_ITEMS, description="Ids of contracts at hand")


class ScoreRequest(_Strict):
    """One enterprise to score."""

    enterprise_id: EnterpriseId
    as_of: dt.date | None = Field(None, description="Day to stand on; default today in Beijing, never later")
    rules_on: dt.date | None = Field(None, description="Day whose catalogue and policy apply; default as_of")
    request: LoanRequest | None = Field(None, description="What the enterprise asks for")
    records: RequestRecords | None = Field(
        None, description="Rows by table. A table left out was not given; an empty one was given and is empty"
    )
    explain: Explain = Field("top", description="How many reasons: none, top (four for and four against), full (all)")


class MatchRequest(ScoreRequest):
    """One enterprise to score and to match with products."""

    top: int = Field(10, ge=1, le=MOST_PRODUCTS, description="Most products to return")
    bank_ids: list[Reference] | None = Field(
        None, min_length=1, max_length=MOST_ITEMS, description="Only products of these banks; default all"
    )


class ReloadRequest(_Strict):
    """Which model to load."""

    version: Annotated[str, StringConstraints(pattern=VERSION, max_length=9)] | None = Field(
        None, description="Number of a registered version; default the folders that the settings name"
    )
    name: Literal["creditworthiness", "product_fit"] | None = Field(
        None, description="Which model; default the credit model, or without a version both"
    )


class OutcomeRequest(_Strict):
    """What became of a decision."""

    decision_id: Reference = Field(description="Id of a decision of this tenant")
    product_id: Reference = Field(description="Product that was applied for")
    decision: Literal["approved", "refused", "withdrawn"] = Field(description="What the bank or the enterprise decided")
    refusal_codes: list[Reference] | None = Field(
        None, max_length=MOST_ITEMS, description="The bank's reasons for refusing"
    )
    limit_fen: Fen | None = Field(None, description="Limit granted, in fen")
    rate: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = Field(
        None, description="Annual rate as a fraction, such as 0.0385"
    )
    drawn_fen: Fen | None = Field(None, description="Amount drawn so far, in fen")
    days_past_due: Annotated[int, Field(ge=0, le=36_500)] | None = Field(None, description="Days past due on that day")
    on: dt.date = Field(description="Day on which this was so; not after today in Beijing")
