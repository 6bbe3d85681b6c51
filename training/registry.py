"""A registered model: its versions as plain folders, their evaluations, and which of them is champion."""

import datetime as dt
import json
import math
import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Generic, overload

import mlflow
from mlflow.entities import Metric
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from scoring.card import Card
from scoring.model import Model
from training.evaluation.types import Identity
from training.gates import Candidate, Gate, waived
from training.history import History, Promotion, now, standing
from training.kinds import CREDIT, Kind, M
from training.tracking import ARTIFACT, Tracker

CHAMPION, CHALLENGER = "champion", "challenger"
LOGGED, DIGEST = "logged_digest", "digest"
"""Tags of a version: of its folder as it was logged, and as it is once its number stands on the card."""

EVALUATION = "evaluation"
"""Tag of a version: where its newest evaluation lies. It is set last, so that half an evaluation is never found."""

DIGEST_SHOWN = 16
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class RegistryError(Exception):
    """Something that is asked of the registry and is not there, or cannot be."""


class RefusedError(Exception):
    """A promotion that the gates do not let through; nothing has changed.

    Args:
        judged: all gates.
    """

    def __init__(self, version: str, judged: Sequence[Gate]) -> None:
        failed = [gate for gate in judged if not gate.lets_through]
        told = "; ".join(f"{gate.name} (got {gate.given}, expected {gate.expected})" for gate in failed)
        super().__init__(f"version {version} is not promoted: {told}")
        self.judged = tuple(judged)


class Registry(Generic[M]):
    """The versions of one registered model in one store. Opening it ends the runs that dead processes left.

    Args:
        tracker: the store.
        kind: which model; the credit model unless told otherwise.

    Raises:
        TrackerError: the store cannot be reached.
    """

    @overload
    def __init__(self: "Registry[Model]", tracker: Tracker) -> None: ...

    @overload
    def __init__(self, tracker: Tracker, kind: Kind[M]) -> None: ...

    def __init__(self, tracker: Tracker, kind: Kind[Any] = CREDIT) -> None:
        self.kind: Kind[M] = kind
        self.tracker = replace(tracker, experiment=kind.name)
        self.tracker.open()
        self.client: MlflowClient = self.tracker.client

    def register(self, run_id: str, model_folder: Path) -> str:
        """Log a model's folder into a run, make a version of it, and point `challenger` at that.

        Each step comes after the one before is done: a process killed on the way leaves no version that can be
        fetched without its whole folder, and moves no alias.

        Returns:
            The number of the version; `fetch` writes it on the card.

        Raises:
            ModelFolderError: the folder is no model; of another kind of model its own error, here as below.
        """
        digest = self.kind.folder.load(model_folder).digest
        self.client.log_artifacts(run_id, str(model_folder), ARTIFACT)
        self._make_registered(self.kind.name)
        source = f"{self.client.get_run(run_id).info.artifact_uri}/{ARTIFACT}"
        made = self.client.create_model_version(self.kind.name, source=source, run_id=run_id, tags={LOGGED: digest})
        version = str(made.version)
        with tempfile.TemporaryDirectory() as scratch:
            final = self.fetch(version, Path(scratch) / ARTIFACT).digest
        self.client.set_model_version_tag(self.kind.name, version, DIGEST, final)
        self.client.set_tag(run_id, "model_digest", final)
        self.client.set_registered_model_alias(self.kind.name, CHALLENGER, version)
        return version

    def alias(self, name: str) -> str | None:
        """The version that an alias points at; None where it points at none."""
        try:
            return str(self.client.get_model_version_by_alias(self.kind.name, name).version)
        except MlflowException as error:
            if _is_absent(error):
                return None
            raise

    def challenger(self) -> str | None:
        """The newest registered version."""
        return self.alias(CHALLENGER)

    def champion(self) -> str | None:
        """The version in use: what the history says, or before there is any what the alias says."""
        line = standing(self.history())
        return line[-1] if line else self.alias(CHAMPION)

    def history(self) -> tuple[Promotion, ...]:
        """Every promotion and rollback that took effect, oldest first."""
        return History(self.client, self.kind.name).entries()

    def resolve(self, version: str) -> str:
        """The number of a version, given as a number or an alias.

        Raises:
            RegistryError: there is no such version.
        """
        if version.isascii() and version.isdigit():
            return str(self._version(version).version)
        found = self.champion() if version == CHAMPION else self.alias(version)
        if found is None:
            raise RegistryError(f"{self.tracker.shown}: no version has the alias {version!r}; `xinpei train` makes one")
        return found

    def fetch(self, version: str, to: Path) -> M:
        """Copy the folder of a version, given as a number or an alias; its card then says that number.

        Raises:
            RegistryError: there is no such version, or its run does not hold its whole folder.
            ModelFolderError: it is no model of this code, or what `to` holds must not be replaced.
        """
        number = self.resolve(version)
        with self._downloaded(self._version(number)) as logged:
            model = self.kind.folder.load(logged)
            return self.kind.folder.save(replace(model, card=replace(model.card, version=number)), to)

    def log_evaluation(self, version: str, evaluation: Mapping[str, Any], html: str) -> None:
        """Keep an evaluation in the run of its version: values and page as files, key figures as metrics.

        Args:
            version: number or alias.
            evaluation: plain JSON with `data_digest` and `metrics`, as `training.evaluation.as_json.to_json` writes it.
            html: the page that shows it.
        """
        number = self.resolve(version)
        run_id = str(self._version(number).run_id)
        place = f"{EVALUATION}/{evaluation['data_digest'].removeprefix('sha256:')[:DIGEST_SHOWN]}"
        self.client.log_text(run_id, json.dumps(evaluation, ensure_ascii=False, allow_nan=False), f"{place}.json")
        self.client.log_text(run_id, html, f"{place}.html")
        milliseconds = time.time_ns() // 1_000_000
        metrics = [Metric(name, value, milliseconds, 0) for name, value in _flat(evaluation)]
        self.client.log_batch(run_id, metrics=metrics)
        self.client.set_model_version_tag(self.kind.name, number, EVALUATION, f"{place}.json")

    def evaluation_of(self, version: str) -> dict[str, Any] | None:
        """The newest evaluation of a version, as it was logged; None where there is none."""
        found = self._version(self.resolve(version))
        place = found.tags.get(EVALUATION)
        if place is None:
            return None
        with tempfile.TemporaryDirectory() as scratch:
            path = self.client.download_artifacts(str(found.run_id), place, scratch)
            content: dict[str, Any] = json.loads(Path(path).read_text("utf-8"))
            return content

    def judge(self, version: str, *, on: dt.date, accept: Sequence[str] = (), why: str = "") -> tuple[Gate, ...]:
        """Every gate of promoting a version on a day; `accept` names gates that may fail, for the reason `why`.

        Raises:
            RegistryError: the version was never evaluated.
            GateError: `accept` names a gate that is none or that nobody may waive.
            NotInForceError: no policy is in force on that day.
        """
        number = self.resolve(version)
        content = self.evaluation_of(number)
        if content is None:
            raise RegistryError(f"version {number}: it was never evaluated; run `xinpei evaluate` first")
        rules = self.kind.rules
        judged = rules.judge(content, on, self._candidate(number, on))
        return waived(judged, accept, why=why, never=rules.never_waived)

    def promote(self, version: str, *, who: str, why: str, policy_on: dt.date, accept: Sequence[str] = ()) -> Promotion:
        """Make a version champion, if the gates let it.

        Raises:
            RefusedError: they do not.
            RegistryError: it is champion already, was never evaluated, or another promotion came between.
        """
        number, before = self.resolve(version), self.champion()
        if number == before:
            raise RegistryError(f"version {number} is the champion already")
        judged = self.judge(number, on=policy_on, accept=accept, why=why)
        if not all(gate.lets_through for gate in judged):
            raise RefusedError(number, judged)
        told = tuple(_told(gate) for gate in judged)
        policy = self.kind.rules.version(policy_on)
        return self._record(Promotion("promote", before, number, _given("who", who), why, now(), policy, told))

    def rollback(self, *, who: str, why: str) -> Promotion:
        """Put back the champion before the present one; a second rollback goes further back.

        Raises:
            RegistryError: there is none before, its folder cannot be fetched, or another promotion came between.
            ModelFolderError: it is no model of this code.
        """
        line = standing(self.history())
        if len(line) < 2:  # noqa: PLR2004 - the present champion and one before it
            raise RegistryError("the history knows no champion before the present one; promote a version instead")
        present, before = line[-1], line[-2]
        with tempfile.TemporaryDirectory() as scratch:
            self.fetch(before, Path(scratch) / ARTIFACT)
        return self._record(Promotion("rollback", present, before, _given("who", who), why, now()))

    def export(self, to: Path) -> M:
        """Copy the champion's folder to where the service follows it, and beside that under its number.

        Another promotion may come meanwhile: whoever writes last writes what is champion then.

        Raises:
            RegistryError: there is no champion, or its run does not hold its whole folder.
            ModelFolderError: it is no model of this code, or something else lies where it should go.
        """
        while True:
            number = self.resolve(CHAMPION)
            for place in (to.parent / number, to):
                model = self.fetch(number, place)
            if self.champion() == number:
                return model

    def mend(self) -> None:
        """Point the alias `champion` at the champion of the history, where a killed command did not get so far."""
        line = standing(self.history())
        if line and self.alias(CHAMPION) != line[-1]:
            self.client.set_registered_model_alias(self.kind.name, CHAMPION, line[-1])

    def _record(self, entry: Promotion) -> Promotion:
        _given("why", entry.why)
        written = History(self.client, self.kind.name).append(entry)
        self.mend()
        if written is None:
            raise RegistryError(
                f"version {entry.to_version}: the champion is no longer {entry.from_version or 'nobody'}, another "
                f"command made it {self.champion()}; evaluate against that one and try again"
            )
        return written

    def _make_registered(self, name: str) -> None:
        try:
            self.client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise

    def _version(self, number: str) -> ModelVersion:
        try:
            return self.client.get_model_version(self.kind.name, number)
        except MlflowException as error:
            if not _is_absent(error):
                raise
            raise RegistryError(f"{self.tracker.shown}: no version {number} of {self.kind.name}") from error

    @contextmanager
    def _downloaded(self, version: ModelVersion) -> Iterator[Path]:
        """The folder of a version as it was logged, once every byte is known to be there."""
        expected = version.tags.get(LOGGED)
        what = f"version {version.version}: its run holds no complete model folder"
        with tempfile.TemporaryDirectory() as scratch:
            try:
                downloaded = mlflow.artifacts.download_artifacts(
                    str(version.source), dst_path=scratch, tracking_uri=self.tracker.uri
                )
                found = self.kind.folder.digest_of(Path(downloaded))
            except (OSError, MlflowException) as error:
                raise RegistryError(f"{what}; train again") from error
            if expected is not None and found != expected:
                raise RegistryError(f"{what} (got digest {found}, expected {expected}); train again")
            yield Path(downloaded)

    def _candidate(self, number: str, on: dt.date) -> Candidate:
        """What the gates must know; a champion that this code cannot run is none to compare with."""
        model, champion = self._model(number), self.champion()
        known = Candidate(Identity(number, model.digest), _last_day(model.card), None, on)
        if champion is None:
            return known
        try:
            return replace(known, champion=Identity(champion, self._model(champion).digest))
        except self.kind.folder.fault:
            return replace(known, why_none=f"champion {champion} is no model of this code 现任冠军已不能由本代码运行")

    def _model(self, number: str) -> M:
        with tempfile.TemporaryDirectory() as scratch:
            return self.fetch(number, Path(scratch) / ARTIFACT)


def _last_day(card: Card) -> dt.date | None:
    """The last day in what a card says of its training rows."""
    days = DAY.findall(str(card.training.get("as_of", "")))
    return max(map(dt.date.fromisoformat, days), default=None)


def _is_absent(error: MlflowException) -> bool:
    """Absent versions and models are said to be missing, absent aliases to be a wrong parameter."""
    return error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}


def _given(name: str, text: str) -> str:
    if not text.strip():
        raise RegistryError(f"--{name}: got {text!r}, expected some words")
    return text.strip()


def _flat(evaluation: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Name and value of every finite key figure and of its interval."""
    for name, estimate in evaluation["metrics"].items():
        for part, suffix in (("value", ""), ("low", "_low"), ("high", "_high")):
            value = estimate[part]
            if value is not None and math.isfinite(value):
                yield f"{EVALUATION}_{name}{suffix}", float(value)


def _told(gate: Gate) -> dict[str, Any]:
    """A gate in the history: the sentences can be looked up by its name."""
    told = asdict(gate)
    return {name: told[name] for name in ("name", "passed", "given", "expected", "waived")}
