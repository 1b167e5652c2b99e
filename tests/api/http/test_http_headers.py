"""Headers that every response carries, whoever made it."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from api.headers import SecurityHeaders


async def greet(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.state.request_id)


async def fail(request: Request) -> PlainTextResponse:
    raise RuntimeError(request.url.path)


async def page(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.url.path, headers={"Content-Security-Policy": "default-src 'self'"})


@pytest.fixture
def client() -> TestClient:
    app = Starlette(routes=[Route("/", greet), Route("/fail", fail), Route("/page", page)])
    return TestClient(SecurityHeaders(app), raise_server_exceptions=False)


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/nowhere", 404), ("/fail", 500)])
def test_every_response_has_the_security_headers(client: TestClient, path: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert len(response.headers["x-request-id"]) == 32
    assert "strict-transport-security" not in response.headers


def test_https_is_remembered_by_browsers(client: TestClient) -> None:
    response = client.get("https://portal.example/")
    assert response.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"


def test_a_policy_of_the_page_itself_is_kept(client: TestClient) -> None:
    assert client.get("/page").headers["content-security-policy"] == "default-src 'self'"


def test_a_well_formed_request_id_is_kept_and_handed_on(client: TestClient) -> None:
    response = client.get("/", headers={"X-Request-Id": "0192f0c1-aa_b.c"})
    assert response.headers["x-request-id"] == response.text == "0192f0c1-aa_b.c"


@pytest.mark.parametrize(
    "given",
    [
        "short",
        "x" * 65,
        "with space 1",
        "<script>alert(1)</script>",
        "-leading-dash",
        "id;drop=1",
        "ééééééééé",
    ],
)
def test_another_request_id_is_replaced(client: TestClient, given: str) -> None:
    response = client.get("/", headers={b"X-Request-Id": given.encode()})
    assert response.headers["x-request-id"] == response.text != given
    assert len(response.text) == 32


def test_two_request_ids_are_none(client: TestClient) -> None:
    response = client.get("/", headers=[("X-Request-Id", "first-one"), ("X-Request-Id", "second-one")])
    assert len(response.text) == 32


def test_each_request_has_an_id_of_its_own(client: TestClient) -> None:
    assert client.get("/").text != client.get("/").text
