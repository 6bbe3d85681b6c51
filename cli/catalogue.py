"""`xinpei catalogue`: check the banks' files, show what is offered, and what differs between two days."""

import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from cli.failing import BAD_INPUT, clear_line_on

if TYPE_CHECKING:
    from decisions.offered.catalogue import Catalogue, Changed, Entry, Reading
    from decisions.offered.product_terms import Term
    from decisions.text import Text

DAY = "%Y-%m-%d"
FOLDER_HELP = "Folder of bank files.  [default: the packaged catalogue]"

app = typer.Typer(no_args_is_help=True, help="Check, show and compare the banks' products.  检查、查看、比较银行产品。")

Folder = Annotated[Path | None, typer.Option("--catalogue", metavar="FOLDER", help=FOLDER_HELP)]
On = Annotated[dt.datetime | None, typer.Option(formats=[DAY], help="Day of the terms.  [default: today]")]


class NothingFoundError(Exception):
    """What was asked for is not in the catalogue."""


@app.command()
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE|FOLDER]...", help="Bank files or folders of them; none = the packaged catalogue."
        ),
    ] = None,
) -> None:
    """检查产品文件，逐行列出错误。  Check bank files; every mistake gets a line.

    A bank's officer adds a product by copying a file: name it after the bank's id, edit it, check it here.

    Example: xinpei catalogue check

    Example: xinpei catalogue check my-bank.toml
    """
    from decisions.offered.catalogue import CATALOGUE_FOLDER, read_bank_files

    files, missing = _files_of(paths or [CATALOGUE_FOLDER])
    with clear_line_on(OSError):
        packaged = read_bank_files(sorted(CATALOGUE_FOLDER.glob("*.toml"))) if paths else None
        reading = read_bank_files(files, known_ids=packaged.catalogue.product_ids if packaged else ())
    lines = [*missing, *reading.lines]
    if lines:
        _fail([*lines, f"mistakes 错误: {len(lines)}, files 文件: {len(files)}"])
    for line in _counts(reading):
        typer.echo(line)


@app.command()
def show(
    product: Annotated[str | None, typer.Argument(help="Id of a product; none = a list of all.")] = None,
    bank: Annotated[str | None, typer.Option(help="Only this bank, by its id.")] = None,
    category: Annotated[str | None, typer.Option(help="Only this category, such as tax_loan.")] = None,
    on: On = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    catalogue: Folder = None,
) -> None:
    """查看产品条款、条件、材料与联系点。  Show what is offered on a day.

    Example: xinpei catalogue show --category tax_loan

    Example: xinpei catalogue show ccb-yunshuidai --on 2026-12-01
    """
    from decisions.files import FileMistakesError

    day = _day(on)
    with clear_line_on(FileMistakesError, NothingFoundError, OSError):
        if product is not None and (bank or category):
            raise NothingFoundError(
                f"got product {product!r} and a filter, expected a product, or --bank and --category"
            )
        known = _load(catalogue)
        if product is not None:
            entries: tuple[Entry, ...] = (_found(known, product, day),)
        else:
            entries = _chosen(known, day, bank=bank, category=category)
    if as_json:
        found = [_as_json(entry, day) for entry in entries]
        typer.echo(json.dumps(found if product is None else found[0], ensure_ascii=False, indent=1, default=_plain))
        return
    for line in _list(entries, day) if product is None else _details(entries[0], day):
        typer.echo(line)


@app.command()
def diff(
    on: Annotated[dt.datetime, typer.Option(formats=[DAY], help="One day.")],
    against: Annotated[dt.datetime | None, typer.Option(formats=[DAY], help="The other.  [default: today]")] = None,
    catalogue: Folder = None,
) -> None:
    """比较两天的产品：新增、停办、条款变化。  Show what differs between what is offered on two days.

    Example: xinpei catalogue diff --on 2027-01-01

    Example: xinpei catalogue diff --on 2026-11-01 --against 2026-10-31
    """
    from decisions.files import FileMistakesError

    earlier, later = sorted((on.date(), _day(against)))
    with clear_line_on(FileMistakesError, OSError):
        changes = _load(catalogue).changes(earlier, later)
    typer.echo(f"{earlier} -> {later}")
    groups = (("added 新增", "+", changes.added), ("ended 停办", "-", changes.ended))
    for title, sign, entries in groups:
        typer.echo(f"{title}: {len(entries)}")
        for entry in entries:
            typer.echo(f"  {sign} {_line(entry)}")
    typer.echo(f"changed 变化: {len(changes.changed)}")
    for change in changes.changed:
        for line in _change_lines(change):
            typer.echo(line)


def _files_of(paths: Iterable[Path]) -> tuple[list[Path], list[str]]:
    """The files to read, and a line for each path that has none."""
    files: list[Path] = []
    lines: list[str] = []
    for path in paths:
        if fault := _fault_of(path):
            lines.append(fault)
        else:
            files += sorted(path.glob("*.toml")) if path.is_dir() else [path]
    return files, lines


def _fault_of(path: Path) -> str | None:
    if not path.exists():
        return f"{path}: got no such file or folder, expected a bank file or a folder of them"
    if path.is_dir():
        has_files = any(path.glob("*.toml"))
        return None if has_files else f"{path}: got no bank files, expected one <bank id>.toml a bank"
    return None if path.suffix == ".toml" else f"{path}: got a file named {path.name!r}, expected <bank id>.toml"


def _fail(lines: Iterable[str]) -> NoReturn:
    for line in lines:
        sys.stderr.write(f"xinpei: {' '.join(line.split())}\n")
    raise typer.Exit(BAD_INPUT)


def _counts(reading: "Reading") -> Iterator[str]:
    """How many banks and products were read, by status and category."""
    from decisions.offered.product_words import CATEGORY_NAMES, STATUS_NAMES

    banks, known = [file.bank for file in reading.files], reading.catalogue
    newest = [known.find(product_id).product for product_id in known.product_ids]
    fictional = sum(bank.fictional for bank in banks)
    yield (
        f"banks 银行: {len(banks)} (fictional 虚构: {fictional}), products 产品: {len(newest)},"
        f" versions 版本: {len(known.entries)}"
    )
    yield "status 状态"
    yield from _counted((product.status for product in newest), STATUS_NAMES)
    yield "category 类别"
    yield from _counted((product.category for product in newest), CATEGORY_NAMES)
    yield "no mistakes 没有错误"


def _counted(codes: Iterable[str], names: Mapping[Any, "Text"]) -> Iterator[str]:
    counts = Counter(codes)
    yield from (f"  {counts[code]:4}  {code}  {name.zh}  {name.en}" for code, name in names.items() if counts[code])


def _day(given: dt.datetime | None) -> dt.date:
    from sources.clock import today_in_beijing

    return given.date() if given else today_in_beijing()


def _load(folder: Path | None) -> "Catalogue":
    from decisions.offered.catalogue import CATALOGUE_FOLDER, load_catalogue

    return load_catalogue(folder or CATALOGUE_FOLDER, illustrative=True)


def _found(known: "Catalogue", product_id: str, day: dt.date) -> "Entry":
    try:
        return known.find(product_id, on=day)
    except KeyError as error:
        raise NothingFoundError(error.args[0]) from error


def _chosen(known: "Catalogue", day: dt.date, *, bank: str | None, category: str | None) -> "tuple[Entry, ...]":
    from decisions.offered.product_words import CATEGORY_NAMES

    banks = sorted({entry.bank.id for entry in known.entries})
    if bank is not None and bank not in banks:
        raise NothingFoundError(f"bank: got {bank!r}, expected one of {', '.join(banks)}")
    if category is not None and category not in CATEGORY_NAMES:
        raise NothingFoundError(f"category: got {category!r}, expected one of {', '.join(CATEGORY_NAMES)}")
    return tuple(
        entry
        for entry in known.on(day).entries
        if bank in {None, entry.bank.id} and category in {None, entry.product.category}
    )


def _list(entries: "tuple[Entry, ...]", day: dt.date) -> Iterator[str]:
    yield f"on 日期 {day}: products 产品 {len(entries)}"
    for entry in entries:
        yield _line(entry)


def _line(entry: "Entry") -> str:
    from decisions.formatting import money
    from decisions.offered.product_terms import rate_text
    from decisions.offered.product_words import CATEGORY_NAMES

    product = entry.product
    category = CATEGORY_NAMES[product.category]
    most = f"最高 {money(product.cap_fen).zh}" if product.cap_fen is not None else "额度未公布"
    rate = rate_text(product.rate).zh if product.rate else "利率未公布"
    name = f"{entry.bank.name.zh} {product.name.zh} {product.name.en}"
    return f"{product.id}  ({product.status})  {name}  {category.zh} {category.en}  {most}  {rate}"


def _details(entry: "Entry", day: dt.date) -> Iterator[str]:
    """Everything stated of one product, the bank's contacts included."""
    from decisions.offered.product_terms import contact_text, terms_of

    bank, product = entry.bank, entry.product
    yield f"{product.id}  ({product.status})  {bank.name.zh} {product.name.zh}  {bank.name.en}, {product.name.en}"
    if not product.is_offered(day):
        yield f"not offered on 当日不提供: {day}"
    for term in terms_of(product):
        yield from _term(term)
    for contact in bank.contacts:
        yield f"  whom to ask at the bank 银行联系点: {_both(contact_text(contact))}"


def _term(term: "Term") -> Iterator[str]:
    title = f"  {term.label.en} {term.label.zh}:"
    if len(term.values) == 1:
        yield f"{title} {_both(term.values[0])}"
        return
    yield title
    for value in term.values:
        yield f"    - {_both(value)}"


def _both(text: "Text") -> str:
    return text.zh if text.zh == text.en else f"{text.zh}  {text.en}"


def _change_lines(change: "Changed") -> Iterator[str]:
    from decisions.offered.product_terms import TERMS, values_of

    old, new = change.before.product, change.after.product
    yield f"  * {_line(change.after)}"
    for field in (one.field for one in change.fields if one.field in TERMS):
        label, before, after = TERMS[field][0], values_of(old, field), values_of(new, field)
        yield f"      {label.en} {label.zh}:"
        yield from (f"        - {_both(value)}" for value in before if value not in after)
        yield from (f"        + {_both(value)}" for value in after if value not in before)


def _as_json(entry: "Entry", day: dt.date) -> dict[str, Any]:
    """The product as its file has it, with the bank and each condition's direction."""
    product = entry.product
    rules = [
        {**rule.model_dump(exclude_defaults=True), "threshold": rule.threshold, "direction": rule.direction}
        for rule in product.rules
    ]
    return {
        "bank": entry.bank.model_dump(),
        **product.model_dump(by_alias=True),
        "rules": rules,
        "is_offered": product.is_offered(day),
    }


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    return str(value)
