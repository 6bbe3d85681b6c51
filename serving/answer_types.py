"""Shapes of the answers, for `/docs.json`. Answers are built as plain values; a test holds them to these shapes."""

from typing import Annotated, Any, Literal

from pydantic import Field

from serving.shapes import Day, Moment, Money, Shape, Share, Value, Words
from serving.way_types import StepOfWay, Suggested, WayUp


class Range(Shape):
    low: float
    high: float | None


class Probability(Shape):
    """Probability of default within 12 months with its interval."""

    value: Share
    low: Share
    high: Share
    level: Share


class FeatureInReason(Shape):
    name: str
    value: float | None
    unit: str
    peer_low: float | None
    peer_high: float | None


class Reason(Shape):
    """Why the score is what it is: points for or against."""

    code: str
    direction: Literal["for", "against"]
    points: float
    text: Words
    features: list[FeatureInReason]
    as_of: Day | None
    source: str


class PolicyStop(Shape):
    """A fact that stops an automatic offer, and how it clears."""

    code: str
    text: Words
    since: Day | None
    how_it_clears: Words


class Review(Shape):
    """Whether a person has to look at this before anything is done with it."""

    required: bool
    why: list[Words]


class BlockOfData(Shape):
    """What was used of one block of data: rows known by as_of, and the days they span."""

    block: str
    rows: int
    first_day: Day | None = Field(alias="from")
    to: Day | None
    newest_known_on: Day | None


class Reject(Shape):
    """A row that broke a rule of its table and was left out; `row` counts from 0 as sent."""

    table: str
    row: int
    rule: str
    value: str | None


class ModelVersion(Shape):
    name: str
    version: str
    digest: str


class ScoreAnswer(Shape):
    """A score, why it is so, and what it rests on. What is null is not known yet.

    The last three fields come with `explain: "full"` only.
    """

    decision_id: str
    enterprise_id: str
    as_of: Day
    rules_on: Day
    score: Annotated[int, Field(ge=300, le=850)]
    unclipped_score: float
    grade: str | None
    probability_of_default: Probability | None
    suggested_limit_fen: Money | None
    rate: Range | None
    base_points: float
    other_points: float
    reasons: list[Reason]
    policy_stops: list[PolicyStop]
    review: Review
    out_of_distribution: bool | None
    missing_blocks: list[str]
    data: list[BlockOfData]
    rejects: list[Reject]
    cut_off: dict[str, int]
    model: ModelVersion
    feature_digest: str
    policy_version: str | None
    suggestion: Suggested | None = None
    need_profile: dict[str, Any] | None = None
    ways_to_next_grade: list[WayUp] | None = None


class Bank(Shape):
    id: str
    name: Words


class AllInRate(Shape):
    """Annual cost as a fraction, before and after subsidies."""

    before: float
    after: float


class Subsidy(Shape):
    """Public money for a loan; `is_counted`: it is in `all_in_rate.after`. Amount null = not published or not known."""

    code: str
    amount_fen: Money | None
    until: Day | None
    state: Literal["applies", "needs_application", "ended_successor_unconfirmed"]
    source: str
    is_counted: bool
    text: Words
    needs: list[str]


class VerdictLine(Shape):
    """What one condition says; `need`, there only while it is unknown, names the paper that settles it."""

    rule: str
    verdict: Literal["pass", "fail", "unknown"]
    value: Value
    threshold: str
    need: str = ""


class Contact(Shape):
    district: str
    text: Words


class ProductReason(Shape):
    code: str
    direction: Literal["for", "against"]
    share: float | None
    text: Words


class ProductName(Shape):
    """A product and its bank; `status`: confirmed by the bank, seen on a public page (reference), or invented."""

    product_id: str
    status: Literal["confirmed", "reference", "illustrative"]
    bank: Bank
    name: Words


class RankedProduct(ProductName):
    """A product that nothing known rules out, at its place."""

    rank: int
    approval_probability: Share | None
    fit: Share | None
    expected_value_fen: Money
    limit_fen: Money | None
    limit_basis: str
    term_months: int | None
    rate: Range | None
    all_in_rate: AllInRate | None
    subsidies: list[Subsidy]
    verdicts: list[VerdictLine]
    needs: list[str]
    documents: list[str]
    decision_days: int | None
    contact: Contact | None
    reasons: list[ProductReason]
    why_above_next: Words | None


class FailedRule(Shape):
    rule: str
    value: Value
    threshold: str
    text: Words


class Change(Shape):
    """What would turn a failed condition, and whether the enterprise can lawfully bring it about.

    With `explain: "full"`: whether steps were found that open the product, verified by judging the changed profile.
    """

    rule: str
    needs: str | None
    actionable: bool
    verified: bool | None = None
    steps: list[StepOfWay] | None = None


class NotEligible(Shape):
    product_id: str
    failed: list[FailedRule]
    what_would_change_it: list[Change]


class MatchAnswer(ScoreAnswer):
    """The score, the products in order, and those that known facts rule out.

    `fit_model` says `approval_probability` and `fit`; null = none is in use, and a rule of thumb makes the order.
    """

    products: list[RankedProduct]
    not_eligible: list[NotEligible]
    considered: int
    catalogue_version: Day | None
    fit_model: ModelVersion | None


class ListedRule(Shape):
    rule: str
    threshold: str


class ListedProduct(ProductName):
    """A product with its terms as its source describes them; null = the source does not say."""

    category: str
    guarantee_mode: str
    first_day: Day = Field(alias="from")
    until: Day | None
    source: str
    notes: list[Words]
    districts: list[str]
    cap_fen: Money | None
    limit_basis: str
    rate: Range | None
    term_months: int | None
    repayment: str
    documents: list[str]
    decision_days: int | None
    first_loan_friendly: bool | None
    renewal_without_principal: bool | None
    foreign_trade: bool | None
    rules: list[ListedRule]


class ProductsAnswer(Shape):
    """What is offered on a day."""

    on: Day
    catalogue_version: Day | None
    products: list[ListedProduct]


class ListedFeature(Shape):
    """What a feature says and needs. `window`: newest whole months looked at, 0 = to the day, null = all known."""

    name: str
    text: Words
    unit: Literal["fen", "count", "share", "ratio", "days", "months", "level", "flag"]
    risk: Literal["rises", "falls", "either"]
    group: str
    window: int | None
    blocks: list[str]
    sources: list[str]
    inputs: list[str]


class FeaturesAnswer(Shape):
    """Every feature that a score may rest on; `feature_digest` is of all their definitions."""

    features: list[ListedFeature]
    count: int
    feature_digest: str


class LoadedModel(ModelVersion):
    """A model that answers. `trained_as_of`: day or days its training rows stand on, null where its card is silent.

    `alias_dir` is the name of the folder it came from: an alias, or its version.
    """

    loaded_at: Moment
    trained_as_of: str | None
    feature_digest: str
    alias_dir: str


class ModelsAnswer(Shape):
    """The models in use: that of credit first, then that of product fit where there is one."""

    models: list[LoadedModel]


class OutcomeAnswer(Shape):
    """The outcome as it was stored."""

    outcome_id: str
    recorded_at: Moment
    decision_id: str
    product_id: str
    decision: Literal["approved", "refused", "withdrawn"]
    refusal_codes: list[str] | None
    limit_fen: Money | None
    rate: float | None
    drawn_fen: Money | None
    days_past_due: int | None
    on: Day


class DecisionRecord(Shape):
    """A decision as it was stored, its place in the chain of hashes, and the outcomes reported since."""

    decision_id: str
    kind: Literal["score", "match"]
    enterprise_id: str
    recorded_at: Moment
    input_digest: str
    answer: dict[str, Any]
    outcomes: list[OutcomeAnswer]
    place: int
    previous_hash: str
    hash: str


class Fault(Shape):
    path: str
    message: str


class ErrorBody(Shape):
    code: str
    message: str
    details: list[Fault]
    request_id: str


class ErrorAnswer(Shape):
    """Every error has this form."""

    error: ErrorBody
