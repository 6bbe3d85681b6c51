"""Bearer keys: who calls, in which role, for which tenant. Only a digest of a key is stored."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Row, insert, select, update

from serving.clock import utc_now
from serving.database import Database
from serving.ids import new_id
from sources.service_tables import API_KEYS

Role = Literal["platform", "officer", "task_force", "data", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""What a tenant or a bank id looks like."""

SECRET_BYTES = 32
"""256 random bits: a plain SHA-256 of such a key cannot be searched, so it needs no slow hash."""


@dataclass(frozen=True)
class Caller:
    """Whoever holds a key. `bank_id` is the bank of an officer and None for every other role."""

    key_id: str
    tenant: str
    role: Role
    bank_id: str | None


@dataclass(frozen=True)
class KeyInfo:
    """A key as it is listed: never with its secret."""

    caller: Caller
    created_at: str
    revoked_at: str | None


class Keys:
    """The keys in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, *, tenant: str, role: str, bank_id: str | None = None) -> tuple[str, Caller]:
        """Make a key; its secret is returned once and cannot be found again.

        Raises:
            ValueError: a name or role that cannot be, a bank missing for an officer, or given for another role.
        """
        known = next((one for one in ROLES if one == role), None)
        if known is None:
            raise ValueError(f"role: got {role!r}, expected one of {', '.join(ROLES)}")
        if (role == "officer") != (bank_id is not None):
            raise ValueError(f"bank: got {bank_id!r} with role {role!r}, expected a bank for officers and nobody else")
        for what, name in (("tenant", tenant), ("bank", bank_id)):
            if name is not None and not NAME.fullmatch(name):
                raise ValueError(f"{what}: got {name!r}, expected small letters, digits, '-' and '_', at most 64")
        secret = f"xp_{secrets.token_urlsafe(SECRET_BYTES)}"
        caller = Caller(new_id("k"), tenant, known, bank_id)
        row = {**vars(caller), "secret_sha256": _digest(secret), "created_at": utc_now()}
        with self._database.writing() as connection:
            connection.execute(insert(API_KEYS).values(row))
        return secret, caller

    def caller_of(self, secret: str) -> Caller | None:
        """Who holds this key; None when it is unknown or revoked."""
        found = select(API_KEYS).where(API_KEYS.c.secret_sha256 == _digest(secret), API_KEYS.c.revoked_at.is_(None))
        with self._database.reading() as connection:
            row = connection.execute(found).one_or_none()
        return _caller(row) if row else None

    def all(self) -> list[KeyInfo]:
        """Every key, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(API_KEYS).order_by(API_KEYS.c.key_id)).all()
        return [KeyInfo(_caller(row), row.created_at, row.revoked_at) for row in rows]

    def revoke(self, key_id: str) -> None:
        """Refuse a key from now on; revoking it twice keeps the first moment.

        Raises:
            KeyError: no key has this id.
        """
        mine = API_KEYS.c.key_id == key_id
        with self._database.writing() as connection:
            if connection.execute(select(API_KEYS.c.key_id).where(mine)).one_or_none() is None:
                raise KeyError(key_id)
            still_good = API_KEYS.c.revoked_at.is_(None)
            connection.execute(update(API_KEYS).where(mine, still_good).values(revoked_at=utc_now()))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _caller(row: Row[tuple[object, ...]]) -> Caller:
    return Caller(row.key_id, row.tenant, row.role, row.bank_id)
