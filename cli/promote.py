"""`xinpei promote`: put a registered model into use, if the gates let it."""

import datetime as dt
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.failing import clear_line_on
from cli.kinds import Which, WhichModel, kind_of
from cli.options import TRACKING, Tracking, TrackingUri
from cli.shadowed import ShadowStore, show_shadow

if TYPE_CHECKING:
    from rich.console import Console

    from training.gates import Gate
    from training.kinds import Kind
    from training.registry import Registry

DAY = "%Y-%m-%d"
REFUSED = 1
LONGEST_WAIT = 60.0
"""Seconds for a service to load a model."""

Who = Annotated[str, typer.Option(help="Who answers for it; kept in the history.")]
Why = Annotated[str, typer.Option(help="Why; kept in the history.")]
Out = Annotated[
    Path | None,
    typer.Option(
        help="Where the service reads; the version also goes beside it, by its number.  "
        "[default: var/models/champion, of product fit var/models/fit/champion]"
    ),
]
ReloadUrl = Annotated[str | None, typer.Option("--reload", metavar="URL", help="Tell this running service.")]
KeyFile = Annotated[Path, typer.Option(help="File with a key of role data or admin for it.")]

KEY_FILE = Path("var/demo/key")


class ServiceDidNotFollowError(Exception):
    """The champion changed, but a running service still answers with the model before it."""


def promote(
    who: Who,
    why: Why,
    version: Annotated[str, typer.Argument(help="Number of a registered version, or an alias.")] = "challenger",
    model: WhichModel = Which.CREDIT,
    accept: Annotated[
        list[str] | None, typer.Option(metavar="GATE", help="A gate that may fail for the reason of --why; repeatable.")
    ] = None,
    on: Annotated[dt.datetime | None, typer.Option(formats=[DAY], help="Day of the policy.  [default: today]")] = None,
    store: ShadowStore = None,
    tracking: Tracking = TRACKING,
    tracking_uri: TrackingUri = None,
    out: Out = None,
    reload_url: ReloadUrl = None,
    key_file: KeyFile = KEY_FILE,
) -> None:
    """Make a model champion, if its evaluation passes the gates.  通过检验后将模型上线为冠军。

    Exit code 1 and the reasons when the gates refuse; then nothing has changed.

    Example: xinpei promote --who "Lin Hua" --why "ranks better out of time"

    Example: xinpei promote 7 --who "Lin Hua" --why "asked for by the risk committee" --accept better

    Example: xinpei promote --model fit --who "Lin Hua" --why "learned from 500 outcomes"
    """
    from rich.console import Console

    from sources.clock import today_in_beijing
    from training.registry import RefusedError

    console, kind = Console(markup=False, highlight=False), kind_of(model)
    with one_line_for_what_can_be_mended(kind):
        out = out or kind.out
        registry = opened(kind, tracking, tracking_uri, said={"who": who, "why": why}, out=out)
        number, day = registry.resolve(version), on.date() if on else today_in_beijing()
        if number == registry.champion():
            console.print(f"version {number} is the champion already 已是冠军模型")
        else:
            if store is not None:
                show_shadow(registry, number, store, console)
            _show(registry.judge(number, on=day, accept=accept or (), why=why), number, console)
            try:
                registry.promote(number, who=who, why=why, policy_on=day, accept=accept or ())
            except RefusedError as error:
                sys.stderr.write(f"xinpei: {error}\n")
                raise typer.Exit(REFUSED) from error
        exported(registry, out, console)
    tell(reload_url, key_file, kind, console)


def one_line_for_what_can_be_mended(kind: "Kind[Any]") -> AbstractContextManager[None]:
    """Every error of the registry that a user can mend."""
    from mlflow.exceptions import MlflowException

    from decisions.dated import NotInForceError
    from decisions.files import FileMistakesError
    from training.gates import GateError
    from training.posted.store import StoreError
    from training.registry import RegistryError
    from training.tracking import TrackerError

    of_policy = (NotInForceError, GateError, FileMistakesError)
    of_stores = (RegistryError, TrackerError, MlflowException, StoreError)
    return clear_line_on(*of_stores, kind.folder.fault, OSError, *of_policy)


def opened(
    kind: "Kind[Any]", tracking: Path, tracking_uri: str | None, *, said: Mapping[str, str], out: Path
) -> "Registry[Any]":
    """The registry of a model, once it is known that nothing else stands in the way.

    Args:
        kind: which model.
        tracking: folder of its store, unless there is
        tracking_uri: another.
        said: who and why, by the name of the option.
        out: where the champion will be written.

    Raises:
        RegistryError: nobody or no reason is named.
        ModelFolderError: something other than a model lies at `out`.
        TrackerError: the store cannot be reached.
    """
    from training.registry import Registry, RegistryError
    from training.tracking import Tracker

    for name, text in said.items():
        if not text.strip():
            raise RegistryError(f"--{name}: got {text!r}, expected some words")
    kind.folder.check_replaceable(out)
    registry = Registry(Tracker.of(tracking_uri, tracking), kind)
    registry.mend()
    return registry


def exported(registry: "Registry[Any]", out: Path, console: "Console") -> None:
    """Write the champion where the service reads, and say so."""
    model = registry.export(out)
    console.print(
        f"champion 冠军模型: version {model.card.version}, {model.digest}, written to {out} and {out.parent}/"
        f"{model.card.version}",
        soft_wrap=True,
    )


def tell(url: str | None, key_file: Path, kind: "Kind[Any]", console: "Console") -> None:
    """Ask a running service to load the champion; exit code 1 when it does not."""
    if url is None:
        return
    try:
        told = _reloaded(url, key_file, kind.name)
    except (ServiceDidNotFollowError, OSError) as error:
        sys.stderr.write(f"xinpei: the champion changed and was written, but the service did not follow: {error}\n")
        raise typer.Exit(REFUSED) from error
    console.print(f"{url} answers with version {told} 服务已加载", soft_wrap=True)


def _reloaded(url: str, key_file: Path, name: str) -> str:
    """The version of a model that the service answers with from now on."""
    import httpx

    key = key_file.read_text("utf-8").strip()
    headers = {"Authorization": f"Bearer {key}"}
    try:
        response = httpx.post(f"{url.rstrip('/')}/v1/models/reload", json={}, timeout=LONGEST_WAIT, headers=headers)
    except UnicodeEncodeError as error:
        raise ServiceDidNotFollowError(f"{key_file}: got a key with other than ASCII characters") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServiceDidNotFollowError(f"{url}: no answer ({error})") from error
    try:
        content = response.json()
        if response.is_error:
            raise ServiceDidNotFollowError(f"{url}: {response.status_code} {content['error']['message']}")
        versions = {one["name"]: str(one["version"]) for one in content["models"]}
        if name not in versions:
            raise ServiceDidNotFollowError(f"{url}: it serves no model {name}; see its XINPEI_FIT_DIR")
        return versions[name]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        stranger = f"{url}: {response.status_code} from something that is no Xinpei service"
        raise ServiceDidNotFollowError(stranger) from error


def _show(judged: "Sequence[Gate]", number: str, console: "Console") -> None:
    from rich.table import Table

    table = Table(title=f"Gates of version {number}  第{number}版上线检验", show_lines=True)
    for column, ratio in (("gate 检验", 4), ("given 实际", 4), ("expected 标准", 3), ("verdict 结论", 2)):
        table.add_column(column, overflow="fold", ratio=ratio)
    for gate in judged:
        table.add_row(f"{gate.name}\n{gate.zh}\n{gate.en}", gate.given, gate.expected, _verdict(gate))
    console.print(table)


def _verdict(gate: "Gate") -> str:
    if gate.passed:
        return "passed 通过"
    return f"accepted 豁免: {gate.waived}" if gate.waived else "FAILED 未通过"
