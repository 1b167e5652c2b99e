import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from auth.errors import MfaFailed, RefreshFailed, SessionEnded, SignInFailed
from auth.keys import KeyRing
from auth.passwords import Hasher
from auth.permissions import OperatorRole
from auth.plane import Plane
from auth.sessions import authenticate_operator, end_own_session, refresh_session
from auth.sign_in import sign_in, verify_mfa
from auth.store import MfaMethod
from tenants.catalog.models import CatalogAuditEntry
from tenants.catalog.operator_service import operators
from tenants.databases.scopes import CatalogScope
from tenants.tables import table
from tests.factories.accounts import Someone, add_operator, later, operator_plane

NOW = datetime(2026, 3, 10, 9, 0, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _on_asyncio(anyio_backend: str) -> str:
    return anyio_backend


@pytest.fixture
def plane(catalog_scope: CatalogScope, tmp_path: Path) -> Iterator[Plane]:
    hasher = Hasher(rounds=1_000, queue=200)
    yield operator_plane(catalog_scope, KeyRing.create(tmp_path / "keys.json"), hasher)
    hasher.close()


@pytest.fixture
async def olga(catalog_scope: CatalogScope, plane: Plane) -> Someone:
    return await add_operator(catalog_scope, plane.keys, plane.hasher)


async def test_an_operator_signs_in_for_the_console_with_roles(plane: Plane, olga: Someone) -> None:
    challenge = await sign_in(plane, olga.email, olga.password, NOW)
    session = await verify_mfa(plane, challenge.token, MfaMethod.TOTP, olga.code(NOW), NOW)
    claims = plane.tokens.verify(session.access_token, now=NOW, audience="console")
    principal = await authenticate_operator(plane.store, claims, NOW)
    assert (principal.operator_id, principal.name) == (olga.id, "Olga Peeters")
    assert principal.roles == frozenset({OperatorRole.SUPPORT})
    assert principal.has(OperatorRole.SUPPORT, OperatorRole.ADMINISTRATOR)
    assert not principal.has(OperatorRole.ADMINISTRATOR)
    await end_own_session(plane, principal, principal.session_id, NOW)
    with pytest.raises(SessionEnded):
        await authenticate_operator(plane.store, claims, NOW)


async def test_an_operators_session_ends_after_twelve_hours(plane: Plane, olga: Someone) -> None:
    challenge = await sign_in(plane, olga.email, olga.password, NOW)
    session = await verify_mfa(plane, challenge.token, MfaMethod.TOTP, olga.code(NOW), NOW)
    for number in range(1, 15):
        session = await refresh_session(plane, session.refresh_token, later(NOW, minutes=50 * number))
    with pytest.raises(RefreshFailed):
        await refresh_session(plane, session.refresh_token, later(NOW, hours=12))


async def test_an_operators_session_ends_after_an_idle_hour(plane: Plane, olga: Someone) -> None:
    challenge = await sign_in(plane, olga.email, olga.password, NOW)
    session = await verify_mfa(plane, challenge.token, MfaMethod.TOTP, olga.code(NOW), NOW)
    with pytest.raises(RefreshFailed):
        await refresh_session(plane, session.refresh_token, later(NOW, hours=1))


async def test_attempts_on_the_console_are_on_the_catalogs_log(
    plane: Plane, olga: Someone, catalog_scope: CatalogScope
) -> None:
    with pytest.raises(SignInFailed):
        await sign_in(plane, olga.email, "wrong", NOW)
    entry = table(CatalogAuditEntry).c
    async with catalog_scope.read() as reader:
        (row,) = await reader.rows(select(entry.event, entry.subject_type, entry.subject_id))
    assert tuple(row) == ("authn_login_fail", "Operator", olga.id)


async def test_an_operators_code_works_once_also_when_shown_many_times_at_once(
    plane: Plane, olga: Someone
) -> None:
    challenges = [await sign_in(plane, olga.email, olga.password, NOW) for _ in range(8)]
    code = olga.code(NOW)
    answers = await asyncio.gather(
        *(verify_mfa(plane, each.token, MfaMethod.TOTP, code, NOW) for each in challenges),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, MfaFailed) for answer in answers) == 7


async def test_operators_are_listed_by_name(plane: Plane, olga: Someone, catalog_scope: CatalogScope) -> None:
    await add_operator(catalog_scope, plane.keys, plane.hasher, "adam@example.org")
    async with catalog_scope.read() as reader:
        rows = await reader.rows(operators())
    assert {row.email for row in rows} == {olga.email, "adam@example.org"}
    assert {row.roles for row in rows} == {"SUPPORT"}
