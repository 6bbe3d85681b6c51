"""The models of this worker: that of credit, which it cannot do without, and that of product fit where there is one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from scoring.card import Card
from scoring.fit_folder import FitFolderError, pair_digest
from scoring.folder import ModelFolderError
from scoring.product_fit import FitModel
from serving.engine import Engine
from serving.following import Followed, Places, Reader
from serving.problems import ProblemError

Json = dict[str, Any]
Pair = tuple[Engine, FitModel]

FIT_NAME = "product_fit"
"""Of the registered model, as in `training.product_fit`."""


class Models:
    """Both models, followed (`serving.following`), as one engine.

    Args:
        places: where credit models lie.
        load: makes an engine of the folder of a credit model; raises `ProblemError` when it cannot.
        fit: follows models of fit; None = the rule of thumb alone.
    """

    def __init__(
        self, places: Places, load: Callable[[Path], Engine], *, fit: Followed[FitModel] | None = None
    ) -> None:
        self._credit = engine_followed(places, load)
        self._fit = fit
        self._paired: tuple[Pair, Engine] | None = None

    def engine(self) -> Engine:
        """The engine to answer this request with.

        Raises:
            ProblemError: 503 while no credit model could be loaded yet.
        """
        engine = self._credit.current()
        fit = self._fit.current_if_any() if self._fit else None
        if fit is None:
            return engine
        paired = self._paired
        if paired is None or paired[0][0] is not engine or paired[0][1] is not fit:
            paired = ((engine, fit), engine.with_fit(fit))
            self._paired = paired
        return paired[1]

    def reload(self, version: str | None = None, *, name: str | None = None) -> Json:
        """Load folders anew: without a version all there are, else that version of the model `name`.

        Args:
            version: number of a registered version; None = the folders that the settings name.
            name: which model; None = the credit model.

        Raises:
            ProblemError: 409 when one cannot be loaded and an earlier model goes on answering, 503 when there is none
                or the other workers cannot be told.
        """
        if name != FIT_NAME:
            self._credit.reload(version)
        is_for_all = name is None and version is None
        if name == FIT_NAME or (is_for_all and self._fit is not None and self._fit.current_if_any() is not None):
            self._reload_fit(version)
        return self.described()

    def _reload_fit(self, version: str | None) -> None:
        """Without a model of fit the service goes on as well: what cannot be loaded is a conflict, never an outage."""
        if self._fit is None:
            raise ProblemError("conflict", "product_fit: this service follows no folder of such models")
        try:
            self._fit.reload(version)
        except ProblemError as problem:
            if not isinstance(problem.__cause__, FitFolderError):
                raise
            raise ProblemError("conflict", f"{problem.__cause__}; the rule of thumb stays in use") from problem

    def described(self) -> Json:
        """The models that answer, as the contract gives them."""
        told = [self._credit.described()]
        if self._fit is not None and self._fit.current_if_any() is not None:
            told.append(self._fit.described())
        return {"models": told}


class Challengers:
    """Models that are asked in the shadow of the champions; where only one is challenged, the champion is the other.

    Args:
        champions: gives the engine that answers.
        credit, fit: follow the challengers; None = not challenged.
    """

    def __init__(
        self, champions: Callable[[], Engine], credit: Followed[Engine] | None, fit: Followed[FitModel] | None
    ) -> None:
        self._champions = champions
        self._credit = credit
        self._fit = fit

    def engine(self) -> Engine | None:
        """The challengers as one engine; None while no folder of theirs could be loaded."""
        champions = self._champions()
        credit = self._credit.current_if_any() if self._credit else None
        fit = self._fit.current_if_any() if self._fit else None
        if credit is None and fit is None:
            return None
        return (credit or champions).with_fit(fit or champions.fit)


def engine_followed(places: Places, load: Callable[[Path], Engine]) -> Followed[Engine]:
    """Follows credit models, each as an engine of its own; `load` raises `ProblemError` when it cannot."""
    return Followed(places, Reader(load, _engine_described, ModelFolderError))


def fit_followed(places: Places, load: Callable[[Path], FitModel]) -> Followed[FitModel]:
    """Follows models of fit; `load` raises `ProblemError` when it cannot."""
    return Followed(places, Reader(load, _fit_described, FitFolderError))


def _engine_described(engine: Engine) -> Json:
    return _described(engine.model.card, engine.model.digest, engine.feature_digest)


def _fit_described(fit: FitModel) -> Json:
    return _described(fit.card, fit.digest, pair_digest())


def _described(card: Card, digest: str, feature_digest: str) -> Json:
    as_of = card.training.get("as_of")
    return {
        "name": card.name,
        "version": card.version,
        "digest": digest,
        "trained_as_of": None if as_of is None else str(as_of),
        "feature_digest": feature_digest,
    }
