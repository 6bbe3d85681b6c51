"""A model on disk: a folder of LightGBM text and JSON, no pickle anywhere."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import lightgbm as lgb

from features.definition import Feature
from features.fingerprint import feature_digest
from features.peers import Deviation, PeerReference, PeersError, deviations_of
from features.sets import FEATURES
from scoring.card import Card
from scoring.explained import Band
from scoring.model import Calibration, Model
from scoring.on_disk import digest_of_files, is_whole, replacing, write_json
from scoring.pd import PdCurve, PdCurveError
from scoring.usual import Usual

BOOSTER, PARTS, CARD = "booster.txt", "model.json", "card.json"
PEERS = "peers.json"
"""Only there where the model has a reference of peers."""

DRIFT = "drift.json"
"""Only there where the model tells what requests were like that it learned from."""

FORMAT = 2
NOT_A_MODEL = (
    OSError,
    KeyError,
    TypeError,
    AttributeError,
    UnicodeDecodeError,
    json.JSONDecodeError,
    PdCurveError,
    PeersError,
    lgb.basic.LightGBMError,
)


class ModelFolderError(ValueError):
    """A folder that is no model, or a model that this code must not run."""


def save(model: Model, folder: Path) -> Model:
    """Write the model beside `folder`, then put it in the place of an older one.

    Returns:
        The model with its digest.

    Raises:
        ModelFolderError: what is there is no model folder, so that it must not be replaced.
    """
    folder = folder.resolve()
    check_replaceable(folder)
    parts = {
        "format": FORMAT,
        "features": [feature.name for feature in model.features],
        "feature_digest": feature_digest(model.features),
        "calibration": asdict(model.calibration),
        "bands": {name: asdict(band) for name, band in model.bands.items()},
        "withheld": dict(model.withheld),
        "pd": asdict(model.pd) if model.pd else None,
        "usual": model.usual.as_json() if model.usual else None,
    }
    with replacing(folder) as unfinished:
        model.booster.save_model(str(unfinished / BOOSTER))
        write_json(unfinished / PARTS, parts)
        write_json(unfinished / CARD, asdict(model.card))
        if model.peers is not None:
            write_json(unfinished / PEERS, model.peers.as_json(), indent=None)
        if model.requests is not None:
            (unfinished / DRIFT).write_text(model.requests, "utf-8")
    return replace(model, digest=digest_of(folder))


def check_replaceable(folder: Path) -> None:
    """See that saving a model to `folder` would remove nothing but an older model.

    Raises:
        ModelFolderError: something else is there.
    """
    if folder.is_dir() and {path.name for path in folder.iterdir()} <= {BOOSTER, PARTS, CARD, PEERS, DRIFT}:
        return
    if folder.exists():
        raise ModelFolderError(f"{folder}: expected a new folder or that of a model, which would be replaced")


def load(folder: Path) -> Model:
    """Read a model folder.

    Raises:
        ModelFolderError: files are missing or broken, or the model was trained on features that the code no longer
            defines in the same way.
    """
    try:
        parts = json.loads((folder / PARTS).read_text("utf-8"))
        card = Card(**json.loads((folder / CARD).read_text("utf-8")))
        booster = _booster(folder / BOOSTER)
        if parts["format"] != FORMAT:
            raise ModelFolderError(f"{folder}: got format {parts['format']!r}, expected {FORMAT}")
        features = _features(folder, parts)
        calibration = Calibration(**parts["calibration"])
        bands = {name: Band(**band) for name, band in parts["bands"].items()}
        peers = _peers(folder, features)
        withheld = {str(block): float(points) for block, points in parts["withheld"].items()}
        pd = PdCurve.from_json(parts["pd"]) if parts["pd"] else None
        usual = Usual.from_json(parts["usual"]) if parts["usual"] else None
        requests = (folder / DRIFT).read_text("utf-8") if (folder / DRIFT).exists() else None
    except NOT_A_MODEL as error:
        raise ModelFolderError(f"{folder}: not a model folder ({error}); `xinpei train credit` writes one") from error
    if booster.num_feature() != len(features):
        raise ModelFolderError(f"{folder}: got a booster of {booster.num_feature()} features, expected {len(features)}")
    return Model(booster, features, calibration, bands, card, digest_of(folder), peers, withheld, pd, usual, requests)


def _booster(path: Path) -> lgb.Booster:
    text = path.read_text("utf-8")
    if not is_whole(text):
        raise ModelFolderError(f"{path.parent}: not a model folder ({path.name} is cut short); copy it or train again")
    return lgb.Booster(model_str=text)


def digest_of(folder: Path) -> str:
    """Digest over the names and bytes of a model folder's files."""
    return digest_of_files(_files(folder))


def _files(folder: Path) -> Iterator[Path]:
    yield from (folder / name for name in (BOOSTER, PARTS, CARD))
    yield from (folder / name for name in (PEERS, DRIFT) if (folder / name).exists())


def _features(folder: Path, parts: Mapping[str, Any]) -> tuple[Feature, ...]:
    defined = {**FEATURES, **{one.name: one for one in deviations_of(FEATURES.values())}}
    missing = [name for name in parts["features"] if name not in defined]
    if missing:
        raise ModelFolderError(f"{folder}: trained on feature {missing[0]!r}, which the code does not define; retrain")
    features = tuple(defined[name] for name in parts["features"])
    if feature_digest(features) != parts["feature_digest"]:
        raise ModelFolderError(f"{folder}: trained on other definitions of its features than the code has; retrain")
    return features


def _peers(folder: Path, features: Sequence[Feature]) -> PeerReference | None:
    if (folder / PEERS).exists():
        return PeerReference.from_json(json.loads((folder / PEERS).read_text("utf-8")))
    deviating = [feature.name for feature in features if isinstance(feature, Deviation)]
    if deviating:
        raise ModelFolderError(f"{folder}: sees {deviating[0]!r}, expected {PEERS} beside it; copy it or train again")
    return None
