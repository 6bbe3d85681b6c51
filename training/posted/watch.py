"""Whether the champion has done worse since its promotion than the one before would have done."""

import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoring.model import Model
from training.history import Promotion, standing
from training.posted.betting import Bet, bet, rollback_policy
from training.posted.duel import Duel, credit_duel, fit_duel
from training.posted.posted import Posted
from training.posted.store import PostedStore
from training.product_fit.sample import PairSampleError, Rules
from training.registry import Registry

WITHOUT_MICROSECONDS = 19


@dataclass(frozen=True)
class Watched:
    """What was found.

    Attributes:
        champion, before: versions; None where there is nothing to compare.
        since: moment of the promotion.
        bet: how the bet went; None where nothing could be compared.
        zh, en: the finding as a sentence.
    """

    champion: str | None
    before: str | None
    since: str
    bet: Bet | None
    zh: str
    en: str

    @property
    def is_worse(self) -> bool:
        return self.bet is not None and self.bet.settled is not None


def watch(registry: Registry[Any], store: PostedStore, *, on: dt.date, rules: Rules) -> Watched:
    """Compare the champion with the one before on decisions taken since the promotion that became known since.

    Both are asked anew with the stored requests of those decisions, so that neither has seen what became of them.

    Args:
        registry: of either model.
        store: of the service.
        on: day whose numbers apply.
        rules: catalogue and policy that pairs are seen by.

    Raises:
        RegistryError: the folder of a version cannot be fetched.
        StoreError: the store does not answer.
        NotInForceError: no numbers are in force on that day.
    """
    history = registry.history()
    line = standing(history)
    if not history or len(line) < 2 or history[-1].kind != "promote":  # noqa: PLR2004 - the champion and one before
        champion = line[-1] if line else None
        zh, en = "最近没有上线，或之前没有冠军模型", "no promotion is the newest entry, or no champion stood before it"
        return Watched(champion, None, "", None, zh, en)
    entry = history[-1]
    duel = _duel(registry, store, entry, before=line[-2], on=on, rules=rules)
    return _found(entry, line[-2], bet(duel.differences, duel.enterprises, rollback_policy(on)))


def _duel(
    registry: Registry[Any], store: PostedStore, entry: Promotion, *, before: str, on: dt.date, rules: Rules
) -> Duel:
    posted = Posted.of(store, since=_moment(entry.when), today=on)
    ours, theirs = _fetched(registry, entry.to_version), _fetched(registry, before)
    if isinstance(ours, Model):
        return credit_duel(posted, ours, theirs)
    try:
        return fit_duel(posted, ours, theirs, rules=rules)
    except PairSampleError:
        return Duel.empty()


def _moment(when: str) -> str:
    """A moment of the history as the store writes moments, so that they compare as text."""
    return dt.datetime.fromisoformat(when).astimezone(dt.UTC).isoformat()[:WITHOUT_MICROSECONDS]


def _fetched(registry: Registry[Any], version: str) -> Any:
    with tempfile.TemporaryDirectory() as scratch:
        return registry.fetch(version, Path(scratch) / "model")


def _found(entry: Promotion, before: str, made: Bet) -> Watched:
    """The finding in words, with the mean difference, the answers, and the evidence beside what is needed."""
    told = f"{made.mean:+.4f}, {made.answers:,}; {made.wealth:.3g} / {made.needed:.3g}"
    if made.settled is None:
        zh = f"未显示第{entry.to_version}版差于第{before}版（布里尔分均差、笔数；证据）：{told}"
        en = f"version {entry.to_version} is not shown to be worse than {before}"
    else:
        zh = f"第{entry.to_version}版差于第{before}版（布里尔分均差、笔数；证据）：{told}"
        en = f"version {entry.to_version} is worse than {before}, settled with answer {made.settled:,}"
    return Watched(
        entry.to_version, before, entry.when, made, zh, f"{en} (Brier score's difference, answers; evidence): {told}"
    )
