from features import catalogue
from features.catalogue import entries, markdown
from features.peers import PEER_BASES
from features.sets import FEATURES
from sources.contracts import BLOCKS

ENTRIES = {entry.name: entry for entry in entries()}


def test_every_feature_is_told_once_in_the_order_of_the_sets():
    names = [entry.name for entry in entries()]
    assert names[: len(FEATURES)] == list(FEATURES)
    assert len(set(names)) == len(names)


def test_deviations_come_last_and_name_what_they_deviate_with():
    deviations = entries()[len(FEATURES) :]
    assert [one.inputs for one in deviations] == [(name,) for name in FEATURES if name in PEER_BASES]
    assert all(one.name == f"{one.inputs[0]}_vs_peers" for one in deviations)


def test_an_entry_says_what_its_feature_says():
    entry, feature = ENTRIES["buyer_hhi_12m"], FEATURES["buyer_hhi_12m"]
    assert (entry.blocks, entry.sources, entry.inputs) == (("invoice",), ("vat_invoices",), ())
    assert (entry.unit, entry.risk, entry.group, entry.window) == ("ratio", "rises", "BUYERS", 12)
    assert (entry.zh, entry.en) == (feature.zh, feature.en)


def test_the_page_has_one_line_for_each_feature():
    lines = markdown().splitlines()
    for name in ENTRIES:
        assert sum(line.startswith(f"| `{name}` |") for line in lines) == 1, name


def test_every_line_of_a_table_has_its_columns():
    rows = [line for line in markdown().splitlines() if line.startswith("| `")]
    assert {row.count("|") for row in rows} == {9}


def test_the_counts_add_up():
    counted = [line.split("|")[2] for line in markdown().splitlines() if line.startswith("|") and line.count("|") == 3]
    *parts, whole = [int(cell) for cell in counted if cell.strip().isdigit()]
    assert sum(parts) == whole == len(ENTRIES)


def test_every_block_has_a_chinese_name():
    assert set(catalogue.NAMES_ZH) >= set(BLOCKS)


def test_the_digest_is_of_definitions():
    assert catalogue.digest().startswith("sha256:")
