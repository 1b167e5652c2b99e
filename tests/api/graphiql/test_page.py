"""What the page of GraphiQL keeps, sends and says beside the walk of README, in a real browser."""

import json

from auth.permissions import OperatorRole
from tests.api.graphiql.page import EDITOR, Page, Served
from tests.factories.chromium import Chromium
from tests.factories.portal import PASSWORD, Person

VIEWER = "{ viewer { __typename } }"


async def signed_in(page: Page, portal: Served, person: Person) -> Page:
    await page.play("SignIn", email=person.email, password=PASSWORD)
    assert (await page.play("Verify", code=portal.clock.code(person.secret)))["session"]
    return page


async def test_an_operator_goes_from_customer_to_customer_by_the_bar(
    portal: Served, browser: Chromium | None
) -> None:
    if browser is None:
        return
    await portal.house.tenant("zonnedael")
    freya = await portal.house.operator(OperatorRole.SUPPORT_MANAGER, email="freya@vendor.example")
    page = await Page(await browser.open(portal.address())).ready()
    await page.choose("")
    await signed_in(page, portal, freya)
    assert "Signed in as Jan Jansen" in await page.text("state")
    assert (await page.play("WorkQueue"))["workQueue"]["nodes"] == []
    await page.choose("zonnedael")
    assert (await page.play("Tickets"))["nodes"] == []
    await page.choose("nobody")
    assert (await page.play("Tickets"))["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert "Signed in as Jan Jansen" in await page.text("state")


async def test_an_account_is_nobody_at_another_customer(portal: Served, browser: Chromium | None) -> None:
    if browser is None:
        return
    anna = (await portal.house.tenant("zonnedael")).owner
    other = (await portal.house.tenant("noordster")).owner
    page = await signed_in(await Page(await browser.open(portal.address())).ready(), portal, anna)
    await page.choose("noordster")
    assert await page.text("state") == "Signed out on this page: the session was one of zonnedael."
    await signed_in(page, portal, other)
    await page.window.click("document.getElementById('sign-out')")
    await page.window.until("document.getElementById('state').textContent === 'Signed out.'")
    assert (await page.play("WhoAmI"))["data"]["viewer"] is None


async def test_requests_that_find_the_token_expired_share_one_refresh(
    portal: Served, browser: Chromium | None
) -> None:
    """A second use of the refresh token would end the session."""
    if browser is None:
        return
    anna = (await portal.house.tenant("zonnedael")).owner
    page = await signed_in(await Page(await browser.open(portal.address())).ready(), portal, anna)
    portal.clock.pass_by(minutes=11)
    asked = ", ".join([f"fetcher({{query: {json.dumps(VIEWER)}}}, {{}})"] * 5)
    answers = await page.window.run(f"Promise.all([{asked}])")
    assert answers == [{"data": {"viewer": {"__typename": "Account"}}}] * 5
    assert "Signed in as Anna de Vries" in await page.text("state")


async def test_a_new_token_in_any_answer_is_the_one_that_is_sent(
    portal: Served, browser: Chromium | None
) -> None:
    if browser is None:
        return
    anna = (await portal.house.tenant("zonnedael")).owner
    page = await signed_in(await Page(await browser.open(portal.address())).ready(), portal, anna)
    answer = json.dumps({"data": {"stepUp": {"errors": [], "accessToken": "new"}}})
    kept = await page.window.run(
        f"(before => (take({answer}, '', before), [session.accessToken, "
        "session.refreshToken === before.refreshToken, session.viewer.name]))(session)"
    )
    assert kept == ["new", True, "Anna de Vries"]


async def test_an_address_without_the_mails_token_says_so(portal: Served, browser: Chromium | None) -> None:
    """At a host that names the customer, which nothing else can name there."""
    if browser is None:
        return
    page = await Page(await browser.open(portal.address("/password-reset", "nobody.localhost"))).ready()
    assert "mutation ResetPassword" in await page.window.run(f"{EDITOR}.getValue()")
    assert "paste it between the quotes" in await page.text("hint")
    assert await page.window.run("location.pathname + location.search") == "/graphql"
    assert await page.window.run("document.getElementById('customer').value") == "nobody"
    assert "where there is no such customer, nobody can sign in" in await page.text("by-address")
