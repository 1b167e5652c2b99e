"""Sessions in cookies: for pages that we know, with the session's own CSRF token, and never beside a header."""

import httpx2
import pytest

from tests.api.conftest import NewCustomer
from tests.factories.browser import (
    ACCESS_COOKIE,
    CSRF_COOKIE,
    PAGE,
    REFRESH,
    REFRESH_COOKIE,
    SIGN_OUT,
    Browser,
    set_cookies,
)
from tests.factories.contents import contents
from tests.factories.portal import Customer, House

VIEWER = "{ viewer { __typename } }"
SIGNED_IN = {"data": {"viewer": {"__typename": "Account"}}}
REGISTER = (
    'mutation { registerTicket(input: {type: BUG, subject: "?", description: "?"}) { errors { code } } }'
)
BESIDES = frozenset({"audit_log", "throttle", "session", "refresh_token"})


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


@pytest.fixture
async def browser(shared_house: House, customer: Customer) -> Browser:
    """Signed in, with its cookies."""
    browser = Browser(shared_house, customer.record.slug)
    await browser.sign_in(customer.owner)
    return browser


def refused(response: httpx2.Response) -> tuple[int, str]:
    body = response.json()
    assert "data" not in body
    return response.status_code, body["errors"][0]["extensions"]["code"]


async def test_a_session_that_is_asked_for_in_cookies_is_nowhere_else(
    shared_house: House, customer: Customer
) -> None:
    browser = Browser(shared_house, customer.record.slug)
    response = await browser.sign_in(customer.owner)
    session = response.json()["data"]["verifyMfa"]["session"]
    assert (session["accessToken"], session["refreshToken"]) == ("", "")
    for name in (ACCESS_COOKIE, REFRESH_COOKIE):
        assert browser.cookies[name] not in response.text
    assert (await browser.send(VIEWER)).json() == SIGNED_IN


async def test_the_cookies_are_of_this_host_over_tls_and_out_of_reach_for_scripts(
    shared_house: House, customer: Customer
) -> None:
    found = set_cookies(await Browser(shared_house, customer.record.slug).sign_in(customer.owner))
    assert set(found) == {ACCESS_COOKIE, REFRESH_COOKIE, CSRF_COOKIE}
    for name, line in found.items():
        assert name.startswith("__Host-")
        assert (line["path"], line["domain"], line["secure"], line["samesite"]) == ("/", "", True, "Strict")
        assert bool(line["httponly"]) is (name != CSRF_COOKIE)
    assert 590 <= int(found[ACCESS_COOKIE]["max-age"]) <= 600
    assert found[REFRESH_COOKIE]["max-age"] == found[CSRF_COOKIE]["max-age"] == str(8 * 3600)


async def test_without_asking_tokens_stand_in_the_answer_and_no_cookie_is_set(
    shared_house: House, customer: Customer
) -> None:
    client = await shared_house.sign_in(customer.owner)
    assert client.token
    answer = await Browser(shared_house, customer.record.slug).send(
        REFRESH, {"input": {"refreshToken": client.refresh_token}}, Portal_Session=None
    )
    assert set_cookies(answer) == {}
    assert answer.json()["data"]["refreshSession"]["session"]["accessToken"]


@pytest.mark.parametrize("name", ["Portal_CSRF", "Origin"])
async def test_a_cookie_without_csrf_token_or_origin_opens_nothing(
    browser: Browser, customer: Customer, name: str
) -> None:
    before = await contents(customer.scope, BESIDES)
    for document in (VIEWER, REGISTER, SIGN_OUT):
        assert refused(await browser.send(document, **{name: None})) == (403, "FORBIDDEN")
    assert await contents(customer.scope, BESIDES) == before
    assert (await browser.send(VIEWER)).json() == SIGNED_IN


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "", "http://testserver.evil.example", "https://testserver", "http://other"],
)  # fmt: skip
async def test_pages_of_other_origins_cannot_use_the_cookies(browser: Browser, origin: str) -> None:
    assert refused(await browser.send(REGISTER, Origin=origin)) == (403, "FORBIDDEN")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
async def test_what_the_browser_calls_another_site_is_refused(browser: Browser, site: str) -> None:
    assert refused(await browser.send(REGISTER, Sec_Fetch_Site=site)) == (403, "FORBIDDEN")
    assert (await browser.send(VIEWER, Sec_Fetch_Site="same-origin")).json() == SIGNED_IN


async def test_the_csrf_token_of_another_session_is_none(
    browser: Browser, shared_house: House, customer: Customer
) -> None:
    other = Browser(shared_house, customer.record.slug)
    await other.sign_in(await customer.contact("Bram Bos"))
    assert other.csrf != browser.csrf
    for wrong in (other.csrf, "", browser.csrf[:-1], browser.csrf.upper(), "é"):
        assert refused(await browser.send(REGISTER, Portal_CSRF=wrong)) == (403, "FORBIDDEN")


async def test_cookies_that_are_not_asked_for_are_not_looked_at(browser: Browser) -> None:
    answer = (await browser.send(VIEWER, Portal_Session=None)).json()
    assert answer["data"] == {"viewer": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]


async def test_a_cookie_and_a_header_together_contradict_each_other(
    browser: Browser, customer: Customer
) -> None:
    token = (await customer.client()).token
    answer = await browser.send(VIEWER, Authorization=f"Bearer {token}")
    assert refused(answer) == (400, "BAD_USER_INPUT")
    assert refused(await browser.send(VIEWER, Portal_Session="header")) == (400, "BAD_USER_INPUT")
    alone = await browser.send(VIEWER, Authorization=f"Bearer {token}", Portal_Session=None, Origin=None)
    assert alone.json() == SIGNED_IN


async def test_a_session_is_refreshed_from_its_cookie_also_when_the_access_cookie_is_gone(
    browser: Browser,
) -> None:
    old = dict(browser.cookies)
    del browser.cookies[ACCESS_COOKIE]
    answer = await browser.refresh()
    assert answer["data"]["refreshSession"]["errors"] == []
    assert answer["data"]["refreshSession"]["session"]["refreshToken"] == ""
    assert browser.cookies[REFRESH_COOKIE] != old[REFRESH_COOKIE]
    assert (await browser.send(VIEWER)).json() == SIGNED_IN


async def test_a_refresh_cookie_is_worth_nothing_without_the_csrf_token_of_its_session(
    browser: Browser,
) -> None:
    del browser.cookies[ACCESS_COOKIE]
    for changed in ({"Portal_CSRF": None}, {"Portal_CSRF": "0" * 64}):
        answer = await browser.refresh(**changed)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert (await browser.refresh())["data"]["refreshSession"]["errors"] == []


@pytest.mark.parametrize("value", ["", ".", "x", "x.y", "00000000-0000-0000-0000-000000000000.token"])
async def test_a_refresh_cookie_that_is_none_is_refused(browser: Browser, value: str) -> None:
    browser.cookies = {REFRESH_COOKIE: value}
    answer = await browser.refresh()
    assert not (answer.get("data") or {}).get("refreshSession", {}).get("session")


async def test_a_refresh_cookie_that_was_used_before_ends_the_session_and_leaves_the_browser(
    browser: Browser,
) -> None:
    stolen = dict(browser.cookies)
    await browser.refresh()
    kept, browser.cookies = browser.cookies, stolen
    answer = await browser.refresh()
    assert answer["data"]["refreshSession"]["errors"] == [{"code": "SIGN_IN_FAILED"}]
    assert browser.cookies == {}
    browser.cookies = kept
    assert (await browser.send(VIEWER)).status_code == 401


async def test_signing_out_takes_the_cookies_back(browser: Browser) -> None:
    kept = dict(browser.cookies)
    await browser.send(SIGN_OUT)
    assert browser.cookies == {}
    browser.cookies = kept
    response = await browser.send(VIEWER)
    assert refused(response) == (401, "UNAUTHENTICATED")
    assert browser.cookies == {}  # a script could not take them out, and nobody could sign in again


async def test_a_cookie_of_one_tenant_is_worth_nothing_at_another(
    browser: Browser, new_customer: NewCustomer
) -> None:
    other = await new_customer()
    assert refused(await browser.send(VIEWER, Portal_Tenant=other.record.slug)) == (401, "UNAUTHENTICATED")


async def test_an_access_cookie_that_is_no_token_of_ours_is_refused_and_taken_back(browser: Browser) -> None:
    browser.cookies[ACCESS_COOKIE] = "a.b.c"
    assert refused(await browser.send(VIEWER)) == (401, "UNAUTHENTICATED")
    assert browser.cookies == {}


async def test_a_page_may_say_on_which_host_it_is_in_capitals(browser: Browser) -> None:
    assert (await browser.send(VIEWER, Host="TESTSERVER", Origin=PAGE)).json() == SIGNED_IN
