"""`xinpei simulate`: invent a small city of enterprises for demos and tests."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.failing import clear_line_on

if TYPE_CHECKING:
    from rich.console import Console

    from simulation.world import Simulated


def simulate(
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder to write registry, vat_invoices and labels to.")],
    enterprises: Annotated[int, typer.Option(help="How many enterprises.")] = 400,
    months: Annotated[int, typer.Option(help="Months of invoices; labels are judged 12 months before the end.")] = 36,
    seed: Annotated[int, typer.Option(help="The same seed invents the same enterprises.")] = 1,
    until: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Last day of a month.  [default: end of last month]"),
    ] = None,
) -> None:
    """生成虚构企业数据。  Invent enterprises with invoices, register entries and loan outcomes.

    Example: xinpei simulate --enterprises 400 --months 36 --seed 1 --until 2026-10-31 --out var/demo
    """
    from rich.console import Console

    from simulation.world import simulate as invent
    from sources.clock import today_in_beijing
    from sources.validation import no_rejects
    from sources.writers import write_folder

    today = today_in_beijing()
    last_day = until.date() if until else today.replace(day=1) - dt.timedelta(days=1)
    console = Console()
    with clear_line_on(ValueError, OSError), console.status("inventing enterprises  正在生成企业"):
        if last_day > today:
            raise ValueError(f"until: got {last_day}, expected no day after today ({today})")
        simulated = invent(enterprises=enterprises, months=months, seed=seed, until=last_day)
        write_folder(out, simulated.tables(), no_rejects())
    _show(simulated, out, console)


def _show(simulated: "Simulated", out: Path, console: "Console") -> None:
    from rich.table import Table

    registry, issued_on, labels = simulated.registry, simulated.vat_invoices["issued_on"], simulated.labels
    table = Table("table 表", "rows 行数", "", title=f"invented, not real  虚构数据，并非真实企业: {out}")
    table.add_row("registry 登记", f"{registry.height:,}", f"{registry['enterprise_id'].n_unique():,} enterprises 企业")
    table.add_row("vat_invoices 发票", f"{len(issued_on):,}", f"{issued_on.dt.min()} – {issued_on.dt.max()}")
    defaults = f"as of {labels['as_of'].dt.max()}: {labels['defaulted'].sum()} defaults 违约"
    table.add_row("labels 标签", f"{labels.height:,}", defaults if labels.height else "")
    console.print(table)
