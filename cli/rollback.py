"""`xinpei rollback`: put the champion before the present one back into use, on a word or when outcomes say so."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.failing import clear_line_on
from cli.kinds import Which, WhichModel, kind_of
from cli.options import TRACKING, Tracking, TrackingUri
from cli.promote import (
    KEY_FILE,
    KeyFile,
    Out,
    ReloadUrl,
    exported,
    one_line_for_what_can_be_mended,
    opened,
    tell,
)

if TYPE_CHECKING:
    from training.posted.watch import Watched
    from training.registry import Registry

BY_ITSELF = "xinpei rollback --if-worse"

Who = Annotated[str | None, typer.Option(help="Who answers for it; kept in the history. Needed unless --if-worse.")]
Why = Annotated[str | None, typer.Option(help="Why; kept in the history. Needed unless --if-worse.")]
IfWorse = Annotated[
    bool,
    typer.Option(
        "--if-worse",
        help="Only where outcomes show the champion to be worse than the one before; safe to ask every day.",
    ),
]
Store = Annotated[
    str | None, typer.Option(metavar="URL", help="The service's store, for --if-worse.  [default: XINPEI_DATABASE_URL]")
]


class CannotWatchError(Exception):
    """Options that do not go together."""


def rollback(
    who: Who = None,
    why: Why = None,
    model: WhichModel = Which.CREDIT,
    if_worse: IfWorse = False,
    store: Store = None,
    tracking: Tracking = TRACKING,
    tracking_uri: TrackingUri = None,
    out: Out = None,
    reload_url: ReloadUrl = None,
    key_file: KeyFile = KEY_FILE,
) -> None:
    """Put the champion before the present one back.  回退到上一版冠军模型。

    A second rollback goes further back in the history, never to and fro. With --if-worse nothing changes unless the
    outcomes since the promotion show that the champion is worse; it says why, or why not, and ends with exit code 0.

    Example: xinpei rollback --who "Wu Min" --why "complaints from two banks"

    Example: xinpei rollback --if-worse --model fit --store sqlite:///var/xinpei.db
    """
    from rich.console import Console

    console, kind = Console(markup=False, highlight=False), kind_of(model)
    with one_line_for_what_can_be_mended(kind), clear_line_on(CannotWatchError, *_of_the_store()):
        if store is not None and not if_worse:
            raise CannotWatchError("--store: got one without --if-worse, which alone reads it")
        out = out or kind.out
        said = {"who": who or BY_ITSELF, "why": why or BY_ITSELF} if if_worse else {"who": who or "", "why": why or ""}
        registry = opened(kind, tracking, tracking_uri, said=said, out=out)
        if if_worse:
            found = _watched(registry, store)
            console.print(f"{found.zh}\n{found.en}", soft_wrap=True)
            if not found.is_worse:
                return
            said["why"] = f"{why}: {found.en}" if why else found.en
        done = registry.rollback(**said)
        typer.echo(f"rolled back 已回退: version {done.from_version} -> {done.to_version}")
        exported(registry, out, console)
    tell(reload_url, key_file, kind, console)


def _of_the_store() -> tuple[type[Exception], ...]:
    """Every error of the store and of judging that a user can mend."""
    from cli.configuration import BadSettingError
    from scoring.model import NoPdError

    return NoPdError, BadSettingError


def _watched(registry: "Registry[Any]", store: str | None) -> "Watched":
    from cli.configuration import read_settings
    from decisions.offered.catalogue import load_catalogue
    from decisions.policies import policy_on
    from sources.clock import today_in_beijing
    from training.posted.store import PostedStore
    from training.posted.watch import watch
    from training.product_fit.sample import Rules

    settings, today = read_settings(), today_in_beijing()
    catalogue = load_catalogue(illustrative=settings.illustrative).on(today)
    rules = Rules(catalogue, policy_on(today))
    return watch(registry, PostedStore(store or settings.database_url), on=today, rules=rules)
