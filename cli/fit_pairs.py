"""Past applications as the sub-commands of product fit take them: of a source, of posted outcomes, or both."""

import datetime as dt
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import name_of

if TYPE_CHECKING:
    from rich.console import Console

    from training.metrics import Estimate
    from training.posted.posted import Posted
    from training.product_fit.sample import PairSample, Rules

DAY = "%Y-%m-%d"
LEFT_OUT = {
    "product_not_offered": "for products that the catalogue does not offer 产品不在目录中",
    "no_records": "of enterprises without records 企业无数据",
}

Data = Annotated[str | None, typer.Option(help="Folder with the tables, lake, or PostgreSQL URL.")]
Store = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Outcomes posted to the service: its database, such as sqlite:///…"),
]
RulesOn = Annotated[
    dt.datetime | None,
    typer.Option(formats=[DAY], help="Day whose catalogue and policy products are judged by.  [default: today]"),
]
Illustrative = Annotated[
    bool, typer.Option("--illustrative", help="Applications may be for invented products, as in the demonstration.")
]


def estimate_told(estimate: "Estimate | None") -> str:
    """As tables of this model show it; a dash where too little is known."""
    return "—" if estimate is None or isnan(estimate.value) else str(estimate)


@dataclass(frozen=True)
class Given:
    """Past applications.

    Attributes:
        name: what they are called.
        newest_from: day from which the newest of the posted outcomes are; None without any.
    """

    name: str
    sample: "PairSample"
    newest_from: dt.date | None = None


def rules_of(on: dt.datetime | None, *, illustrative: bool) -> "Rules":
    """The catalogue and policy of a day, today unless told otherwise."""
    from cli.configuration import read_settings
    from decisions.offered.catalogue import load_catalogue
    from decisions.policies import policy_on
    from sources.clock import today_in_beijing
    from training.product_fit.sample import Rules

    day = on.date() if on else today_in_beijing()
    catalogue = load_catalogue(illustrative=illustrative or read_settings().illustrative)
    return Rules(catalogue.on(day), policy_on(day))


def pairs_given(data: str | None, store: str | None, mapping: str | None, rules: "Rules", console: "Console") -> Given:
    """The applications of a source, of the outcomes in a store, or of both.

    Raises:
        PairSampleError: neither is given, or there is nothing to learn from.
        StoreError: the store cannot be read.
    """
    from training.posted.pairs import newest_from
    from training.product_fit.sample import PairSample, PairSampleError

    if data is None and store is None:
        raise PairSampleError("got neither --data nor --store, expected at least one with past applications")
    parts = [] if data is None else [_of_data(data, mapping, rules, console)]
    names = [] if data is None else [name_of(data)]
    newest = None
    if store is not None:
        posted = _of_store(store, rules, console)
        parts.append(posted)
        names.append("posted outcomes")
        newest = newest_from(posted)
    sample = PairSample.joined(parts)
    _show_sample(sample, console)
    return Given(" + ".join(names), sample, newest)


def _of_store(store: str, rules: "Rules", console: "Console") -> "PairSample":
    from training.posted.pairs import posted_pairs
    from training.posted.posted import Posted
    from training.posted.store import PostedStore

    with console.status("reading outcomes 读取反馈"):
        posted = Posted.of(PostedStore(store))
        pairs = posted_pairs(posted, rules=rules)
    _show_posted(posted, pairs, console)
    return pairs


def _show_posted(posted: "Posted", pairs: "PairSample", console: "Console") -> None:
    console.print(
        f"{posted.outcomes.height:,} outcomes of {posted.decisions.height:,} decisions 条反馈: {len(pairs):,} "
        f"applications 笔申请, known whether the loan was kept 已知履约: {int((pairs.kept >= 0).sum()):,}"
    )


def _of_data(data: str, mapping: str | None, rules: "Rules", console: "Console") -> "PairSample":
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    from cli.rendering import tell_rejects
    from sources.clock import today_in_beijing
    from training.product_fit.source import Told, sample_of_source

    columns = (*Progress.get_default_columns()[:-1], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("looking at applications 逐笔查看申请", total=None)
        told = Told(
            total=lambda count: progress.update(bar, total=count),
            seen=lambda count: progress.advance(bar, count),
            rejects=tell_rejects,
        )
        return sample_of_source(data, rules, mapping=mapping, today=today_in_beijing(), told=told)


def _show_sample(sample: "PairSample", console: "Console") -> None:
    ruled_out = int((sample.ruled_out_by > 0).sum())
    console.print(
        f"{len(sample):,} applications 笔申请; ruled out by known facts, not learned from 已知事实排除: {ruled_out:,}"
    )
    for reason, count in sample.left_out.items():
        if count:
            console.print(f"left out 未使用: {count:,} {LEFT_OUT.get(reason, reason)}")
