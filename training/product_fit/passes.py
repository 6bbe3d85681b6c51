"""What an open question about a product comes to for an enterprise that did not choose the product.

Who applies for an export loan exports, so that past applications cannot tell what a fact that was withheld means for
everybody. Enterprises whose fact is known can: the share of all applicants that meet the condition, or whom the limit
that rests on the fact leaves something, over that share among the applicants for the product itself, from whose
answers models learn.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from decisions.batch.columns import CHUNK, FactColumns
from decisions.batch.limits import limits_of
from decisions.batch.questions import Questions, questions
from decisions.facts import Facts
from decisions.match.prepared import Offer, Prepared, prepared_by_id
from decisions.money.renewal import DAYS, LOANS, SIZE
from decisions.offered.catalogue import Catalogue
from decisions.policies import Policy

PRIOR_OWN = 5.0
"""A product's own applicants are taken for everybody as by so many of them whose fact is known."""

LIMIT, RENEWAL = -1, -2
"""In the place of a condition's number: the limit of a product, and what policy says of renewing a loan."""

FAILED, PASSED = 1, 2
"""Of an applicant whose fact is known."""

Flags = NDArray[np.bool_]
Codes = NDArray[np.uint8]
Question = tuple[str, str, int]
Shares = Mapping[str, Mapping[str, float]]
"""By product and fact."""

QUESTION = ("product_id", "fact", "question")
COUNTED = pl.Schema(
    dict.fromkeys(QUESTION[:2], pl.String())
    | dict.fromkeys(("question", "known", "passed", "known_own", "passed_own"), pl.Int64())
)


@dataclass(frozen=True)
class Answered:
    """What applicants answer to the questions of every product.

    Attributes:
        questions: columns of `QUESTION`, sorted; which condition of the product, where several read the fact.
        codes: a row an applicant, a column a question: 0 where the fact is not known, 1 where it fails, 2 where it
            passes. A fact that a limit rests on passes where the limit leaves something.
    """

    questions: tuple[Question, ...] = ()
    codes: Codes = field(default_factory=lambda: np.empty((0, 0), np.uint8))

    @classmethod
    def of(cls, facts: Sequence[Facts], *, catalogue: Catalogue, policy: Policy) -> "Answered":
        """The answers of some applicants to what is offered on the day of the rules."""
        ready = prepared_by_id(catalogue)
        starts = range(0, len(facts), CHUNK)
        return cls.joined([_of_chunk(facts[start : start + CHUNK], ready, policy) for start in starts])

    @classmethod
    def joined(cls, parts: Sequence["Answered"]) -> "Answered":
        """Those of several groups one after the other; what a group was not asked is not known of it."""
        questions = tuple(sorted({question for part in parts for question in part.questions}))
        place = {question: number for number, question in enumerate(questions)}
        codes = np.zeros((sum(len(part.codes) for part in parts), len(questions)), np.uint8)
        first = 0
        for part in parts:
            last = first + len(part.codes)
            codes[first:last, [place[question] for question in part.questions]] = part.codes
            first = last
        return cls(questions, codes)

    @classmethod
    def of_nobody(cls, rows: int) -> "Answered":
        """So many applicants that were asked nothing."""
        return cls(codes=np.empty((rows, 0), np.uint8))

    def take(self, rows: NDArray[np.int64]) -> "Answered":
        """Those at these places, in that order."""
        return replace(self, codes=self.codes[rows])

    def counted(self, products: pl.Series) -> pl.DataFrame:
        """How many applicants know the fact that each product asks about, and how many of those pass.

        Args:
            products: what each applicant asked for.

        Returns:
            `QUESTION`, `known` and `passed` of all applicants, `known_own` and `passed_own` of those for the product
            itself.
        """
        names = np.array([product for product, _, _ in self.questions], dtype=object)
        own_known, own_passed = (np.zeros(len(names), np.int64) for _ in range(2))
        for product in products.unique():
            rows, columns = np.flatnonzero((products == product).to_numpy()), np.flatnonzero(names == product)
            mine = self.codes[np.ix_(rows, columns)]
            own_known[columns], own_passed[columns] = (mine > 0).sum(axis=0), (mine == PASSED).sum(axis=0)
        told = ((self.codes > 0).sum(axis=0), (self.codes == PASSED).sum(axis=0), own_known, own_passed)
        asked = pl.DataFrame(self.questions, schema=list(COUNTED.items())[:3], orient="row")
        return asked.with_columns(
            pl.Series(name, values, dtype=pl.Int64) for name, values in zip(COUNTED.names()[3:], told, strict=True)
        )


def pass_ratios(counts: pl.DataFrame) -> Shares:
    """By product and fact, the share of all applicants that pass over that of the product's own, at most 1.

    Shares are (passed + 1) ÷ (known + 2); that of the own applicants is drawn towards that of all. Of several questions
    about a fact the least ratio counts.
    """
    everybody = (pl.col("passed") + 1) / (pl.col("known") + 2)
    own = (pl.col("passed_own") + PRIOR_OWN * everybody) / (pl.col("known_own") + PRIOR_OWN)
    ratio = (everybody / own).clip(upper_bound=1.0).alias("ratio")
    least = counts.with_columns(ratio).group_by("product_id", "fact").agg(pl.col("ratio").min())
    made: dict[str, dict[str, float]] = {}
    for product, fact, value in least.sort("product_id", "fact").iter_rows():
        made.setdefault(product, {})[fact] = value
    return made


def _of_chunk(facts: Sequence[Facts], ready: Prepared, policy: Policy) -> Answered:
    asked = questions(FactColumns(facts), ready=ready, policy=policy)
    told = {
        (offer.entry.product.id, fact, place): np.where(known, np.where(passed, PASSED, FAILED), 0).astype(np.uint8)
        for offer in ready.offers
        for fact, place, known, passed in _answers(offer, asked)
    }
    return Answered(tuple(told), np.stack(list(told.values()), axis=1) if told else np.empty((len(facts), 0), np.uint8))


def _answers(offer: Offer, asked: Questions) -> Iterator[tuple[str, int, Flags, Flags]]:
    """Each question of a product: the fact that it reads, which question it is, who knows the fact, who passes."""
    for number, place in enumerate(offer.asks):
        yield asked.ready.conditions[place].fact, number, ~asked.opens[place], ~asked.fails[place]
    limits = limits_of(offer, asked.columns)
    for fact in limits.open_facts:
        yield fact, LIMIT, ~limits.is_open, limits.at_most_fen > 0
    if offer.is_renewal:
        yield from _answers_of_renewal(asked)


def _answers_of_renewal(asked: Questions) -> Iterator[tuple[str, int, Flags, Flags]]:
    """The same of what the policy asks before a loan is renewed."""
    terms, nobody = asked.policy.renewal, np.zeros(len(asked.columns), dtype=bool)
    for fact in dict.fromkeys((DAYS, SIZE, LOANS, *(rule.fact for rule in terms.rules))) if terms else ():
        is_open = asked.renewals.opens.get(fact, nobody)
        yield fact, RENEWAL, ~is_open, asked.renewals.failed.get(fact, nobody) == 0
