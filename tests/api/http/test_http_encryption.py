"""The API is served over TLS only."""

from pathlib import Path

import httpx2
import pytest

from api.app import app_over
from api.portal import open_portal
from api.settings import PlainHttp, read_settings
from auth.keys import KeyRing

STRANGER = "203.0.113.9"
OK = {"query": "{ __typename }"}
HSTS = "strict-transport-security"


def client(tmp_path: Path, plain_http: PlainHttp, peer: str, **given: object) -> httpx2.AsyncClient:
    settings = read_settings({}, data=tmp_path, worker=False, plain_http=plain_http, **given)
    if not settings.keys_path.exists():
        KeyRing.create(settings.keys_path)
    transport = httpx2.ASGITransport(app=app_over(open_portal(settings)), client=(peer, 4711))
    return httpx2.AsyncClient(transport=transport, base_url="http://testserver")


@pytest.mark.clause("OX-009")
@pytest.mark.parametrize(
    ("plain_http", "peer"),
    [
        (PlainHttp.LOOPBACK, STRANGER),
        (PlainHttp.LOOPBACK, "2001:db8::1"),
        (PlainHttp.REFUSED, STRANGER),
        (PlainHttp.REFUSED, "127.0.0.1"),
    ],
)
async def test_plain_http_is_redirected_where_it_reads_and_refused_where_it_brings_something(
    tmp_path: Path, plain_http: PlainHttp, peer: str
) -> None:
    async with client(tmp_path, plain_http, peer) as http:
        for method in ("GET", "HEAD"):
            response = await http.request(method, "/graphql?a=1", headers={"Host": "acme.localhost:8000"})
            assert response.status_code == 308
            assert response.headers["location"] == "https://acme.localhost/graphql?a=1"
            assert HSTS not in response.headers
        for method in ("POST", "PUT", "OPTIONS", "DELETE"):
            response = await http.request(method, "/graphql", json=OK)
            assert response.status_code == 403
            (error,) = response.json()["errors"]
            assert error["extensions"]["code"] == "FORBIDDEN"
            assert error["extensions"]["requestId"] == response.headers["x-request-id"]


@pytest.mark.clause("OX-009")
async def test_over_https_it_is_served_and_browsers_are_told_to_stay(tmp_path: Path) -> None:
    async with client(tmp_path, PlainHttp.REFUSED, STRANGER) as http:
        for path in ("/graphql", "/healthz", "/.well-known/jwks.json", "/nowhere"):
            response = await http.get(f"https://testserver{path}")
            assert response.headers[HSTS] == "max-age=63072000; includeSubDomains"
        assert (await http.post("https://testserver/graphql", json=OK)).json()["data"]


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "testclient"])
async def test_this_machine_itself_is_served_without_tls(tmp_path: Path, peer: str) -> None:
    async with client(tmp_path, PlainHttp.LOOPBACK, peer) as http:
        assert (await http.post("/graphql", json=OK)).json()["data"]


async def test_who_asks_for_it_serves_everybody_without_tls(tmp_path: Path) -> None:
    async with client(tmp_path, PlainHttp.ALLOWED, STRANGER) as http:
        assert (await http.post("/graphql", json=OK)).json()["data"]


@pytest.mark.parametrize("plain_http", list(PlainHttp))
async def test_probes_reach_the_process_without_tls(tmp_path: Path, plain_http: PlainHttp) -> None:
    async with client(tmp_path, plain_http, STRANGER) as http:
        assert (await http.get("/healthz")).json() == {"status": "ok"}
        assert (await http.get("/readyz")).status_code in {200, 503}


@pytest.mark.parametrize(
    "host", ["evil.example", "a/b.localhost", "evil?.localhost", ".localhost", "", "a\r\nb.localhost", "a b.localhost"]
)  # fmt: skip
async def test_nobody_is_sent_to_a_host_that_is_not_ours(tmp_path: Path, host: str) -> None:
    async with client(tmp_path, PlainHttp.LOOPBACK, STRANGER) as http:
        response = await http.get("/graphql", headers={"Host": host})
        assert (response.status_code, "location" in response.headers) == (421, False)


@pytest.mark.clause("OX-009")
async def test_a_configured_proxy_says_how_its_client_came(tmp_path: Path) -> None:
    for protocol, status in (("https", 200), ("http", 403)):
        headers = {
            "X-Forwarded-For": STRANGER,
            "X-Forwarded-Proto": protocol,
            "X-Forwarded-Host": "evil.example",
        }
        async with client(tmp_path, PlainHttp.LOOPBACK, "127.0.0.1", proxies=("127.0.0.1/32",)) as http:
            response = await http.post("/graphql", json=OK, headers=headers)
            assert response.status_code == status
            assert (HSTS in response.headers) is (status == 200)


async def test_a_stranger_who_speaks_of_https_is_refused_all_the_same(tmp_path: Path) -> None:
    async with client(tmp_path, PlainHttp.LOOPBACK, STRANGER, proxies=("10.0.0.0/8",)) as http:
        headers = {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}
        assert (await http.post("/graphql", json=OK, headers=headers)).status_code == 403
