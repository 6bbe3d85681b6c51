import hashlib
import json

import polars as pl
import pytest
from small_trees import NAMES

from features.fingerprint import feature_digest
from features.sets import FEATURES
from scoring.folder import ModelFolderError, digest_of, load, save


@pytest.fixture
def folder(tmp_path, model):
    save(model, tmp_path / "model")
    return tmp_path / "model"


def rewrite(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_saved_model_scores_the_same_when_loaded(folder, model):
    row = pl.DataFrame({"enterprise_id": ["e"], **{name: [0.3] for name in NAMES}})
    assert load(folder).score(row) == model.score(row)


def test_a_folder_holds_text_and_json_only(folder):
    assert sorted(path.name for path in folder.iterdir()) == ["booster.txt", "card.json", "model.json"]
    assert all(path.read_text("utf-8") for path in folder.iterdir())


def test_the_digest_is_of_the_files(folder, model):
    loaded = load(folder)
    assert loaded.digest == digest_of(folder) == save(model, folder).digest
    rewrite(folder / "card.json", version="2")
    assert load(folder).digest != loaded.digest


def test_a_model_on_an_unknown_feature_is_refused(folder):
    rewrite(folder / "model.json", features=["sales_12m", "shoe_size", "margin_12m", "void_share_12m"])
    with pytest.raises(ModelFolderError, match="'shoe_size', which the code does not define; retrain"):
        load(folder)


def test_a_model_on_features_defined_otherwise_is_refused(folder):
    rewrite(folder / "model.json", feature_digest="sha256:0")
    with pytest.raises(ModelFolderError, match="other definitions"):
        load(folder)


@pytest.mark.parametrize("name", ["booster.txt", "model.json", "card.json"])
def test_a_folder_with_a_missing_or_broken_file_is_refused(folder, name):
    (folder / name).write_text("broken")
    with pytest.raises(ModelFolderError, match="not a model folder"):
        load(folder)
    (folder / name).unlink()
    with pytest.raises(ModelFolderError, match="not a model folder"):
        load(folder)


def test_a_booster_of_another_width_is_refused(folder):
    parts = json.loads((folder / "model.json").read_text())

    fewer = parts["features"][:3]
    rewrite(folder / "model.json", features=fewer, feature_digest=feature_digest([FEATURES[name] for name in fewer]))
    with pytest.raises(ModelFolderError, match="got a booster of 4 features, expected 3"):
        load(folder)


def test_saving_again_replaces_the_older_folder_and_leaves_nothing_behind(folder, model):
    save(model, folder)
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_booster_cut_short_is_refused(folder):
    text = (folder / "booster.txt").read_text()
    (folder / "booster.txt").write_text(text[: text.index("Tree=3")])
    with pytest.raises(ModelFolderError, match="is cut short"):
        load(folder)


@pytest.mark.parametrize("content", [b"\xf1\x00", b"[]", b'{"bands": []}'])
def test_parts_that_are_none_are_refused(folder, content):
    (folder / "model.json").write_bytes(content)
    with pytest.raises(ModelFolderError, match="not a model folder"):
        load(folder)


def test_a_folder_of_something_else_is_never_replaced(tmp_path, model):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ModelFolderError, match="expected a new folder or that of a model"):
        save(model, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


@pytest.fixture
def folder_with_peers(tmp_path, model_with_peers):
    save(model_with_peers, tmp_path / "peers")
    return tmp_path / "peers"


def test_a_reference_of_peers_is_saved_beside_the_model(folder_with_peers, model_with_peers):
    assert (folder_with_peers / "peers.json").is_file()
    loaded = load(folder_with_peers)
    assert loaded.peers == model_with_peers.peers
    assert [feature.name for feature in loaded.features] == [feature.name for feature in model_with_peers.features]


def test_the_digest_is_of_the_peers_too(folder_with_peers):
    before = load(folder_with_peers).digest
    rewrite(folder_with_peers / "peers.json", minimum=29)
    assert load(folder_with_peers).digest != before


def test_without_peers_the_files_and_their_digest_are_as_ever(folder):
    """Over the names and bytes of three files, in the order of their names."""
    total = hashlib.sha256()
    for name in ("booster.txt", "card.json", "model.json"):
        total.update(name.encode() + b"\0" + hashlib.sha256((folder / name).read_bytes()).digest())
    assert digest_of(folder) == f"sha256:{total.hexdigest()}"


def test_a_model_that_compares_with_peers_needs_their_file(folder_with_peers):
    (folder_with_peers / "peers.json").unlink()
    with pytest.raises(ModelFolderError, match=r"sees 'margin_12m_vs_peers', expected peers\.json beside it"):
        load(folder_with_peers)


@pytest.mark.parametrize(
    "content", ["broken", "[]", "{}", '{"format": 2}', '{"format": 1, "minimum": 1, "groups": [1]}']
)
def test_peers_that_are_none_are_refused(folder_with_peers, content):
    (folder_with_peers / "peers.json").write_text(content)
    with pytest.raises(ModelFolderError, match="not a model folder"):
        load(folder_with_peers)


def test_a_folder_with_peers_may_be_replaced_and_forgets_them(folder_with_peers, model):
    save(model, folder_with_peers)
    assert load(folder_with_peers).peers is None


def test_costs_of_missing_blocks_the_pd_and_what_is_usual_are_saved_too(tmp_path, whole_model):
    save(whole_model, tmp_path / "whole")
    loaded = load(tmp_path / "whole")
    assert (loaded.withheld, loaded.pd, loaded.usual) == (whole_model.withheld, whole_model.pd, whole_model.usual)


def test_a_model_without_them_stays_without(folder):
    loaded = load(folder)
    assert (dict(loaded.withheld), loaded.pd, loaded.usual) == ({}, None, None)


def test_a_curve_that_rises_is_refused(tmp_path, whole_model):
    save(whole_model, tmp_path / "whole")
    parts = json.loads((tmp_path / "whole" / "model.json").read_text("utf-8"))
    rewrite(tmp_path / "whole" / "model.json", pd={**parts["pd"], "log_odds": [-4.0, 0.0]})
    with pytest.raises(ModelFolderError, match="expected points that rise and log odds of default that do not"):
        load(tmp_path / "whole")
