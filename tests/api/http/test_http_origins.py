"""Pages of other origins: those that are configured may read answers, nobody else."""

from contextlib import AbstractContextManager
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.types import ASGIApp
from starlette.websockets import WebSocketDisconnect

from api.app import app_over
from api.portal import open_portal
from api.settings import read_settings
from auth.keys import KeyRing
from tests.api.http.portal import Portal

DESK = "https://desk.example.com"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type,portal-session,portal-csrf",
}
OK = {"query": "{ __typename }"}


@pytest.fixture
def http(tmp_path: Path) -> TestClient:
    return TestClient(application(tmp_path, origins=(DESK,)))


def application(data: Path, **given: object) -> ASGIApp:
    settings = read_settings({}, data=data, worker=False, **given)
    KeyRing.create(settings.keys_path)
    return app_over(open_portal(settings))


def cors(response: httpx2.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("access-control")}


def test_a_configured_origin_is_answered_its_preflight(http: TestClient) -> None:
    response = http.options("/graphql", headers={"Origin": DESK, **PREFLIGHT})
    assert (response.status_code, response.content) == (204, b"")
    found = cors(response)
    assert found["access-control-allow-origin"] == DESK
    assert found["access-control-allow-credentials"] == "true"
    assert found["access-control-allow-methods"] == "POST"
    allowed = found["access-control-allow-headers"].split(", ")
    assert {"authorization", "content-type", "portal-tenant", "portal-session", "portal-csrf"} <= set(allowed)
    assert response.headers["vary"] == "Origin"


def test_a_page_of_a_configured_origin_may_read_the_answer(http: TestClient) -> None:
    response = http.post("/graphql", json=OK, headers={"Origin": DESK})
    assert response.json() == {"data": {"__typename": "Query"}}
    assert cors(response)["access-control-allow-origin"] == DESK
    assert "portal-csrf" in cors(response)["access-control-expose-headers"]
    assert "Origin" in response.headers["vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "*",
        f"{DESK}.evil.example",
        f"{DESK}/",
        "http://desk.example.com",
        "HTTPS://DESK.EXAMPLE.COM",
        f"{DESK}\r\nX: y",
        f"{DESK}, https://evil.example",
    ],
)
def test_other_origins_are_told_nothing(http: TestClient, origin: str) -> None:
    for response in (
        http.options("/graphql", headers={"Origin": origin, **PREFLIGHT}),
        http.post("/graphql", json=OK, headers={"Origin": origin}),
    ):
        assert cors(response) == {}
        assert response.headers["vary"] == "Origin"
    assert http.options("/graphql", headers={"Origin": origin, **PREFLIGHT}).status_code == 405


def test_two_origins_are_none(http: TestClient) -> None:
    response = http.post("/graphql", json=OK, headers=[("Origin", DESK), ("Origin", DESK)])
    assert cors(response) == {}


def test_pages_read_nothing_but_the_api(http: TestClient) -> None:
    for path in ("/healthz", "/.well-known/jwks.json", "/static/graphiql/page.js"):
        assert cors(http.get(path, headers={"Origin": DESK})) == {}


def test_without_configured_origins_there_is_no_cors(tmp_path: Path) -> None:
    http = TestClient(application(tmp_path))
    response = http.options("/graphql", headers={"Origin": DESK, **PREFLIGHT})
    assert (response.status_code, cors(response)) == (405, {})


@pytest.mark.parametrize(
    "origin",
    ["*", "null", DESK + "/", "desk.example.com", "https://Desk.example.com", "https://*.example.com"],
)
def test_what_is_no_origin_is_refused_at_start(origin: str) -> None:
    with pytest.raises(ValueError, match="origins"):
        read_settings({}, origins=(origin,))


def test_sockets_are_opened_by_pages_of_the_same_origins_only() -> None:
    portal = Portal(subscriptions=True, origins=(DESK,))
    for origin in ("https://evil.example", "null", "http://desk.example.com"):
        with pytest.raises(WebSocketDisconnect), socket(portal, origin):
            pass
    for origin in (DESK, "http://testserver"):
        with socket(portal, origin) as opened:
            assert opened.accepted_subprotocol == "graphql-transport-ws"


def socket(portal: Portal, origin: str) -> AbstractContextManager[WebSocketTestSession]:
    headers = {"origin": origin}
    return portal.client.websocket_connect("/graphql", subprotocols=["graphql-transport-ws"], headers=headers)
