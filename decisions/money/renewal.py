"""Renewal without repaying principal (无还本续贷): whether a loan about to mature may be renewed, and from when."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from decisions.code_names import code_name
from decisions.fact_definitions import facts as definitions
from decisions.facts import Facts
from decisions.money.renewal_terms import RenewalTerms
from decisions.offered.eligibility import Outcome, rule_verdict
from decisions.policies import Policy
from decisions.text import Text

DAYS, SIZE, LOANS = "days_to_maturity", "size_class", "business_loans"


@dataclass(frozen=True)
class RenewalCheck:
    """What one condition says: the fact it is about, the outcome, and the sentence for people."""

    fact: str
    outcome: Outcome
    text: Text


@dataclass(frozen=True)
class RenewalVerdict:
    """Whether the next loan to mature may be renewed without repaying its principal; the bank decides.

    Attributes:
        verdict: `fail` when one condition fails, `pass` when all are met, otherwise `unknown`.
        matures_on: when the loan falls due; None while that is not known.
        opens_on: the first day on which one may ask; None while the day of maturity is not known.
        checks: every condition.
    """

    verdict: Outcome
    matures_on: dt.date | None
    opens_on: dt.date | None
    checks: tuple[RenewalCheck, ...]


def renewal_verdict(facts: Facts, policy: Policy) -> RenewalVerdict:
    """Whether the policy of the day lets the next loan to mature be renewed without repaying its principal.

    One asks before maturity and within the window; small and micro enterprises without end, others for loans due before
    their last day; lists, overdue and bad loans as the rules of the policy say. An unknown fact refuses nothing.
    """
    days = facts.number(DAYS)
    matures_on = None if days is None else policy.day + dt.timedelta(days=int(days))
    terms = policy.renewal
    if terms is None:
        return RenewalVerdict("unknown", matures_on, None, (_NO_TERMS,))
    opens_on = None if matures_on is None else matures_on - dt.timedelta(days=terms.window_days)
    checks = (
        _NO_LOAN if matures_on is None and facts.number(LOANS) == 0 else _window(policy.day, matures_on, opens_on),
        _size(facts, terms, matures_on),
        *_rules(facts, terms),
    )
    outcomes = {check.outcome for check in checks}
    verdict: Outcome = "fail" if "fail" in outcomes else "unknown" if "unknown" in outcomes else "pass"
    return RenewalVerdict(verdict, matures_on, opens_on, checks)


_NO_TERMS = RenewalCheck(
    DAYS,
    "unknown",
    Text(
        zh="当日尚无在册的无还本续贷规定，请向贷款银行询问",
        en="no rules on renewal are on file for that day: ask the lending bank",
    ),
)

_NO_LOAN = RenewalCheck(LOANS, "fail", Text(zh="没有未结清的经营性贷款", en="there is no business loan outstanding"))


def _window(day: dt.date, matures_on: dt.date | None, opens_on: dt.date | None) -> RenewalCheck:
    if matures_on is None or opens_on is None:
        return RenewalCheck(DAYS, "unknown", Text(zh="贷款到期日待核实", en="the day of maturity is to be settled"))
    if matures_on < day:
        late = Text(
            zh=f"贷款已于{matures_on}到期，续贷须在到期前申请",
            en=f"the loan fell due on {matures_on}: one asks before maturity",
        )
        return RenewalCheck(DAYS, "fail", late)
    if day < opens_on:
        early = Text(
            zh=f"贷款{matures_on}到期，{opens_on}起可申请续贷",
            en=f"the loan falls due on {matures_on}: one may ask from {opens_on}",
        )
        return RenewalCheck(DAYS, "fail", early)
    now = Text(
        zh=f"贷款{matures_on}到期，请在到期前申请续贷", en=f"the loan falls due on {matures_on}: ask before that day"
    )
    return RenewalCheck(DAYS, "pass", now)


def _size(facts: Facts, terms: RenewalTerms, matures_on: dt.date | None) -> RenewalCheck:
    size = facts.value(SIZE)
    if not isinstance(size, str):
        return RenewalCheck(SIZE, "unknown", Text(zh="企业规模待核实", en="the size class is to be settled"))
    if size in terms.sizes:
        return RenewalCheck(SIZE, "pass", Text(zh="小微企业适用", en="small and micro enterprises are served"))
    last = terms.due_before.get(size)
    if last is None:
        return RenewalCheck(SIZE, "fail", Text(zh="该规模企业不适用", en="enterprises of this size are not served"))
    named = code_name(SIZE, size)
    text = Text(zh=f"{named.zh}限{last}前到期的贷款", en=f"{named.en} enterprises only for loans due before {last}")
    if matures_on is None:
        return RenewalCheck(DAYS, "unknown", text)
    return RenewalCheck(SIZE, "pass" if matures_on < last else "fail", text)


def _rules(facts: Facts, terms: RenewalTerms) -> Iterator[RenewalCheck]:
    for rule in terms.rules:
        found = rule_verdict(rule, facts.value(rule.fact))
        label = definitions()[rule.fact].label
        open_text = Text(zh=f"{label.zh}待核实", en=f"{label.en}: to be settled")
        yield RenewalCheck(rule.fact, found.verdict, found.text if found.value is not None else open_text)
