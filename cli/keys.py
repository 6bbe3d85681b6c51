"""`xinpei keys`: make, list and revoke the keys that callers show."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.configuration import BadSettingError, read_settings
from cli.failing import clear_line_on

if TYPE_CHECKING:
    from serving.keys import Keys

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke the keys that callers show.  管理接口密钥。")


class BadKeyError(Exception):
    """A key that cannot be made or is not there."""


@app.command()
def create(
    tenant: Annotated[str, typer.Option(help="Who the key belongs to: small letters, digits, '-' and '_'.")],
    role: Annotated[str, typer.Option(help="platform, officer, task_force, data or admin.")],
    bank: Annotated[str | None, typer.Option(help="Bank of an officer, as in the catalogue.")] = None,
) -> None:
    """新建密钥。  Make a key; it is printed once, alone on standard output.

    Example: xinpei keys create --tenant haidian --role officer --bank ccb
    """
    with clear_line_on(BadKeyError, BadSettingError, ValueError):
        if bank is not None and bank not in _banks():
            raise BadKeyError(f"bank: got {bank!r}, expected one of {', '.join(_banks())}")
        secret, caller = _keys().create(tenant=tenant, role=role, bank_id=bank)
    told = f"key {caller.key_id} of tenant {caller.tenant}, role {caller.role}; keep it, it is not shown again"
    typer.echo(told, err=True)
    typer.echo(secret)


@app.command(name="list")
def list_() -> None:
    """列出密钥。  List all keys, oldest first, without their secrets.

    Example: xinpei keys list
    """
    with clear_line_on(BadKeyError, BadSettingError):
        known = _keys().all()
    for key in known:
        state = f"revoked {key.revoked_at}" if key.revoked_at else "in force"
        bank = f" bank={key.caller.bank_id}" if key.caller.bank_id else ""
        typer.echo(f"{key.caller.key_id}  {key.caller.tenant}  {key.caller.role}{bank}  made {key.created_at}  {state}")


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="Id of the key, as in `xinpei keys list`.")]) -> None:
    """停用密钥。  Refuse a key from now on.

    Example: xinpei keys revoke k-01J8ZC5T0Q4Y6F2M7N9P3R5S7V
    """
    with clear_line_on(BadKeyError, BadSettingError):
        try:
            _keys().revoke(key_id)
        except KeyError as error:
            raise BadKeyError(f"key: got {key_id!r}, expected an id of `xinpei keys list`") from error
    typer.echo(f"revoked {key_id}")


def _keys() -> "Keys":
    from sqlalchemy.exc import ArgumentError

    from serving.database import Database, DatabaseAwayError
    from serving.keys import Keys

    settings = read_settings()
    try:
        database = Database(settings.database_url)
        database.migrate()
    except (DatabaseAwayError, ArgumentError, ValueError, OSError) as error:
        raise BadKeyError(f"the database cannot be opened ({error}); set XINPEI_DATABASE_URL") from error
    return Keys(database)


def _banks() -> list[str]:
    from decisions.offered.catalogue import load_catalogue

    return sorted({entry.bank.id for entry in load_catalogue(illustrative=True).entries})
