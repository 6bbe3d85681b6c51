"""Keys: shown once, stored as a digest, refused once revoked."""

import pytest
from sqlalchemy import text

from serving.database import Database
from serving.keys import Caller, Keys


def test_a_key_tells_who_calls(database: Database) -> None:
    secret, made = Keys(database).create(tenant="haidian", role="officer", bank_id="ccb")
    assert Keys(database).caller_of(secret) == made == Caller(made.key_id, "haidian", "officer", "ccb")


def test_the_key_itself_is_not_stored(database: Database) -> None:
    secret, _ = Keys(database).create(tenant="haidian", role="platform")
    with database.reading() as connection:
        [row] = connection.execute(text("SELECT * FROM api_keys")).all()
    assert not any(secret in str(value) for value in row)


def test_a_revoked_key_is_nobody(database: Database) -> None:
    secret, made = Keys(database).create(tenant="haidian", role="platform")
    Keys(database).revoke(made.key_id)
    assert Keys(database).caller_of(secret) is None
    [listed] = Keys(database).all()
    assert listed.revoked_at is not None


def test_revoking_an_unknown_key_fails(database: Database) -> None:
    with pytest.raises(KeyError):
        Keys(database).revoke("k-unknown")


def test_two_keys_differ(database: Database) -> None:
    first, second = (Keys(database).create(tenant="haidian", role="data")[0] for _ in range(2))
    assert first != second
    assert len(first) > 40


@pytest.mark.parametrize(
    ("tenant", "role", "bank_id", "message"),
    [
        ("haidian", "boss", None, "expected one of platform"),
        ("haidian", "officer", None, "expected a bank for officers"),
        ("haidian", "platform", "ccb", "expected a bank for officers"),
        ("Hai Dian", "platform", None, "expected small letters"),
        ("haidian", "officer", "C C B", "expected small letters"),
    ],
)
def test_a_key_that_cannot_be_is_refused(
    database: Database, tenant: str, role: str, bank_id: str | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Keys(database).create(tenant=tenant, role=role, bank_id=bank_id)
