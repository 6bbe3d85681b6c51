"""`xinpei rollback`: put the champion before the present one back into use."""

import typer

from cli.options import TRACKING, Tracking, TrackingUri
from cli.promote import (
    KEY_FILE,
    OUT,
    KeyFile,
    Out,
    ReloadUrl,
    Who,
    Why,
    exported,
    one_line_for_what_can_be_mended,
    opened,
    tell,
)


def rollback(
    who: Who,
    why: Why,
    tracking: Tracking = TRACKING,
    tracking_uri: TrackingUri = None,
    out: Out = OUT,
    reload_url: ReloadUrl = None,
    key_file: KeyFile = KEY_FILE,
) -> None:
    """Put the champion before the present one back.  回退到上一版冠军模型。

    A second rollback goes further back in the history, never to and fro.

    Example: xinpei rollback --who "Wu Min" --why "complaints from two banks"
    """
    from rich.console import Console

    console = Console(markup=False, highlight=False)
    with one_line_for_what_can_be_mended():
        registry = opened(tracking, tracking_uri, who=who, why=why, out=out)
        done = registry.rollback(who=who, why=why)
        typer.echo(f"rolled back 已回退: version {done.from_version} -> {done.to_version}")
        exported(registry, out, console)
    tell(reload_url, key_file, console)
