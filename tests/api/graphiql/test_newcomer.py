"""What README says under "An account's life, in GraphiQL", done in a real browser against a served portal."""

from tests.api.graphiql.page import EDITOR, Page, Served
from tests.factories.chromium import Chromium, Window, until
from tests.factories.portal import PASSWORD, Person

NEW_PASSWORD = "negen groene dijken bij avond"
EMAIL = "eva@zonnedael.example"


async def test_a_newcomer_does_what_readme_says(portal: Served, browser: Chromium | None) -> None:
    if browser is None:
        return
    anna = (await portal.house.tenant("zonnedael")).owner
    hers = await Page(await browser.open(portal.address())).ready()
    await signs_in(hers, portal, anna)
    invited = await hers.play("Invite", email=EMAIL, name="Eva Smit")
    assert invited["account"]["status"] == "INVITED"

    evas = await invitation(browser, hers)
    secret, codes = await accepts(evas, portal)
    evas_other = await loses_the_phone(browser, evas, portal, codes)
    await her_ended_session_is_told(evas, portal, secret)
    await loses_the_codes_as_well(hers, evas_other, portal, invited["account"]["id"])

    portal.clock.pass_by(minutes=11)
    await deactivates(hers, portal, anna)
    assert await evas_other.codes("SignIn", email=EMAIL, password=NEW_PASSWORD) == ["SIGN_IN_FAILED"]
    assert (await evas_other.play("WhoAmI"))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert "has ended" in await evas_other.text("state")
    await reads_the_record(hers, invited["account"]["id"])
    await a_reload_forgets(hers)


async def signs_in(page: Page, portal: Served, person: Person) -> None:
    """The first tab of a browser that knows nothing yet; a wrong code does no harm."""
    assert await page.text("state") == "Nobody is signed in."
    first = await page.play(email=person.email, password=PASSWORD)
    assert first["challenge"], first
    assert await page.codes("Verify", code="000000") == ["MFA_FAILED"]
    assert (await page.play("Verify", code=portal.clock.code(person.secret)))["session"]
    assert f"Signed in as Anna de Vries ({person.email}) until" in await page.text("state")


async def invitation(browser: Chromium, page: Page) -> Page:
    """By the page of mails, in a window of its own: the mail, its link, and GraphiQL with the token filled in."""
    mails = await browser.opened_by(page.window.click("document.querySelector('a.mails')"))
    await follow(mails, "'/mails/'")
    await follow(mails, "'/invitation#'")
    evas = await Page(mails).ready()
    assert "token of the mail is filled in" in await evas.text("hint")
    address = await evas.window.run("location.pathname + location.search + location.hash")
    assert address == "/graphql"
    return evas


async def follow(window: Window, to: str) -> None:
    """The first link that leads there, as soon as the page has it."""
    link = f"[...document.links].find(it => it.href.includes({to}))"

    async def there() -> bool:
        if await window.run(f"document.readyState === 'complete' && Boolean({link})"):
            return True
        await window.reload()
        return False

    await until(there, to)
    await window.run(f"{link}.scrollIntoView()")
    await window.click(link)


async def accepts(page: Page, portal: Served) -> tuple[str, list[str]]:
    """Eva's secret and recovery codes. The picture stays until the right code was sent, and covers nothing."""
    assert (await page.play(password=NEW_PASSWORD))["challenge"]["enrollmentRequired"]
    enrolled = await page.play("EnrollAuthenticator")
    assert enrolled["qrCodeSvg"] == "(shown above)"
    secret: str = await page.window.run("document.getElementById('secret').textContent")
    assert secret == enrolled["secret"]
    assert await page.codes("ConfirmAuthenticator", code="000000") == ["MFA_FAILED"]
    assert "Scan the code" in await page.text("authenticator")
    confirmed = await page.play(code=portal.clock.code(secret))
    assert len(confirmed["recoveryCodes"]) == 10
    assert await page.text("authenticator") == ""
    assert "Signed in as Eva Smit" in await page.text("state")
    return secret, confirmed["recoveryCodes"]


async def loses_the_phone(browser: Chromium, before: Page, portal: Served, codes: list[str]) -> Page:
    """In a second window at the same address, which knows nothing of the first: a recovery code, then a new phone."""
    address = await before.window.run("location.href")
    page = await Page(await browser.open(address)).ready()
    assert 'email: ""' in await page.window.run(f"{EDITOR}.getValue()")
    assert await page.window.run("localStorage.length") == 0
    assert (await page.play("SignIn", email=EMAIL, password=NEW_PASSWORD))["challenge"]
    assert (await page.play("Recover", code=codes[0]))["session"]
    assert "Signed in as Eva Smit" in await page.text("state")
    secret = (await page.play("EnrollAuthenticator"))["secret"]
    renewed = await page.play("ConfirmAuthenticator", code=portal.clock.code(secret))
    assert len(renewed["recoveryCodes"]) == 10
    assert await page.text("authenticator") == ""
    return page


async def her_ended_session_is_told(page: Page, portal: Served, old_secret: str) -> None:
    """The new phone ended the session of the first window; its dead token does not stand in the way of a new one."""
    refused = await page.play("WhoAmI")
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await page.text("state") == "The session has ended. Sign in again."
    assert (await page.play("SignIn", email=EMAIL, password=NEW_PASSWORD))["challenge"]
    assert await page.codes("Verify", code=portal.clock.code(old_secret)) == ["MFA_FAILED"]


async def loses_the_codes_as_well(hers: Page, evas: Page, portal: Served, key: str) -> None:
    """Anna takes the factor away; Eva's password gives a challenge that enrols, also where a dead session was."""
    reset = await hers.play(
        "ResetAuthenticator", accountId=key, identityCheck="by telephone, at the known number"
    )
    assert reset["account"]["mfa"]["methods"] == []
    first = await evas.play("SignIn", email=EMAIL, password=NEW_PASSWORD)
    assert first["challenge"]["enrollmentRequired"]
    secret = (await evas.play("EnrollAuthenticator"))["secret"]
    assert (await evas.play("ConfirmAuthenticator", code=portal.clock.code(secret)))["session"]


async def deactivates(page: Page, portal: Served, anna: Person) -> None:
    """After eleven minutes: the page renews the token by itself, and a fresh code is asked for."""
    accounts = (await page.play("Accounts"))["accounts"]["nodes"]
    (key,) = [each["id"] for each in accounts if each["email"] == EMAIL]
    assert await page.codes("Deactivate", accountId=key) == ["STEP_UP_REQUIRED"]
    assert (await page.play("StepUp", code=portal.clock.code(anna.secret)))["errors"] == []
    assert (await page.play("Deactivate"))["account"]["status"] == "DEACTIVATED"


async def reads_the_record(page: Page, key: str) -> None:
    """All of Eva's life, sealed."""

    async def sealed() -> list[dict[str, str]]:
        log = (await page.play("Record"))["auditLog"]
        return log["nodes"] if all(each["seal"] for each in log["nodes"]) else []

    entries = await until(sealed, "the record is not sealed")
    of_eva = {each["event"] for each in entries if each["subjectId"] == key}
    assert of_eva >= {
        "user_created",
        "authn_login_success",
        "authn_mfa_fail",
        "authn_mfa_enrolled",
        "user_archived",
    }


async def a_reload_forgets(page: Page) -> None:
    """Also what an older page has left in the browser."""
    await page.window.run("localStorage.setItem('graphiql:tabState', 'a password')")
    await page.window.reload()
    await page.ready()
    assert await page.text("state") == "Nobody is signed in."
    assert await page.window.run("localStorage.length") == 0
    assert 'password: ""' in await page.window.run(f"{EDITOR}.getValue()")
