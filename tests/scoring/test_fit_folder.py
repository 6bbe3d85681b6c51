import json

import pytest
from fit_samples import model_of, pairs_of

from scoring.fit_folder import FitFolderError, digest_of, load, save
from scoring.product_fit import columns_seen


@pytest.fixture
def folder(tmp_path):
    save(model_of(), tmp_path / "fit")
    return tmp_path / "fit"


def rewrite(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def test_a_saved_model_says_the_same_when_loaded(folder):
    pairs, model = pairs_of(40), model_of()
    loaded = load(folder)
    assert loaded.fits(pairs).approval.tolist() == model.fits(pairs).approval.tolist()
    assert loaded.contributions(pairs).tolist() == model.contributions(pairs).tolist()
    kept = ("granted_share", "usual_share", "granted_rate", "usual_rate", "card")
    assert [getattr(loaded, name) for name in kept] == [getattr(model, name) for name in kept]


def test_parts_that_a_model_may_have_are_kept(tmp_path):
    pairs, model = pairs_of(40), model_of(clears=True)
    saved = save(model, tmp_path / "fit")
    loaded = load(tmp_path / "fit")
    assert loaded.fits(pairs).approval.tolist() == model.fits(pairs).approval.tolist()
    assert loaded.fits(pairs).share.tolist() == model.fits(pairs).share.tolist()
    assert (loaded.pass_share, loaded.digest) == (model.pass_share, saved.digest)


def test_a_part_that_is_gone_is_missed(tmp_path):
    save(model_of(clears=True), tmp_path / "fit")
    (tmp_path / "fit" / "clearing.txt").unlink()
    with pytest.raises(FitFolderError, match="no folder of a model of fit"):
        load(tmp_path / "fit")


def test_a_folder_holds_text_and_json_only(folder):
    names = ["approving.txt", "card.json", "fit.json", "keeping.txt"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert all(path.read_text("utf-8") for path in folder.iterdir())


def test_the_digest_is_of_the_files(folder):
    loaded = load(folder)
    assert loaded.digest == digest_of(folder) == save(model_of(), folder).digest
    rewrite(folder / "card.json", version="another")
    assert load(folder).digest != loaded.digest


def test_a_model_on_an_unknown_column_is_refused(folder):
    rewrite(folder / "fit.json", columns=["shoe_size", *columns_seen()[1:]])
    with pytest.raises(FitFolderError, match=r"'shoe_size', which good_match\.py does not list; retrain"):
        load(folder)


@pytest.mark.parametrize("changes", [{"pair_digest": "sha256:0"}, {"columns": list(columns_seen()[::-1])}])
def test_a_model_on_columns_defined_otherwise_is_refused(folder, changes):
    rewrite(folder / "fit.json", **changes)
    with pytest.raises(FitFolderError, match="other features of pairs"):
        load(folder)


@pytest.mark.parametrize("name", ["approving.txt", "keeping.txt", "fit.json", "card.json"])
def test_a_folder_with_a_missing_or_broken_file_is_refused(folder, name):
    (folder / name).write_text("broken")
    with pytest.raises(FitFolderError):
        load(folder)
    (folder / name).unlink()
    with pytest.raises(FitFolderError, match="no folder of a model of fit"):
        load(folder)


def test_a_booster_cut_short_is_refused(folder):
    text = (folder / "approving.txt").read_text()
    (folder / "approving.txt").write_text(text[: text.index("Tree=3")])
    with pytest.raises(FitFolderError, match=r"approving.txt is cut short"):
        load(folder)


def test_a_bank_whose_weight_would_turn_the_order_is_refused(folder):
    parts = json.loads((folder / "fit.json").read_text("utf-8"))
    parts["approving"]["banks"]["bank-0"]["weight"] = -1.0
    rewrite(folder / "fit.json", **parts)
    with pytest.raises(FitFolderError, match=r"got weight -1\.0, expected more than 0"):
        load(folder)


def test_a_folder_of_something_else_is_not_replaced(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("mine")
    with pytest.raises(FitFolderError, match="which would be replaced"):
        save(model_of(), tmp_path / "letters")


def test_saving_again_replaces_the_older_folder_and_leaves_nothing_behind(folder):
    save(model_of(), folder)
    assert [path.name for path in folder.parent.iterdir()] == ["fit"]
