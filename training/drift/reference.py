"""What a model knows requests to be like: made from the rows it learned from, or from requests of a quiet time."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from features.definition import Feature
from features.fingerprint import feature_digest
from scoring.folder import DRIFT
from scoring.model import Model
from scoring.usual import REACH
from sources.contracts import BLOCKS
from training.cohort import Cohort
from training.drift.fates import Fates, FatesBefore
from training.drift.requests import DriftError, Requests, Span, defined, values
from training.drift.shares import Shares
from training.drift.spread import Spread

FORMAT = 1
NO_REFERENCE = (OSError, KeyError, TypeError, ValueError, AttributeError)
TENTHS = 10


@dataclass(frozen=True)
class Reference:
    """What requests were like.

    Attributes:
        model_version: of the model whose points these are.
        span: days that the rows stand on.
        enterprises: how many different ones.
        features: by name; those that tell only how far records reach are left out.
        score: unclipped points.
        blocks: rows with each block.
        grades: rows by month and grade; empty where none were told.
        eligible: share of products that no rule excluded; None where no products were looked at.
        policies, catalogues: versions that answered.
        fates: what became of decisions; None where nothing is known.
    """

    model_version: str
    span: Span
    rows: int
    enterprises: int
    features: Mapping[str, Spread]
    feature_digest: str
    score: Spread
    blocks: Mapping[str, Shares]
    grades: Mapping[str, Mapping[str, int]]
    eligible: Spread | None
    policies: tuple[str, ...]
    catalogues: tuple[str, ...]
    fates: FatesBefore | None

    @property
    def repeats(self) -> float:
        """Rows an enterprise: they resemble each other, so that all rows tell little more than one each."""
        return self.rows / self.enterprises

    @property
    def months(self) -> int:
        return len(self.score.counts)

    @classmethod
    def of_requests(
        cls, requests: Requests, features: Sequence[Feature], *, model_version: str, on: dt.date
    ) -> "Reference":
        """From requests of a time in which nothing was amiss, and what was known of them on a day.

        Raises:
            DriftError: there are none.
        """
        if not len(requests):
            raise DriftError("reference: got no requests to make it of, expected some")
        fates = Fates.of(requests, on=on)
        edges = score_edges(requests)
        after = FatesBefore.of(fates, edges) if fates.has_reports else None
        return _made(requests, features, model_version=model_version, fates=after)

    @classmethod
    def of_cohort(cls, model: Model, cohort: Cohort, *, version: str) -> "Reference":
        """From the rows that a model learned from; `version` is its own."""
        profiles = cohort.profiles
        rows = profiles.rename({"as_of": "day"}).with_columns(pl.Series("score", model.points(profiles)))
        requests = Requests.of(rows)
        scores = rows["score"].to_numpy()
        fates = FatesBefore.of_labels(scores, cohort.defaulted, score_edges(requests))
        return _made(requests, model.features, model_version=version, fates=fates)

    def as_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "model_version": self.model_version,
            "span": [self.span.first.isoformat(), self.span.last.isoformat()],
            "rows": self.rows,
            "enterprises": self.enterprises,
            "features": {name: one.as_json() for name, one in self.features.items()},
            "feature_digest": self.feature_digest,
            "score": self.score.as_json(),
            "blocks": {block: one.as_json() for block, one in self.blocks.items()},
            "grades": {month: dict(grades) for month, grades in self.grades.items()},
            "eligible": self.eligible.as_json() if self.eligible else None,
            "policies": list(self.policies),
            "catalogues": list(self.catalogues),
            "fates": self.fates.as_json() if self.fates else None,
        }

    @classmethod
    def from_json(cls, parts: Mapping[str, Any]) -> "Reference":
        if parts["format"] != FORMAT:
            raise DriftError(f"reference: got format {parts['format']!r}, expected {FORMAT}; make a new one")
        made = cls(
            model_version=str(parts["model_version"]),
            span=Span(*map(dt.date.fromisoformat, parts["span"])),
            rows=int(parts["rows"]),
            enterprises=int(parts["enterprises"]),
            features={str(name): Spread.from_json(one) for name, one in parts["features"].items()},
            feature_digest=str(parts["feature_digest"]),
            score=Spread.from_json(parts["score"]),
            blocks={str(block): Shares.from_json(one) for block, one in parts["blocks"].items()},
            grades={str(month): {g: int(n) for g, n in told.items()} for month, told in parts["grades"].items()},
            eligible=Spread.from_json(parts["eligible"]) if parts["eligible"] else None,
            policies=tuple(parts["policies"]),
            catalogues=tuple(parts["catalogues"]),
            fates=FatesBefore.from_json(parts["fates"]) if parts["fates"] else None,
        )
        if made.feature_digest != feature_digest(defined(list(made.features))):
            raise DriftError("reference: made with other definitions of its features than the code has; make a new one")
        return made


def text_of(reference: Reference) -> str:
    """A reference as JSON, as a model carries it in `Model.requests`."""
    return json.dumps(reference.as_json(), separators=(",", ":"), allow_nan=False) + "\n"


def write(reference: Reference, path: Path) -> None:
    """Write a reference as JSON, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.write_text(text_of(reference), "utf-8")
    unfinished.rename(path)


def read(path: Path) -> Reference:
    """The reference of a file, or of a model folder.

    Raises:
        DriftError: there is none, or it is broken or of other features.
    """
    file = path / DRIFT if path.is_dir() else path
    try:
        return Reference.from_json(json.loads(file.read_text("utf-8")))
    except DriftError:
        raise
    except NO_REFERENCE as error:
        raise DriftError(f"{file}: no reference ({error}); `xinpei drift --make-reference` writes one") from error


def score_edges(requests: Requests) -> Any:
    """Tenths of the score, where bins of approvals and defaults end."""
    return np.unique(np.quantile(requests.rows["score"].to_numpy(), np.arange(1, TENTHS) / TENTHS))


def _made(
    requests: Requests, features: Sequence[Feature], *, model_version: str, fates: FatesBefore | None
) -> Reference:
    months = requests.months()
    span = requests.span
    repeats = len(requests) / requests.enterprises
    looked_at = [one for one in features if one.name not in REACH]
    rows = requests.rows

    def spread(name: str) -> Spread:
        return Spread.of({month: _known(part.rows[name]) for month, part in months.items()}, repeats=repeats)

    return Reference(
        model_version=model_version,
        span=span,
        rows=len(requests),
        enterprises=requests.enterprises,
        features={
            one.name: Spread.of({month: values(part.rows, one) for month, part in months.items()}, repeats=repeats)
            for one in looked_at
        },
        feature_digest=feature_digest(looked_at),
        score=spread("score"),
        blocks={block: _shares(months, f"has_{block}", repeats) for block in BLOCKS},
        grades={month: _counts(part.rows["grade"]) for month, part in months.items()},
        eligible=None if rows["eligible"].null_count() == rows.height else spread("eligible"),
        policies=_versions(rows, "policy_version"),
        catalogues=_versions(rows, "catalogue_version"),
        fates=fates,
    )


def _shares(months: Mapping[str, Requests], flag: str, repeats: float) -> Shares:
    counts = {month: (int(part.rows[flag].sum()), len(part)) for month, part in months.items()}
    return Shares.of(counts, repeats=repeats)


def _counts(grades: pl.Series) -> dict[str, int]:
    return dict(grades.drop_nulls().value_counts().sort("grade").iter_rows())


def _versions(rows: pl.DataFrame, name: str) -> tuple[str, ...]:
    return tuple(rows[name].drop_nulls().unique().sort())


def _known(column: pl.Series) -> Any:
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
