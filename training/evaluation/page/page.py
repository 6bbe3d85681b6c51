"""One self-contained HTML page of an evaluation: it opens from a file, offline, in Chinese and English."""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from plotly.offline import get_plotlyjs  # type: ignore[import-untyped]  # plotly ships no type information

from decisions.text import Text
from scoring.card import Card
from training.evaluation.page.facts import model_card
from training.evaluation.page.quality import calibration, profit, ranking, stability, truth
from training.evaluation.page.safety import leakage, monotonicity, movers, withholding
from training.evaluation.page.sections import Picture, Section
from training.evaluation.page.segments import comparison, segments
from training.evaluation.page.summary import glance
from training.evaluation.page.words import both, phrase, say
from training.evaluation.types import Evaluation

DEPENDENCE = "dependence_"
"""How the name of a picture begins that shows one feature's points over its values."""

NO_PICTURES: Mapping[str, bytes] = MappingProxyType({})


def page(evaluation: Evaluation, *, card: Card | None = None, pictures: Mapping[str, bytes] = NO_PICTURES) -> str:
    """The evaluation as HTML.

    Args:
        evaluation: what is shown; a value that is NaN or None becomes a dash that says why.
        card: of the model; None = the page says that none came.
        pictures: PNG files by name, as `training.evaluation.explanations.pictures` gives them.
    """
    told = [
        glance(evaluation),
        model_card(card),
        ranking(evaluation),
        calibration(evaluation),
        stability(evaluation),
        segments(evaluation),
        comparison(evaluation),
        movers(evaluation, [_picture(name, png) for name, png in pictures.items()]),
        monotonicity(evaluation),
        leakage(evaluation),
        withholding(evaluation),
        profit(evaluation),
        truth(evaluation),
    ]
    return _rendered([section for section in told if section is not None], evaluation)


def _rendered(sections: list[Section], evaluation: Evaluation) -> str:
    template = _environment().get_template("page.html.j2")
    return template.render(sections=sections, evaluation=evaluation, plotly=get_plotlyjs())


def _picture(name: str, png: bytes) -> Picture:
    return Picture(_caption(name), f"data:image/png;base64,{b64encode(png).decode('ascii')}")


def _caption(name: str) -> Text:
    if name == "beeswarm":
        return say("movers.beeswarm")
    if not name.startswith(DEPENDENCE):
        return Text(f"{say('movers.picture').zh} {name}", f"{say('movers.picture').en} {name}")
    shown, called = say("movers.dependence"), phrase(name.removeprefix(DEPENDENCE))
    return Text(f"{called.zh}。{shown.zh}", f"{called.en}. {shown.en}")


@cache
def _environment() -> Environment:
    policies: dict[str, Any] = {"json.dumps_kwargs": {"allow_nan": False, "ensure_ascii": False}}
    environment = Environment(
        loader=PackageLoader("training.evaluation.page", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies |= policies
    environment.globals |= {"say": say, "both": both}
    return environment
