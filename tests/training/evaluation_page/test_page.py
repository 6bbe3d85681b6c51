"""What the page says and how it is built, read as a parser reads it."""

import json
import re
import tomllib
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from evaluations import UNKNOWN, bare, full
from plotly import graph_objects

import training.evaluation.page as package
from scoring.card import Card
from training.evaluation.page.page import page

KINDS = ("full", "bare", "leaking")
SECTIONS = ["glance", "card", "ranking", "calibration", "stability", "segments", "comparison", "movers",
            "monotonicity", "leakage", "withholding", "profit", "truth"]  # fmt: skip
VOID = {"meta", "img", "br", "link", "input", "hr"}
HERE = Path(package.__file__).parent


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    above: "Element | None"
    text: str = ""
    below: list["Element"] = field(default_factory=list)

    def all(self, *tags):
        for one in self.below:
            if one.tag in tags:
                yield one
            yield from one.all(*tags)

    def words(self, language=None):
        """Its text; of the elements marked with a language only those of the one asked for."""
        if language and self.attributes.get("lang", language) != language:
            return ""
        return self.text + "".join(one.words(language) for one in self.below)

    def around(self, tag):
        return self if self.tag == tag or self.above is None else self.above.around(tag)


class Tree(HTMLParser):
    """Elements with their attributes and text."""

    def __init__(self, html):
        super().__init__()
        self.root = self.here = Element("", {}, None)
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs), self.here)
        self.here.below.append(element)
        if tag not in VOID:
            self.here = element

    def handle_endtag(self, tag):
        assert self.here.tag == tag, f"got </{tag}> within <{self.here.tag}>"
        self.here = self.here.above

    def handle_data(self, data):
        self.here.text += data


@pytest.fixture(scope="session")
def trees(pages):
    return {kind: Tree(html).root for kind, html in pages.items()}


def section(tree, name):
    return next(one for one in tree.all("section") if one.attributes["id"] == name)


def test_every_section_is_there_in_order_and_in_the_contents(trees):
    assert [one.attributes["id"] for one in trees["full"].all("section")] == SECTIONS
    links = [link.attributes["href"] for nav in trees["full"].all("nav") for link in nav.all("a")]
    assert links == [f"#{name}" for name in SECTIONS]


@pytest.mark.parametrize("kind", KINDS)
def test_every_section_has_its_title_and_lead_in_both_languages(trees, kind):
    for one in trees[kind].all("section"):
        for element in (next(one.all("h2")), next(one.all("p"))):
            spans = {span.attributes["lang"]: span.text.strip() for span in element.all("span")}
            assert set(spans) == {"zh-CN", "en"}, one.attributes["id"]
            assert all(spans.values()), one.attributes["id"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_cell_is_empty_in_either_language(trees, kind):
    for cell in trees[kind].all("td", "th", "caption", "dd", "dt", "li"):
        for language in ("zh-CN", "en"):
            assert cell.words(language).strip(), cell.around("section").attributes["id"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_dash_says_why(trees, kind):
    dashes = [one for one in trees[kind].all("span") if one.text.strip() in {"—", "[—]"}]
    assert all(one.attributes.get("title") for one in dashes)
    assert kind == "full" or dashes


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_not_a_number_is_shown(trees, kind):
    said = next(trees[kind].all("main")).words()
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b|Words\(", said)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_loaded_from_elsewhere(trees, pages, kind):
    given = [value for one in trees[kind].all(*_every_tag(trees[kind])) for name, value in one.attributes.items()
             if name in {"src", "href", "srcset", "action", "data"}]  # fmt: skip
    assert all(value.startswith(("#", "data:image/png;base64,")) for value in given)
    styles = "".join(one.text for one in trees[kind].all("style"))
    assert "url(" not in styles
    assert "@import" not in styles
    assert "default-src 'none'" in pages[kind]


def test_plotly_is_there_once(pages):
    assert pages["full"].count("plotly.js v") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_tables_have_captions_and_scopes(trees, kind):
    for table in trees[kind].all("table"):
        assert len(list(table.all("caption"))) == 1
        assert all(head.attributes.get("scope") in {"col", "row"} for head in table.all("th"))


@pytest.mark.parametrize("kind", KINDS)
def test_ids_are_unique_and_charts_have_labels_and_tables_beside_them(trees, kind):
    ids = [one.attributes["id"] for one in trees[kind].all(*_every_tag(trees[kind])) if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    for figure in trees[kind].all("figure"):
        charts = [one for one in figure.all("div") if "data-chart" in one.attributes]
        for chart in charts:
            assert " / " in chart.attributes["aria-label"]
            assert chart.attributes["data-chart"] in ids
            assert list(figure.above.all("table"))


def test_chart_data_are_plain_json_without_not_a_number(trees):
    texts = [one.text for one in trees["full"].all("script") if one.attributes.get("type") == "application/json"]
    assert len(texts) >= 13
    for text in texts:
        json.loads(text, parse_constant=lambda name: pytest.fail(f"got {name}"))


def test_plotly_knows_every_word_of_the_charts(trees):
    for text in [one.text for one in trees["full"].all("script") if one.attributes.get("type") == "application/json"]:
        graph_objects.Figure(_filled(json.loads(text)))


def test_names_from_the_data_are_never_read_as_html():
    hostile = "</script><script>alert('x')</script><img src=x onerror=alert(1)>"
    given = full()
    segments = [replace(one, name=hostile, by=hostile, note=hostile) for one in given.segments[:2]]
    movers = [replace(one, feature=hostile, zh=hostile, en=hostile, direction=hostile) for one in given.movers[:2]]
    html = page(
        replace(given, data=hostile, data_digest=hostile, segments=segments, movers=movers, metrics={hostile: UNKNOWN}),
        card=Card(hostile, hostile, {hostile: hostile}, {}, ({"zh": hostile, "en": hostile},)),
        pictures={hostile: b""},
    )
    tree = Tree(html).root
    assert hostile in section(tree, "movers").words("en")
    assert not [one for one in tree.all("script") if one.text.startswith("alert")]
    assert not [one for one in tree.all("img") if "onerror" in one.attributes]
    assert hostile not in html


def test_without_a_champion_the_page_says_so(trees):
    assert "没有冠军模型" in section(trees["bare"], "comparison").words("zh-CN")
    assert "no champion" in section(trees["bare"], "comparison").words("en")


def test_without_the_simulated_truth_there_is_no_such_section(trees):
    assert "truth" not in [one.attributes["id"] for one in trees["bare"].all("section")]


def test_when_probes_find_nothing_the_page_names_those_that_ran(trees):
    assert len(list(section(trees["full"], "leakage").all("li"))) == 5
    found = section(trees["leaking"], "leakage").words("en")
    assert "alert('x')" in found
    assert "0.987" in found


def test_a_broken_promise_is_told(trees):
    assert "tree 3" in section(trees["leaking"], "monotonicity").words("en")
    assert "broken promises: 1" in section(trees["leaking"], "glance").words("en")


def test_figures_are_those_of_the_evaluation(trees):
    said = next(trees["full"].all("main")).words("en")
    for expected in ("18,432", "0.811", "[0.787, 0.836]", "+0.0123", "< 0.001", "−0.0021", "0.41%", "31,877"):
        assert expected in said, expected


def test_the_best_cut_off_is_the_one_with_the_highest_profit(trees):
    best = max(full().cuts, key=lambda cut: cut.profit.value)
    assert f"highest at {best.score:.0f} points" in section(trees["full"], "profit").words("en")


def test_the_verdict_counts_what_needs_attention(trees):
    assert "Needing attention: 1." in section(trees["full"], "glance").words("en")  # ECE 0.41 % is above the noise
    assert "could not be judged: 5." in section(trees["bare"], "glance").words("en")


def test_a_feature_is_called_by_its_phrase_with_its_name_small(trees):
    mover = full().movers[0]
    rows = [row for row in section(trees["full"], "movers").all("tr") if mover.zh in row.words("zh-CN")]
    assert [code.text for code in rows[0].all("code")] == [mover.feature]
    assert mover.en in rows[0].words("en")


def test_metrics_of_the_card_stand_with_their_intervals(trees):
    said = section(trees["full"], "card").words("en")
    assert "0.810" in said
    assert "[0.790, 0.830]" in said
    assert "[0.580, 0.660]" in said


def test_every_text_has_both_languages_and_every_text_named_is_there():
    texts = tomllib.loads((HERE / "words.toml").read_text("utf-8"))
    for name, section_ in texts.items():
        for key, pair in section_.items():
            assert set(pair) == {"zh", "en"}, f"{name}.{key}"
            assert all(pair.values()), f"{name}.{key}"
            assert set(re.findall(r"{\w+}", pair["zh"])) == set(re.findall(r"{\w+}", pair["en"])), f"{name}.{key}"
    source = "".join(path.read_text("utf-8") for path in HERE.iterdir() if path.suffix in {".py", ".j2"})
    for key in re.findall(r"""say\(["']([\w.]+)["']\)""", source):
        name, _, text = key.partition(".")
        assert text in texts[name], key


def test_texts_can_be_read_on_every_ground():
    """Contrast by WCAG 2: (lighter + 0.05) / (darker + 0.05) of the relative luminances, at least 4.5."""
    css = (HERE / "style.css").read_text("utf-8")
    for block in re.findall(r"{([^{}]*--paper:[^{}]*)}", css):
        colours = dict(re.findall(r"--([\w-]+): (#\w{6})", block))
        for ground in ("paper", "ground"):
            for ink in ("ink", "muted", "accent", "alarm"):
                assert _contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
        assert _contrast(colours["alarm"], colours["alarm-soft"]) >= 4.5


def test_an_evaluation_without_any_rows_still_gives_a_page():
    empty = replace(bare(), rows=0, enterprises=0, metrics={}, tenths=[], months=[], segments=[], cuts=[], withheld=[],
                    reliability=[])  # fmt: skip
    assert len(list(Tree(page(empty)).root.all("section"))) == len(SECTIONS) - 1


def _filled(value):
    """As the page's script fills in a language and colours."""
    if isinstance(value, dict):
        return value["en"] if "en" in value else {name: _filled(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one) for one in value]
    return "#000000" if isinstance(value, str) and value.startswith("--") else value


def _every_tag(tree):
    def tags(element):
        yield element.tag
        for one in element.below:
            yield from tags(one)

    return set(tags(tree))


def _contrast(one, other):
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
