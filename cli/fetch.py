"""`xinpei fetch`: copy a registered model to where it can be used, such as by `xinpei score --model`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.kinds import Which, WhichModel, kind_of
from cli.options import TRACKING, Tracking, TrackingUri
from cli.promote import one_line_for_what_can_be_mended


def fetch(
    version: Annotated[str, typer.Argument(help="Number of a registered version, or an alias.")] = "challenger",
    model: WhichModel = Which.CREDIT,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for it.  [default: VERSION beside the champion]"),
    ] = None,
    tracking: Tracking = TRACKING,
    tracking_uri: TrackingUri = None,
) -> None:
    """Copy a registered model's folder, without putting it into use.  取出已登记的模型，不上线。

    Example: xinpei fetch challenger --out var/models/cumcm

    Example: xinpei fetch 3 --model fit
    """
    from training.registry import Registry
    from training.tracking import Tracker

    kind = kind_of(model)
    with one_line_for_what_can_be_mended(kind):
        registry = Registry(Tracker.of(tracking_uri, tracking), kind)
        number = registry.resolve(version)
        folder = out or kind.out.parent / number
        fetched = registry.fetch(number, folder)
    typer.echo(f"version {fetched.card.version}, {fetched.digest}, written to {folder}  模型已写入")
