"""`slaportal mails`: one customer that cannot be reached stops nothing."""

import json
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import update

from tenants.mails.service import TENANT_MAILS, MailKind, Recipient, post_mail
from tests.cli.conftest import Slaportal
from tests.cli.installations import commands
from tests.factories.portal import Customer, House
from tests.tenants.jobs.backlog import change_entry


async def with_failed_mail(house: House, slug: str) -> Customer:
    customer, now = await house.tenant(slug), datetime.now(UTC)
    async with customer.scope.write() as session:
        to = Recipient(uuid4(), "anna@x.example", "Anna", "EN")
        await post_mail(session, house.portal.keys, MailKind.PASSWORD_CHANGED, to, {}, now)
        await session.execute(update(TENANT_MAILS).values(failure="no such user", failed_at=now))
    return customer


async def test_a_customer_that_cannot_be_reached_is_named_and_the_others_are_worked_on(
    house: House, slaportal: Slaportal
) -> None:
    gone, run = await with_failed_mail(house, "acme"), commands(house, slaportal)
    await with_failed_mail(house, "bravo")
    await change_entry(gone, database_name="t_gone")
    listed = await run("mails", "list", "--json")
    assert [row["customer"] for row in json.loads(listed.stdout)] == ["bravo"]
    dry = await run("mails", "drop", "--dry-run")
    retried = await run("mails", "retry")
    for done, count in ((dry, "1 mails would be wiped."), (retried, "1 mails are sent anew.")):
        assert count in done.stderr.splitlines()
    for done in (listed, dry, retried, await run("mails", "drop"), await run("mails", "list", "acme")):
        assert done.exit_code == 1
        assert [line for line in done.stderr.splitlines() if line.startswith("acme: cannot be reached")]


async def test_mails_of_a_suspended_customer_are_listed_and_dropped(
    house: House, slaportal: Slaportal
) -> None:
    run = commands(house, slaportal)
    await with_failed_mail(house, "acme")
    assert (await run("tenant", "suspend", "acme")).exit_code == 0
    for words in ((), ("acme",)):
        found = json.loads((await run("mails", "list", *words, "--json")).stdout)
        assert [row["customer"] for row in found] == ["acme"]
    dropped = await run("mails", "drop", "acme")
    assert (dropped.exit_code, dropped.stderr.strip()) == (0, "1 mails are wiped.")
