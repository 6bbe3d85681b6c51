"""Who put which version into use, when and why: an append-only history, from which the champion follows.

Each entry is a version of a registered model of its own: every store numbers those one by one, so that two at a time
get two numbers and none overwrites another. An entry counts if it starts from the champion that the counted entries
before it made; of two at a time the second does not, and whoever wrote it is refused.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

TOLD = "Promotions and rollbacks of `{name}`, one a version; never edit. 上线与回退记录，不可修改。"

Kind = Literal["promote", "rollback"]
KINDS: tuple[Kind, ...] = get_args(Kind)
REQUIRED = frozenset({"kind", "to_version", "who", "why", "when", "policy", "gates"})
"""Tags of an entry; a version without them was added by hand and is none."""


@dataclass(frozen=True)
class Promotion:
    """One entry.

    Attributes:
        number: place in the history, from 1; 0 before it is written.
        when: moment in UTC, ISO 8601.
        from_version: the champion before; None where there was none.
        policy: version of the policy whose gates were asked; empty for a rollback.
        gates: name of each gate with what was given, expected, and whether it passed, failed or was waived.
    """

    kind: Kind
    from_version: str | None
    to_version: str
    who: str
    why: str
    when: str
    policy: str = ""
    gates: tuple[Mapping[str, Any], ...] = ()
    number: int = 0


def history_of(name: str) -> str:
    """The registered model whose versions are the entries about another."""
    return f"{name}-promotions"


class History:
    """The entries of one registered model in one store.

    Args:
        client: of the store.
        name: of the registered model.
    """

    def __init__(self, client: MlflowClient, name: str) -> None:
        self._client = client
        self._subject = name
        self._name = history_of(name)

    def entries(self) -> tuple[Promotion, ...]:
        """The entries that count, oldest first."""
        found = self._client.search_model_versions(f"name = '{self._name}'")
        ours = [version for version in found if version.tags.keys() >= REQUIRED]
        return counted(_entry(version) for version in sorted(ours, key=lambda one: int(one.version)))

    def append(self, entry: Promotion) -> Promotion | None:
        """Write an entry; None when another came between, so that this one does not count."""
        self._made()
        subject = self._client.get_model_version(self._subject, entry.to_version)
        written = self._client.create_model_version(
            self._name, source=str(subject.source), run_id=subject.run_id, tags=_tags(entry)
        )
        return next((one for one in self.entries() if one.number == int(written.version)), None)

    def _made(self) -> None:
        try:
            self._client.create_registered_model(self._name, description=TOLD.format(name=self._subject))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise


def counted(entries: Iterator[Promotion]) -> tuple[Promotion, ...]:
    """The entries that start from the champion that those before them made."""
    kept: list[Promotion] = []
    for entry in entries:
        line = standing(kept)
        fits = not kept or entry.from_version == line[-1]
        if fits and (entry.kind == "promote" or line[-2:-1] == [entry.to_version]):
            kept.append(entry)
    return tuple(kept)


def standing(entries: Sequence[Promotion]) -> list[str]:
    """The champions one could go back through, the present one last.

    A promotion adds one, a rollback takes the last away: two rollbacks in turn go back twice, never to and fro.
    """
    line: list[str] = []
    for entry in entries:
        if not line and entry.from_version is not None:
            line = [entry.from_version]
        line = line[:-1] if entry.kind == "rollback" else [*line, entry.to_version]
    return line


def now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _tags(entry: Promotion) -> dict[str, str]:
    told = {field.name: getattr(entry, field.name) for field in fields(entry) if field.name != "number"}
    told["gates"] = json.dumps(entry.gates, ensure_ascii=False)
    return {name: str(value) for name, value in told.items() if value is not None}


def _entry(version: ModelVersion) -> Promotion:
    tags = version.tags
    return Promotion(
        kind=next(kind for kind in KINDS if kind == tags["kind"]),
        from_version=tags.get("from_version"),
        to_version=tags["to_version"],
        who=tags["who"],
        why=tags["why"],
        when=tags["when"],
        policy=tags["policy"],
        gates=tuple(json.loads(tags["gates"])),
        number=int(version.version),
    )
