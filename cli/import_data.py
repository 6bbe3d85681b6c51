"""`xinpei import`: from a data set as published to tables under contract."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.failing import clear_line_on
from cli.options import MappingFile

if TYPE_CHECKING:
    from sources.importers.cumcm2020c import Imported

app = typer.Typer(help="Import a published data set.  导入公开数据集。", no_args_is_help=True)


@app.callback()
def _imports() -> None:
    """Keep `import` a group, whatever the number of data sets."""


@app.command("cumcm2020c")
def cumcm2020c(
    folder: Annotated[Path, typer.Argument(help="Folder with the contest's workbooks, or the same sheets as Parquet.")],
    into: Annotated[Path, typer.Option(help="Folder to write the tables and the rejects to.")],
) -> None:
    """Import the VAT invoices of 425 enterprises (CUMCM 2020, problem C).  导入2020年数学建模竞赛C题发票数据。

    Example: xinpei import cumcm2020c cumcm2020c/ --into var/cumcm
    """
    from sources.clock import today_in_beijing
    from sources.importers.cumcm2020c import import_folder
    from sources.validation import UnusableTableError
    from sources.writers import write_folder

    with clear_line_on(UnusableTableError, OSError):
        imported = import_folder(folder, today=today_in_beijing())
        write_folder(into, imported.tables, imported.rejects)
    _show(imported, "vat_invoices", title="Invoices  发票行数")


@app.command("berka")
def berka(
    folder: Annotated[Path, typer.Argument(help="Folder with account, loan and trans… as Parquet.")],
    into: Annotated[Path, typer.Option(help="Folder to write the tables and the rejects to.")],
) -> None:
    """Import the bank bookings of 1,515 accounts (Berka, PKDD'99).  导入捷克银行账户流水数据。

    Example: xinpei import berka berka/ --into var/berka
    """
    from sources.clock import today_in_beijing
    from sources.importers.berka import import_folder
    from sources.validation import UnusableTableError
    from sources.writers import write_folder

    with clear_line_on(UnusableTableError, OSError):
        imported = import_folder(folder, today=today_in_beijing())
        write_folder(into, imported.tables, imported.rejects)
    _show(imported, "bank_transactions", title="Bookings  流水行数")


@app.command("tables")
def tables(
    data: Annotated[str, typer.Argument(help="Folder with the tables, or PostgreSQL URL.")],
    into: Annotated[Path, typer.Option(help="Lake to write.")],
    buckets: Annotated[int, typer.Option(min=1, help="Buckets; some thousand enterprises each are a good size.")] = 16,
    mapping: MappingFile = None,
) -> None:
    """Import your own tables into a lake.  将自有数据表导入数据湖。

    Example: xinpei import tables exports/ --mapping chinese --into var/lake --buckets 64
    """
    from cli.rendering import tell_rejects
    from sources.clock import today_in_beijing
    from sources.lake import write_lake
    from sources.readers import read_source
    from sources.validation import UnusableTableError
    from sources.writers import write_parquet

    today = today_in_beijing()
    with clear_line_on(UnusableTableError, OSError):
        given = read_source(data, mapping=mapping, today=today)
        tell_rejects(given.rejects)
        lake = write_lake(into, [given], buckets=buckets, today=today)
        write_parquet(given.rejects, into / "rejects" / "rejects.parquet")
    typer.echo(f"{len(given.records.enterprises):,} enterprises in {lake.buckets} buckets, written to {into}")


def _show(imported: "Imported", name: str, *, title: str) -> None:
    """What became of the rows of the sheets that make up one table, rule by rule."""
    import polars as pl
    from rich.console import Console
    from rich.table import Table

    sheets = list(imported.source_rows)
    rejected = {sheet: imported.rejects.filter(table=sheet) for sheet in sheets}
    table = Table(title=title)
    table.add_column("", no_wrap=True)
    for sheet in (*sheets, "all 合计"):
        table.add_column(sheet.replace(" ", "\n"), justify="right", overflow="fold", min_width=9)

    def row(label: str, counts: list[int]) -> None:
        table.add_row(label, *(f"{n:,}" for n in (*counts, sum(counts))))

    row("source 原始", [imported.source_rows[sheet] for sheet in sheets])
    table.add_section()
    for rule in pl.concat(rejected.values())["rule"].unique().sort():
        row(rule, [rejected[sheet].filter(rule=rule).height for sheet in sheets])
    table.add_section()
    row("rejected 剔除", [rejected[sheet].height for sheet in sheets])
    row("accepted 保留", [imported.source_rows[sheet] - rejected[sheet].height for sheet in sheets])
    console = Console()
    console.print(table)
    accepted, bad, given = (
        imported.tables[name].height,
        imported.rejects.height,
        sum(imported.source_rows.values()),
    )
    sums = "=" if accepted + bad == given else "≠"
    console.print(f"accepted {accepted:,} + rejected {bad:,} {sums} source {given:,}")
    for other in ("registry", "labels"):
        if (others := imported.rejects.filter(table=other)).height:
            console.print(f"{other}: {others.height} rejected, first {others.row(0)[2:]}")
    console.print(f"enterprises {imported.tables['registry'].height}, labelled {imported.tables['labels'].height}")
