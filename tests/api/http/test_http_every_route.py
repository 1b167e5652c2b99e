"""Whatever the portal answers, on whatever path and however it ends: the same protection stands on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from api.app import app_over
from api.portal import open_portal
from api.settings import PlainHttp, read_settings
from auth.keys import KeyRing

DESK = "https://desk.example.com"
BROWSER = {"Accept": "text/html"}
PREFLIGHT = {"Origin": DESK, "Access-Control-Request-Method": "POST"}
HELLO = b'{"query": "{ __typename }"}'
JSON = {"Content-Type": "application/json"}
SIGN_IN = b'{"query": "mutation { signIn(input: {email: \\"a@b.example\\", password: \\"?\\"}) { errors { code } } }"}'

# method, path, headers, body, status
ANSWERS: list[tuple[str, str, dict[str, str], bytes, int]] = [
    ("POST", "/graphql", JSON, HELLO, 200),
    ("POST", "/graphql", JSON, b"{", 400),
    ("POST", "/graphql", JSON | {"Authorization": "Bearer x"}, HELLO, 401),
    ("POST", "/graphql", JSON | {"Portal-Session": "cookie"}, HELLO, 403),
    ("POST", "/graphql", JSON | {"Accept": "text/html"}, HELLO, 406),
    ("POST", "/graphql", JSON, b" " * 5_000_000, 413),
    ("POST", "/graphql", {"Content-Type": "text/plain"}, HELLO, 415),
    ("POST", "/graphql", JSON | {"Host": "evil.example"}, HELLO, 421),
    ("POST", "/graphql", JSON, SIGN_IN, 503),
    ("GET", "/graphql", {}, b"", 405),
    ("PUT", "/graphql", {}, b"", 405),
    ("OPTIONS", "/graphql", PREFLIGHT, b"", 204),
    ("GET", "/graphql", BROWSER, b"", 200),
    ("GET", "/", {}, b"", 307),
    ("GET", "/healthz", {}, b"", 200),
    ("POST", "/healthz", {}, b"", 405),
    ("GET", "/readyz", {}, b"", 503),
    ("GET", "/.well-known/jwks.json", {}, b"", 200),
    ("GET", "/static/graphiql/page.js", {}, b"", 200),
    ("GET", "/static/graphiql/nothing.js", {}, b"", 404),
    ("GET", "/nowhere", {}, b"", 404),
    ("GET", "/%2e%2e/%00", {}, b"", 404),
]
NAMES = [f"{method} {path} {status}" for method, path, _headers, _body, status in ANSWERS]
MAY_BE_KEPT = {"/.well-known/jwks.json": "public, max-age=300"}


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """A portal whose catalog is not there: what needs it is answered 503."""
    settings = read_settings({}, data=tmp_path, worker=False, origins=(DESK,), password_rounds=1000)
    KeyRing.create(settings.keys_path)
    portal = open_portal(settings)
    transport = httpx2.ASGITransport(app=app_over(portal))
    async with httpx2.AsyncClient(transport=transport, base_url="https://testserver") as client:
        yield client
    await portal.close()


def check_headers(response: httpx2.Response, path: str) -> None:
    found = response.headers
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == "no-referrer"
    assert found["cross-origin-opener-policy"] == "same-origin"
    assert found["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in found["permissions-policy"]
    assert found["strict-transport-security"] == "max-age=63072000; includeSubDomains"
    assert found["cache-control"] == MAY_BE_KEPT.get(path, "no-store")
    assert len(found["x-request-id"]) == 32
    policy = found["content-security-policy"]
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert "server" not in found


@pytest.mark.parametrize(("method", "path", "headers", "body", "status"), ANSWERS, ids=NAMES)
async def test_every_answer_bears_the_security_headers(
    http: httpx2.AsyncClient, method: str, path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    response = await http.request(method, path, headers=headers, content=body)
    assert response.status_code == status
    check_headers(response, path)


async def test_no_line_end_of_a_request_becomes_a_header_of_the_answer(http: httpx2.AsyncClient) -> None:
    broken = "good-enough\r\nSet-Cookie: a=b"
    for name in ("X-Request-Id", "Origin", "Accept-Language", "User-Agent", "Portal-CSRF", "Portal-Tenant"):
        response = await http.post("/graphql", content=HELLO, headers=JSON | {name: broken})
        assert "set-cookie" not in response.headers
        assert not any("\r" in value or "\n" in value for value in response.headers.values())


async def test_an_answer_over_plain_http_bears_them_but_for_the_promise_of_tls(tmp_path: Path) -> None:
    settings = read_settings({}, data=tmp_path, worker=False, plain_http=PlainHttp.REFUSED)
    KeyRing.create(settings.keys_path)
    transport = httpx2.ASGITransport(app=app_over(open_portal(settings)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http:
        for response in (await http.get("/graphql"), await http.post("/graphql", content=HELLO)):
            assert "strict-transport-security" not in response.headers  # RFC 6797, 7.2
            response.headers["strict-transport-security"] = "max-age=63072000; includeSubDomains"
            check_headers(response, "/graphql")


@pytest.mark.parametrize("introspection", [True, False])
async def test_in_production_a_stranger_neither_introspects_nor_gets_suggestions(
    tmp_path: Path, introspection: bool
) -> None:
    settings = read_settings({}, data=tmp_path, worker=False, introspection=introspection)
    KeyRing.create(settings.keys_path)
    transport = httpx2.ASGITransport(app=app_over(open_portal(settings)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http:
        asked = await http.post("/graphql", json={"query": "{ __schema { queryType { name } } }"})
        assert ("data" in asked.json()) is introspection
        typo = await http.post("/graphql", json={"query": "{ viewr { __typename } }"})
        assert ("viewer" in typo.text) is introspection
