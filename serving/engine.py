"""From rows to an answer: one path for a request, a command and a city, so that all give the same score."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import polars as pl

from decisions.answer_parts import EXPLAINED_PRODUCTS, catalogue_part, full_part, match_part, score_part
from decisions.changes.case import Case
from decisions.dated import NotInForceError
from decisions.fact_sources import READ
from decisions.facts import Facts, Need
from decisions.facts_of_records import facts_of
from decisions.files import FileMistakesError
from decisions.grades import standing
from decisions.match.matching import match
from decisions.match.model_estimate import ModelEstimate
from decisions.match.prepared import KEPT_CATALOGUES, Prepared, prepared
from decisions.match.ranking import FitEstimate
from decisions.need_profile import need_profile
from decisions.offered.catalogue import Catalogue, load_catalogue
from decisions.offered.offers import offers_of
from decisions.offered.product_words import CATEGORY_NAMES
from decisions.policies import Policy, policy_on
from decisions.reasons import Explain, explain
from decisions.text import Text
from features.fingerprint import feature_digest
from features.pairs.good_match import FIRM
from features.pairs.ties import bank_ties
from features.peer_profiles import peer_profiles
from features.peers import Group
from scoring import fit_folder
from scoring.explained import Scored
from scoring.fit_folder import FitFolderError
from scoring.folder import ModelFolderError, load
from scoring.model import Model
from scoring.product_fit import FitModel
from serving.api_types import LoanRequest, MatchRequest, ScoreRequest
from serving.evidence import Evidence, per_enterprise
from serving.logs import log_failure
from serving.problems import ProblemError, invalid_at, not_ready
from sources.clock import explain_day
from sources.contracts import TABLES
from sources.records import Records

Json = dict[str, Any]


@dataclass(frozen=True)
class Products:
    """Which products to match: at most `top`, of these banks; None = all."""

    top: int
    bank_ids: frozenset[str] | None = None


@dataclass(frozen=True)
class Terms:
    """How an enterprise is to be judged.

    Attributes:
        as_of: the day stood on; only what could be known at its end counts.
        policy: what is in force on the day whose rules apply.
        rules_on: that day.
        products: None = score only.
    """

    as_of: dt.date
    rules_on: dt.date
    policy: Policy
    need: Need = field(default_factory=Need)
    explain: Explain = "top"
    products: Products | None = None


@dataclass(frozen=True)
class Engine:
    """Models and a catalogue.

    Attributes:
        feature_digest: of the definitions of the credit model's features.
        fit: says how likely products are to work out; None = the policy's rule of thumb.
    """

    model: Model
    catalogue: Catalogue
    feature_digest: str
    fit: FitModel | None = None

    @classmethod
    def of(cls, model: Model, catalogue: Catalogue) -> "Engine":
        return cls(model, catalogue, feature_digest(model.features))

    def with_fit(self, fit: FitModel | None) -> "Engine":
        """The same with another model of fit."""
        return replace(self, fit=fit)

    def score(self, request: ScoreRequest, *, today: dt.date) -> Json:
        """The answer to a request, without `decision_id`.

        Raises:
            ProblemError: 404 without records, 422 on a day that cannot be.
        """
        return self._answer_request(request, _terms(request, today), today)

    def match(self, request: MatchRequest, *, bank_ids: frozenset[str] | None, today: dt.date) -> Json:
        """The same with products of some banks; None = of all.

        Raises:
            ProblemError: 404 without records, 422 on a day that cannot be or a bank that is not there.
        """
        self._refuse_unknown_banks(request.bank_ids or ())
        terms = _terms(request, today, products=Products(request.top, bank_ids))
        return self._answer_request(request, terms, today)

    def answer_all(self, records: Records, terms: Terms) -> Iterator[Json]:
        """An answer for every enterprise in scope, by code. Its rows are validated; their rejects were told before."""
        profiles = self._profiles(records, terms)
        scored = self.model.score(profiles)
        for place, (own, one) in enumerate(zip(per_enterprise(records, terms.as_of), scored, strict=True)):
            evidence = Evidence.of_records(own, as_of=terms.as_of)
            yield self._answer(evidence, profiles.slice(place, 1), one, terms)

    def products(self, *, on: dt.date, bank_id: str | None, category: str | None) -> Json:
        """What is offered on a day.

        Raises:
            ProblemError: 422 on a category that is not there.
        """
        if category is not None and category not in CATEGORY_NAMES:
            raise invalid_at("category", f"got {category!r}, expected one of {', '.join(CATEGORY_NAMES)}")
        offered = self.catalogue.on(on)
        if bank_id is not None:
            offered = offered.of_banks({bank_id})
        if category is not None:
            offered = Catalogue(tuple(entry for entry in offered.entries if entry.product.category == category))
        return {
            "on": on.isoformat(),
            "catalogue_version": offered.version,
            "products": catalogue_part(offered),
        }

    def _refuse_unknown_banks(self, bank_ids: Iterable[str]) -> None:
        """A misspelt bank must not look like one without products."""
        banks = {entry.bank.id for entry in self.catalogue.entries}
        for place, bank_id in enumerate(bank_ids):
            if bank_id not in banks:
                raise invalid_at(f"bank_ids[{place}]", f"got {bank_id!r}, expected a bank of /v1/products")

    def bank_of_product(self, product_id: str) -> str | None:
        """The bank that offers or offered a product; None when there is no such product."""
        try:
            return self.catalogue.find(product_id).bank.id
        except KeyError:
            return None

    def _profiles(self, records: Records, terms: Terms) -> pl.DataFrame:
        """The features of the models asked, and those that facts about the enterprise are taken from."""
        seen = FIRM if self.fit and terms.products else ()
        features = {one.name: one for one in (*self.model.features, *READ, *seen)}
        return peer_profiles(records, tuple(features.values()), terms.as_of, self.model.peers)

    def _answer_request(self, request: ScoreRequest, terms: Terms, today: dt.date) -> Json:
        if request.records is None:
            message = f"nothing is stored of {request.enterprise_id} yet; expected its rows in `records`"
            raise ProblemError("not_found", message)
        if not request.records:
            raise invalid_at("records", f"got no table, expected some of {', '.join(TABLES)}")
        evidence = Evidence.of_request(request.enterprise_id, request.records, as_of=terms.as_of, today=today)
        profile = self._profiles(evidence.known, terms)
        [scored] = self.model.score(profile)
        return self._answer(evidence, profile, scored, terms)

    def _answer(self, evidence: Evidence, profile: pl.DataFrame, scored: Scored, terms: Terms) -> Json:
        """The answer for the enterprise of a profile of one row."""
        row = profile.row(0, named=True)
        facts_at = partial(facts_of, known=evidence.known, as_of=terms.as_of, need=terms.need)
        found = facts_at(row)
        stands = standing(scored.score, found, terms.policy)
        wish = need_profile(found, terms.policy)
        explanation = explain(
            scored,
            self.model.features,
            self.model.bands_of(Group.of(row)),
            policy=terms.policy,
            as_of=terms.as_of,
            detail=terms.explain,
        )
        answer = {
            "enterprise_id": scored.enterprise_id,
            "as_of": terms.as_of.isoformat(),
            "rules_on": terms.rules_on.isoformat(),
            **score_part(scored, stands, explanation),
            "review": _review((*stands.review_why, *wish.review_why, *evidence.whys())),
            "out_of_distribution": scored.is_unusual,
            "missing_blocks": evidence.missing_blocks,
            "data": evidence.blocks(),
            "rejects": evidence.reject_lines(),
            "cut_off": dict(evidence.cut_off),
            "model": _identity(self.model),
            "feature_digest": self.feature_digest,
            "policy_version": terms.policy.version,
        }
        case = Case(profile, self.model, facts_at, terms.policy) if terms.explain == "full" else None
        told_in_full = full_part(case, stands, wish) if case else {}
        if terms.products is None:
            return answer | told_in_full
        estimate = self._estimate(profile, evidence.known, terms)
        return answer | told_in_full | self._matched(_Applicant(found, scored, estimate, case), terms.products, terms)

    def _estimate(self, profile: pl.DataFrame, known: Records, terms: Terms) -> FitEstimate | None:
        """What the model of fit says of one enterprise; None without such a model."""
        if self.fit is None:
            return None
        dated = profile.with_columns(as_of=pl.lit(terms.as_of))
        offers = _offers_of(prepared(self.catalogue.on(terms.rules_on)))
        return ModelEstimate(self.fit, dated, bank_ties(known, terms.as_of), offers)

    def _matched(self, one: "_Applicant", products: Products, terms: Terms) -> Json:
        matched = match(
            one.facts,
            one.scored,
            catalogue=self.catalogue.on(terms.rules_on),
            policy=terms.policy,
            bank_ids=products.bank_ids,
            estimate=one.estimate,
        )
        explained = 0 if terms.explain == "none" else EXPLAINED_PRODUCTS
        told = match_part(matched, top=products.top, case=one.case, explained=explained)
        return {**told, "fit_model": _identity(self.fit) if self.fit else None}


@dataclass(frozen=True)
class _Applicant:
    """One enterprise as products are matched with it."""

    facts: Facts
    scored: Scored
    estimate: FitEstimate | None
    case: Case | None


@lru_cache(maxsize=KEPT_CATALOGUES)
def _offers_of(ready: Prepared) -> pl.DataFrame:
    return offers_of(ready.catalogue)


def _identity(model: Model | FitModel) -> Json:
    return {"name": model.card.name, "version": model.card.version, "digest": model.digest}


def load_engine(model_dir: Path, *, illustrative: bool) -> Engine:
    """Model and catalogue from disk.

    Args:
        model_dir: folder of the model.
        illustrative: whether invented products of fictional banks belong to the catalogue.

    Raises:
        ProblemError: 503 with what is missing; the particulars go to the log.
    """
    try:
        return Engine.of(load(model_dir), load_catalogue(illustrative=illustrative))
    except ModelFolderError as error:
        log_failure(error, request_id="start")
        raise not_ready("no model could be loaded; expected a folder made by `xinpei train credit`") from error
    except FileMistakesError as error:
        log_failure(error, request_id="start")
        raise not_ready("the product catalogue could not be read") from error


def load_fit(folder: Path) -> FitModel:
    """A model of fit from disk.

    Raises:
        ProblemError: 503 when it is none; the particulars go to the log.
    """
    try:
        return fit_folder.load(folder)
    except FitFolderError as error:
        log_failure(error, request_id="start")
        raise not_ready("no model of fit could be loaded; expected a folder made by `xinpei train fit`") from error


def need_of(asked: LoanRequest | None) -> Need:
    """What an enterprise asks for, as the decisions know it."""
    if asked is None:
        return Need()

    def fixed(values: list[Any] | None) -> tuple[Any, ...] | None:
        return None if values is None else tuple(values)

    return Need(
        amount_fen=asked.amount_fen,
        term_months=asked.term_months,
        purpose=asked.purpose,
        urgency_days=asked.urgency_days,
        collateral=fixed(asked.collateral),
        ip_to_pledge=fixed(asked.ip_to_pledge),
        orders_at_hand=fixed(asked.orders_at_hand),
    )


def _terms(request: ScoreRequest, today: dt.date, products: Products | None = None) -> Terms:
    as_of = request.as_of or today
    if fault := explain_day(as_of, today=today):
        raise invalid_at("as_of", fault)
    rules_on = request.rules_on or as_of
    try:
        policy = policy_on(rules_on)
    except NotInForceError as error:
        message = f"rules_on: {error}; give `rules_on` to judge an earlier day by later rules"
        raise ProblemError("invalid_request", message) from error
    return Terms(as_of, rules_on, policy, need_of(request.request), request.explain, products)


def _review(whys: tuple[Text, ...]) -> Json:
    return {"required": bool(whys), "why": [why.as_dict() for why in whys]}
