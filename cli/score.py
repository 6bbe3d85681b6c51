"""`xinpei score`: score and match the enterprises of a folder, here or by a running service."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.configuration import BadSettingError, read_settings
from cli.failing import clear_line_on
from cli.options import MappingFile, Source

if TYPE_CHECKING:
    import httpx

    from serving.engine import Terms
    from sources.records import Records

DAY = "%Y-%m-%d"
MOST_YUAN = 10**11
"""As much as a request to the service may ask for."""

LONGEST_WAIT = 60.0
"""Seconds for the answer of a service."""


class CannotScoreError(Exception):
    """What was asked for cannot be scored as asked."""


@dataclass(frozen=True)
class Standpoint:
    """The days to stand on and what is wished for."""

    as_of: dt.date
    rules_on: dt.date
    amount_fen: int | None
    top: int


def score(
    data: Source,
    enterprise: Annotated[str | None, typer.Option(help="One code or alias; its answer is printed.")] = None,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Parquet file for the answers of all enterprises.")
    ] = None,
    unlabelled: Annotated[bool, typer.Option(help="Leave out enterprises that have a label.")] = False,
    as_of: Annotated[dt.datetime | None, typer.Option(formats=[DAY], help="Day to stand on.  [default: today]")] = None,
    rules_on: Annotated[
        dt.datetime | None, typer.Option(formats=[DAY], help="Day of catalogue and policy.  [default: today]")
    ] = None,
    amount: Annotated[int | None, typer.Option(min=1, max=MOST_YUAN, help="Wished amount in yuan.")] = None,
    top: Annotated[int, typer.Option(min=1, max=200, help="Products per enterprise.")] = 10,
    model: Annotated[
        Path | None, typer.Option(help="Model folder.  [default: XINPEI_MODEL_DIR or var/models/champion]")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Ask this running service instead, for one enterprise.")] = None,
    key_file: Annotated[Path, typer.Option(help="File with the key for the service.")] = Path("var/demo/key"),
    mapping: MappingFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Score enterprises and rank products for them.  为企业评分并匹配产品。

    Example: xinpei score --data var/cumcm --as-of 2020-03-01 --unlabelled --out var/scores.parquet

    Example: xinpei score --data var/cumcm --as-of 2020-03-01 --enterprise E17
    """
    from sources.clock import explain_day, today_in_beijing

    today = today_in_beijing()
    stand = Standpoint(
        as_of=as_of.date() if as_of else today,
        rules_on=rules_on.date() if rules_on else today,
        amount_fen=amount * 100 if amount else None,
        top=top,
    )
    with _one_line_for_what_can_be_mended():
        _check(enterprise, out, url)
        if fault := explain_day(stand.as_of, today=today):
            raise CannotScoreError(f"--as-of: {fault}")
        records = _records(data, mapping, unlabelled=unlabelled and enterprise is None, today=today)
        if enterprise is not None:
            one = _only(enterprise, records)
            answer = _ask(url, key_file, one, stand) if url else next(_answers(model, one, stand))
            _print_answer(answer, as_json=as_json)
        elif out is not None:
            _score_all(model, records, stand, out)


def _one_line_for_what_can_be_mended() -> AbstractContextManager[None]:
    from decisions.files import FileMistakesError
    from scoring.fit_folder import FitFolderError
    from scoring.folder import ModelFolderError
    from sources.validation import UnusableTableError

    of_parts = (UnusableTableError, ModelFolderError, FitFolderError, FileMistakesError)
    return clear_line_on(CannotScoreError, BadSettingError, OSError, *of_parts)


def _check(enterprise: str | None, out: Path | None, url: str | None) -> None:
    if (enterprise is None) == (out is None):
        raise CannotScoreError("give either --enterprise CODE for one answer, or --out FILE for all")
    if url and out:
        raise CannotScoreError("--url asks for one enterprise; give --enterprise CODE instead of --out FILE")


def _records(data: str, mapping: str | None, *, unlabelled: bool, today: dt.date) -> "Records":
    from cli.rendering import tell_rejects
    from sources.readers import read_source

    folder = read_source(data, mapping=mapping, today=today)
    tell_rejects(folder.rejects)
    if not unlabelled or folder.labels is None:
        return folder.records
    codes = folder.records.enterprises
    return folder.records.only(codes.filter(~codes.is_in(folder.labels["enterprise_id"].implode())))


def _only(enterprise: str, records: "Records") -> "Records":
    """The records of one enterprise, found by its code or alias."""
    import polars as pl

    try:
        return records.only(pl.Series([records.find(enterprise)]))
    except KeyError as error:
        raise CannotScoreError(error.args[0]) from error


def _answers(model: Path | None, records: "Records", stand: Standpoint) -> Iterator[dict[str, Any]]:
    """Answers of the engine that the service runs on, in this process."""
    from decisions.offered.catalogue import load_catalogue
    from scoring import fit_folder
    from scoring.folder import load
    from serving.engine import Engine

    settings = read_settings()
    engine = Engine.of(load(model or settings.model_dir), load_catalogue(illustrative=settings.illustrative))
    fit = fit_folder.load(settings.fit_dir) if settings.fit_dir.is_dir() else None
    yield from engine.with_fit(fit).answer_all(records, _terms(stand))


def _terms(stand: Standpoint) -> "Terms":
    from decisions.dated import NotInForceError
    from decisions.facts import Need
    from decisions.policies import policy_on
    from serving.engine import Products, Terms

    try:
        policy = policy_on(stand.rules_on)
    except NotInForceError as error:
        raise CannotScoreError(f"--rules-on: {error}") from error
    need = Need(amount_fen=stand.amount_fen)
    return Terms(stand.as_of, stand.rules_on, policy, need, products=Products(stand.top))


def _ask(url: str, key_file: Path, records: "Records", stand: Standpoint) -> dict[str, Any]:
    """The answer of a running service, which gets the enterprise's rows with the request."""
    import httpx

    body = request_body(records, stand)
    key = key_file.read_text("utf-8").strip()
    try:
        response = httpx.post(
            f"{url}/v1/match",
            content=body,
            timeout=LONGEST_WAIT,
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )
    except UnicodeEncodeError as error:
        raise CannotScoreError(f"{key_file}: got a key with other than ASCII characters; it is no key") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CannotScoreError(f"{url}: no answer ({error}); start the service with `xinpei serve`") from error
    if response.is_error:
        raise CannotScoreError(f"{url}: {response.status_code} {_said(response)}")
    answer: dict[str, Any] = response.json()
    return answer


def _said(response: "httpx.Response") -> str:
    """The message of an error, or that it came from something else than our service."""
    try:
        return str(response.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return "from something that is no Xinpei service"


def request_body(records: "Records", stand: Standpoint) -> bytes:
    """A request for POST /v1/match with every row of one enterprise inline that it consents to have used."""
    from serving.evidence import per_enterprise

    [permitted] = per_enterprise(records, stand.as_of)
    rows = {
        name: [
            {column: value for column, value in row.items() if value is not None}
            for row in frame.drop("enterprise_id").iter_rows(named=True)
        ]
        for name, frame in permitted.tables()
    }
    request = {
        "enterprise_id": records.enterprises.item(),
        "as_of": stand.as_of,
        "rules_on": stand.rules_on,
        "records": rows,
        "top": stand.top,
        **({"request": {"amount_fen": stand.amount_fen}} if stand.amount_fen else {}),
    }
    return json.dumps(request, default=str, ensure_ascii=False).encode()


def _print_answer(answer: dict[str, Any], *, as_json: bool) -> None:
    from rich.console import Console

    from cli.rendering import show_answer

    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        show_answer(answer, Console())


def _score_all(model: Path | None, records: "Records", stand: Standpoint, out: Path) -> None:
    """Score everybody into one Parquet file, and say how long it took and how much memory."""
    import resource
    import time

    from rich.console import Console
    from rich.progress import track

    from cli.rendering import answers_frame
    from sources.writers import write_parquet

    if records.enterprises.is_empty():
        raise CannotScoreError("no enterprise to score")
    console, start = Console(), time.perf_counter()
    answers = track(
        _answers(model, records, stand), "scoring 评分", total=len(records.enterprises), console=console, transient=True
    )
    frame = answers_frame(list(answers), records)
    write_parquet(frame, out)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print(
        f"{frame.height} enterprises scored and matched in {seconds:.1f} s ({frame.height / seconds:.0f}/s), "
        f"peak memory {peak:.0f} MiB, written to {out}"
    )
