"""From where a request comes, and over what: nobody's word for it but that of configured proxies."""

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from api.peers import Peers, address_of
from api.settings import Settings, read_settings

PROXY, CLIENT = "10.0.0.7", "203.0.113.9"
PROXIES = "10.0.0.0/8, fd00::/8"


async def tell(request: Request) -> JSONResponse:
    return JSONResponse([request.client.host if request.client else None, request.scope["scheme"]])


def configured(monkeypatch: pytest.MonkeyPatch, **given: str) -> Settings:
    for name, value in given.items():
        monkeypatch.setenv(f"SLAPORTAL_{name.upper()}", value)
    return read_settings()


async def seen(settings: Settings, peer: str, *headers: tuple[str, str]) -> list[str]:
    app = Peers(Starlette(routes=[Route("/", tell)]), settings.proxies)
    transport = httpx2.ASGITransport(app=app, client=(peer, 4711))
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http:
        found: list[str] = (await http.get("/", headers=list(headers))).json()
        return found


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    return configured(monkeypatch, proxies=PROXIES)


@pytest.mark.parametrize("peer", [CLIENT, "127.0.0.1", "11.0.0.1", "fe80::1"])
async def test_who_is_no_proxy_of_ours_is_believed_nothing(settings: Settings, peer: str) -> None:
    given = (("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-Proto", "https"))
    assert await seen(settings, peer, *given) == [peer, "http"]


async def test_without_configured_proxies_nobody_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    given = (("X-Forwarded-For", CLIENT), ("X-Forwarded-Proto", "https"))
    assert await seen(configured(monkeypatch), PROXY, *given) == [PROXY, "http"]


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ([CLIENT], CLIENT),
        ([f"198.51.100.1, {CLIENT}"], CLIENT),
        ([f"198.51.100.1, {CLIENT}, 10.1.1.1"], CLIENT),
        (["198.51.100.1", f"{CLIENT}, 10.1.1.1"], CLIENT),
        ([f"{CLIENT}:4711"], CLIENT),
        (["[2001:db8::1]:4711"], "2001:db8::1"),
        (["2001:db8::1, fd00::2"], "2001:db8::1"),
        ([f"::ffff:{CLIENT}"], CLIENT),
        ([f"{CLIENT}, nonsense"], PROXY),
        ([f"{CLIENT}, fe80::1%\r"], PROXY),
        ([f"{CLIENT},"], PROXY),
        ([""], PROXY),
        ([], PROXY),
        (["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
        ([", ".join(["198.51.100.1"] * 10_000)], "198.51.100.1"),
    ],
)
async def test_the_rightmost_address_that_is_no_proxy_of_ours_is_the_clients(
    settings: Settings, forwarded: list[str], client: str
) -> None:
    assert (await seen(settings, PROXY, *(("X-Forwarded-For", each) for each in forwarded)))[0] == client


@pytest.mark.parametrize(
    ("protocols", "scheme"),
    [
        (["https"], "https"),
        (["HTTPS"], "https"),
        (["https, https"], "https"),
        (["https, http"], "http"),
        (["http"], "http"),
        (["https", "http"], "http"),
        (["ftp"], "http"),
        ([], "http"),
    ],
)
async def test_the_way_was_encrypted_when_every_hop_says_so(
    settings: Settings, protocols: list[str], scheme: str
) -> None:
    assert (await seen(settings, PROXY, *(("X-Forwarded-Proto", each) for each in protocols)))[1] == scheme


async def test_a_proxy_that_is_configured_is_not_asked_for_forwarded(settings: Settings) -> None:
    given = ("Forwarded", f"for={CLIENT};proto=https;host=evil.example")
    assert await seen(settings, PROXY, given) == [PROXY, "http"]


@pytest.mark.parametrize("text", ["", "x", "1.2.3", "fe80::1%eth0", "1.2.3.4.5", "[", "[]", ":", "é"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert address_of(text) is None


@pytest.mark.parametrize("given", ["10.0.0.1/8", "proxy.example", '["10.0.0.0/8"]', "*"])
def test_proxies_that_are_no_networks_are_refused_at_start(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    with pytest.raises(ValueError, match="proxies"):
        configured(monkeypatch, proxies=given)
