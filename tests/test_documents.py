"""What the documents say is there is there: commands, targets, files, settings, calls, fields, numbers."""

import datetime as dt
import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import typer.main

from cli.main import app
from decisions.answer_parts import match_part, score_part
from decisions.facts import Facts
from decisions.grades import standing
from decisions.match.matching import match
from decisions.offered.catalogue import load_catalogue
from decisions.policies import policy_on
from decisions.reasons import explain
from features.sets import FEATURES
from scoring.explained import Scored
from serving.answer_types import MatchAnswer
from serving.api_types import MatchRequest
from serving.problems import ProblemError
from serving.routes import ROUTES, find_route
from serving.settings import Settings
from training.tracking import URI_VARIABLE

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = (
    *READMES,
    "CONTRIBUTING.md",
    "GLOSSARY.md",
    "CHANGELOG.md",
    "docs/architecture.md",
    "docs/data.md",
    "docs/decisions.md",
    "docs/fit.md",
    "docs/mapping.md",
    "docs/models.md",
    "docs/simulation.md",
)
PATH = r"(benchmarks|cli|decisions|docs|features|notebooks|scoring|serving|simulation|sources|tests|training)/[\w./-]+"
"""What looks like a file or folder of ours."""

DAY = dt.date(2026, 11, 22)

in_documents = pytest.mark.parametrize("document", DOCUMENTS)
in_readmes = pytest.mark.parametrize("readme", READMES)


def text_of(document):
    return (ROOT / document).read_text("utf-8")


def blocks(document, language):
    """The fenced blocks of a language, their continued lines joined."""
    return re.findall(rf"```{language}\n(.*?)```", text_of(document).replace("\\\n", ""), re.DOTALL)


def code_in(document):
    """Lines of shell blocks without their comments, and what stands between backticks elsewhere."""
    shell = "\n".join(blocks(document, "sh"))
    prose = re.sub(r"```.*?```", "", text_of(document), flags=re.DOTALL)
    return [line.split("  #")[0].strip() for line in shell.splitlines()] + re.findall(r"`([^`\n]+)`", prose)


def commands_in(document):
    return [line for line in code_in(document) if re.match(r"(xinpei|make|curl|\.venv/bin/\w+) ", line)]


def requests_in(document):
    """The bodies that its shell blocks send."""
    return re.findall(r"<<'JSON'\n(.*?)\nJSON\n", text_of(document), re.DOTALL)


def options_of(words):
    """The options of a sub-command; KeyError where there is no such sub-command."""
    command = typer.main.get_command(app)
    for word in words:
        if not hasattr(command, "commands"):
            break
        command = command.commands[word]
    return {option for parameter in command.params for option in parameter.opts} | {"--help"}


@in_documents
def test_every_sub_command_named_exists_with_its_options(document):
    for line in commands_in(document):
        program, *words = line.split()
        if program == "xinpei":
            assert {word for word in words if word.startswith("--")} <= options_of(words), line


@in_documents
def test_every_make_target_named_exists(document):
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    assert {line.split()[1] for line in commands_in(document) if line.startswith("make ")} <= targets


@in_documents
def test_every_file_linked_or_named_exists(document):
    links = [link for link in re.findall(r"\]\(([^)#]+)", text_of(document)) if "://" not in link]
    assert [link for link in links if not (ROOT / document).parent.joinpath(link).exists()] == []
    named = [code for code in code_in(document) if re.fullmatch(PATH, code)]
    assert [path for path in named if not (ROOT / path).exists()] == []


@in_documents
def test_every_section_linked_exists(document):
    headings = re.findall(r"^#+ (.+)$", text_of(document), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", text_of(document))) <= anchors


@in_readmes
def test_the_settings_are_those_of_the_service(readme):
    told = dict(re.findall(r"^\| `(XINPEI_\w+)` \| (`[^`]+`|–) \|", text_of(readme), re.MULTILINE))
    defaults = {f"XINPEI_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    shown = {False: "`false`", None: "–"}
    assert told == {name: shown.get(value, f"`{value}`") for name, value in defaults.items()}


@in_documents
def test_every_variable_named_is_a_setting(document):
    settings = {f"XINPEI_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"XINPEI_[A-Z_]+", text_of(document))) <= settings | {URI_VARIABLE}


def test_both_readmes_give_the_same_commands_requests_and_answers():
    english, chinese = READMES
    assert Counter(commands_in(english)) == Counter(commands_in(chinese))
    assert requests_in(english) == requests_in(chinese)
    assert blocks(english, "json") == blocks(chinese, "json")


def table_rows(readme, mark):
    """First cell of each table row whose second begins with a mark: ✓ for what is built, – for what is not."""
    return re.findall(rf"^\| ([^|]+) \| {mark}", text_of(readme), re.MULTILINE)


def calls(readme, mark):
    cells = " ".join(table_rows(readme, mark))
    return set(re.findall(r"`(GET|POST|PUT|DELETE) (/[^`]*)`", cells))


@in_readmes
def test_the_calls_said_to_be_built_are_the_routes(readme):
    assert {find_route(*call) for call in calls(readme, "✓")} == set(ROUTES)


@in_readmes
def test_the_calls_said_not_to_be_built_are_no_routes(readme):
    missing = calls(readme, "–")
    assert missing
    for call in missing:
        with pytest.raises(ProblemError):
            find_route(*call)


@pytest.fixture(scope="module")
def answer():
    """What decisions say of an enterprise of whom nothing is known."""
    facts, policy, scored = Facts({}), policy_on(DAY), Scored("Y1110108XP000001X5", 600, 600.0, 600.0, (), ())
    score = score_part(scored, standing(600, facts, policy), explain(scored, (), {}, policy=policy, as_of=DAY))
    matched = match(facts, scored, catalogue=load_catalogue(illustrative=False).on(DAY), policy=policy)
    return score | match_part(matched, top=3)


@in_readmes
def test_the_fields_said_to_be_empty_are_empty(readme, answer):
    fields = re.findall(r"`(?:(products)\[\]\.)?([a-z_]+)`", " ".join(table_rows(readme, "–")))
    assert {field for within, field in fields if not within} <= set(MatchAnswer.model_fields)
    for within, field in fields:
        values = [product[field] for product in answer["products"]] if within else [answer.get(field)]
        assert all(value in (None, []) for value in values), field


@in_readmes
def test_the_request_is_one_that_the_service_takes(readme):
    [body] = requests_in(readme)
    assert MatchRequest.model_validate_json(body).enterprise_id == "Y1110108XP000001X5"


@in_readmes
def test_the_answer_has_no_field_that_the_service_does_not_give(readme):
    [body] = blocks(readme, "json")
    with pytest.raises(ValueError, match="MatchAnswer") as refused:
        MatchAnswer.model_validate(json.loads(body))
    assert {error["type"] for error in refused.value.errors()} == {"missing"}


@pytest.mark.parametrize(
    ("readme", "features", "products", "of_status"),
    [
        ("README.md", "{} features", "{} products", "{} are `{}`"),
        ("README.zh-CN.md", "{} 个特征", "{} 个产品", "{} 个为 `{}`"),
    ],
    ids=READMES,
)
def test_the_numbers_of_features_and_products_are_true(readme, features, products, of_status):
    every = {entry.product.id: entry.product for entry in load_catalogue(illustrative=True).entries}
    statuses = Counter(product.status for product in every.values())
    told = [features.format(len(FEATURES)), products.format(statuses.total())]
    told += [of_status.format(count, status) for status, count in statuses.items()]
    assert [words for words in told if words not in text_of(readme)] == []


def test_the_changelog_tells_of_this_version():
    version = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]
    assert f"## [{version}]" in text_of("CHANGELOG.md")
