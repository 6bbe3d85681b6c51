"""What a challenger said in the shadow of the champion, shown before it is judged."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from training.posted.shadow import Shadowed
    from training.registry import Registry

ShadowStore = Annotated[
    str | None,
    typer.Option("--store", metavar="URL", help="Show what it said in the shadow, from the service's store."),
]
DIGEST_SHOWN = 8


def show_shadow(registry: "Registry[Any]", version: str, store: str, console: "Console") -> None:
    """Say how a version did beside champions of the service while it was asked in the shadow.

    Raises:
        StoreError: the store cannot be read.
    """
    from training.registry import DIGEST

    digest = registry.client.get_model_version(registry.kind.name, version).tags.get(DIGEST)
    found = [one for one in _shadowed(registry, store) if one.challenger == digest]
    if not found:
        console.print(f"shadow 影子: version {version} was never asked beside a champion 未曾影子运行")
    for one in found:
        console.print(_told(one), soft_wrap=True)


def _shadowed(registry: "Registry[Any]", store: str) -> "tuple[Shadowed, ...]":
    from training.kinds import CREDIT
    from training.posted.posted import Posted
    from training.posted.shadow import shadowed_credits, shadowed_fits
    from training.posted.store import PostedStore

    opened = PostedStore(store)
    if registry.kind is CREDIT:
        return shadowed_credits(opened, Posted.of(opened))
    return shadowed_fits(opened)


def _told(one: "Shadowed") -> str:
    champion = one.champion.removeprefix("sha256:")[:DIGEST_SHOWN]
    parts = [
        f"shadow 影子: {one.decisions:,} decisions beside champion {champion} 与冠军并行",
        f"probabilities apart by 概率相差 {one.moved:.3f}",
        f"{one.milliseconds:.0f} ms each 每次",
    ]
    if one.same_top is not None:
        parts.append(f"of the first five shown the same 前五相同 {one.same_top:.0%}")
    if one.loss_difference is not None:
        loss = one.loss_difference
        answers = one.duel.rows.height
        parts.append(f"log loss {loss.value:+.4f} [{loss.low:+.4f}, {loss.high:+.4f}] on {answers:,} answers 条反馈")
    return "; ".join(parts)
