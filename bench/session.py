"""A real session: both factors over HTTP, as anybody signs in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from auth.totp import code_at
from bench.client import ask, request_bytes
from bench.seeding import PASSWORD, Guest

SIGN_IN = "mutation($input: SignInInput!) { signIn(input: $input) { challenge { token } errors { code } } }"
VERIFY = "mutation($input: VerifyMfaInput!) { verifyMfa(input: $input) { session { accessToken } errors { code } } }"


async def signed_in(port: int, guest: Guest) -> str:
    """The access token of a new session."""
    given = {"email": guest.email, "password": PASSWORD}
    token = (await _call(port, guest, SIGN_IN, given))["signIn"]["challenge"]["token"]
    code = code_at(guest.secret, datetime.now(UTC))
    answer = {"challengeToken": token, "method": "TOTP", "code": code}
    session = (await _call(port, guest, VERIFY, answer))["verifyMfa"]["session"]
    return str(session["accessToken"])


async def _call(port: int, guest: Guest, document: str, given: dict[str, Any]) -> Any:
    body = orjson.dumps({"query": document, "variables": {"input": given}})
    answer = orjson.loads(await ask(port, request_bytes(body, {"Portal-Tenant": guest.tenant})))
    return answer["data"]
