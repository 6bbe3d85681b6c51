"""A model of fit on disk: a folder of LightGBM text and JSON, no pickle anywhere."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import lightgbm as lgb

from features.fingerprint import code_digest, feature_digest
from features.pairs.good_match import FIRM, PAIRS
from scoring.card import Card
from scoring.on_disk import digest_of_files, is_whole, replacing, write_json
from scoring.product_fit import BankView, FitModel, Head, Ruler, columns_seen

APPROVING, KEEPING = "approving.txt", "keeping.txt"
PARTS, CARD = "fit.json", "card.json"
CLEARING, SHARING = "clearing.txt", "sharing.txt"
"""Only there where the model tells refusals by rule from others, and where it says something of amounts."""

FILES = (APPROVING, KEEPING, PARTS, CARD)
FORMAT = 1
PAIR_CODE = ("definition.py", "cross.py", "ties.py", "good_match.py")
"""Files of `features.pairs` that every pair's numbers pass through."""

GRANTED = ("granted_share", "usual_share", "granted_rate", "usual_rate")
"""What past approvals granted, as `FitModel` names it."""

NOT_A_MODEL = (
    OSError,
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    lgb.basic.LightGBMError,
)


class FitFolderError(ValueError):
    """A folder that is no model of fit, or one that this code must not run."""


def pair_digest() -> str:
    """Digest of what the columns mean that models of fit see: definitions, and the code that crosses pairs."""
    pairs = [(one.name, one.unit, one.approval, str(one.expression)) for one in PAIRS]
    code = code_digest(f"pairs/{name}" for name in PAIR_CODE)
    return "sha256:" + hashlib.sha256(json.dumps([feature_digest(FIRM), pairs, code]).encode()).hexdigest()


def save(model: FitModel, folder: Path) -> FitModel:
    """Write the model beside `folder`, then put it in the place of an older one.

    Returns:
        The model with its digest.

    Raises:
        FitFolderError: what is there is no folder of such a model, so that it must not be replaced.
    """
    folder = folder.resolve()
    check_replaceable(folder)
    parts = {
        "format": FORMAT,
        "columns": columns_seen(),
        "pair_digest": pair_digest(),
        "rulers": [asdict(ruler) for ruler in model.rulers],
        "approving": _head_as_json(model.approving),
        "keeping": _head_as_json(model.keeping),
        "clearing": None if model.clearing is None else _head_as_json(model.clearing),
        "pass_share": {product: dict(shares) for product, shares in model.pass_share.items()},
        "granted": {name: _plain(getattr(model, name)) for name in GRANTED},
    }
    with replacing(folder) as unfinished:
        model.approving.booster.save_model(str(unfinished / APPROVING))
        model.keeping.booster.save_model(str(unfinished / KEEPING))
        if model.clearing is not None:
            model.clearing.booster.save_model(str(unfinished / CLEARING))
        if model.sharing is not None:
            model.sharing.save_model(str(unfinished / SHARING))
        write_json(unfinished / PARTS, parts)
        write_json(unfinished / CARD, asdict(model.card))
    return replace(model, digest=digest_of(folder))


def check_replaceable(folder: Path) -> None:
    """See that saving a model to `folder` would remove nothing but an older one.

    Raises:
        FitFolderError: something else is there.
    """
    if folder.is_dir() and {path.name for path in folder.iterdir()} <= {*FILES, CLEARING, SHARING}:
        return
    if folder.exists():
        raise FitFolderError(f"{folder}: expected a new folder or that of a model of fit, which would be replaced")


def load(folder: Path) -> FitModel:
    """Read the folder of a model of fit.

    Raises:
        FitFolderError: files are missing or broken, or the model was trained on features of pairs that the code no
            longer defines in the same way.
    """
    try:
        parts, card = (json.loads((folder / name).read_text("utf-8")) for name in (PARTS, CARD))
        _check_features(folder, parts)
        rulers = tuple(Ruler(tuple(one["at"]), tuple(one["scores"])) for one in parts["rulers"])
        model = FitModel(
            approving=_head(folder / APPROVING, parts["approving"], width=len(rulers)),
            keeping=_head(folder / KEEPING, parts["keeping"], width=len(rulers)),
            rulers=rulers,
            card=Card(**{**card, "limits": tuple(card["limits"])}),
            digest=digest_of(folder),
            clearing=_head(folder / CLEARING, parts["clearing"], width=len(rulers)) if parts["clearing"] else None,
            sharing=_booster(folder / SHARING, width=len(rulers)) if (folder / SHARING).exists() else None,
            pass_share=parts["pass_share"],
            **{name: parts["granted"][name] for name in GRANTED},
        )
    except FitFolderError:
        raise
    except NOT_A_MODEL as error:
        why = " ".join(str(error).split())
        raise FitFolderError(f"{folder}: no folder of a model of fit ({why}); `xinpei train fit` writes one") from error
    return model


def digest_of(folder: Path) -> str:
    """Digest over the names and bytes of a folder's files."""
    optional = [name for name in (CLEARING, SHARING) if (folder / name).exists()]
    return digest_of_files(folder / name for name in (*FILES, *optional))


def _check_features(folder: Path, parts: Mapping[str, Any]) -> None:
    if parts["format"] != FORMAT:
        raise FitFolderError(f"{folder}: got format {parts['format']!r}, expected {FORMAT}")
    unknown = [name for name in parts["columns"] if name not in columns_seen()]
    if unknown:
        raise FitFolderError(f"{folder}: trained on {unknown[0]!r}, which good_match.py does not list; retrain")
    if tuple(parts["columns"]) != columns_seen() or parts["pair_digest"] != pair_digest():
        raise FitFolderError(f"{folder}: trained on other features of pairs than the code defines; retrain")
    if len(parts["rulers"]) != len(columns_seen()):
        raise FitFolderError(f"{folder}: got {len(parts['rulers'])} rulers, expected {len(columns_seen())}")


def _booster(path: Path, *, width: int) -> lgb.Booster:
    text = path.read_text("utf-8")
    if not is_whole(text):
        raise FitFolderError(f"{path.parent}: {path.name} is cut short; copy the model or train again")
    booster = lgb.Booster(model_str=text)
    if booster.num_feature() != width:
        raise FitFolderError(f"{path.parent}: {path.name} sees {booster.num_feature()} columns, expected {width}")
    return booster


def _head(path: Path, parts: Mapping[str, Any], *, width: int) -> Head:
    return Head(
        _booster(path, width=width),
        usual=_view(path, parts["usual"], width=width),
        banks={str(bank): _view(path, view, width=width) for bank, view in parts["banks"].items()},
        products={str(product): float(shift) for product, shift in parts["products"].items()},
    )


def _view(path: Path, parts: Mapping[str, Any], *, width: int) -> BankView:
    view = BankView(float(parts["intercept"]), float(parts["weight"]), tuple(map(float, parts["slopes"])))
    if len(view.slopes) != width:
        raise FitFolderError(f"{path.parent}: got a view of {len(view.slopes)} slopes, expected {width}")
    if view.weight <= 0.0:
        raise FitFolderError(f"{path.parent}: got weight {view.weight}, expected more than 0, or the order would turn")
    return view


def _head_as_json(head: Head) -> dict[str, Any]:
    return {
        "usual": asdict(head.usual),
        "banks": {bank: asdict(view) for bank, view in head.banks.items()},
        "products": dict(head.products),
    }


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
