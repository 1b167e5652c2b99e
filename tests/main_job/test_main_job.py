"""The main job, step by step over HTTP, on a server process with SQLite and with PostgreSQL."""

import asyncio
from typing import Any

import pytest

from tenants.databases.revisions import SERVED_REVISIONS, TENANT_HEAD
from tests.factories.older import revision_in
from tests.main_job.consultancy import pay_with_the_hour_card, quote_and_confirm
from tests.main_job.job import Job, codes
from tests.main_job.signing_in import (
    accept_an_invitation,
    see_the_own_organization,
    sign_in_with_two_factors,
)
from tests.main_job.tickets import (
    find_the_ticket,
    register_a_ticket,
    take_work_from_the_queue,
    work_on_the_ticket,
)

STATUS = """{ slaStatus { clocks { kind state late tickets } hoursLeft
  response { decided inTime percent } resolution { decided inTime percent } } }"""


async def name_ten_contacts_at_once(job: Job) -> None:
    """One is named already and three are allowed: two of the ten come in, and no fourth ever."""

    async def name(number: int) -> Any:
        given = {
            "name": f"Contact {number}",
            "email": f"c{number}@zonnedael.example",
            "phone": "030 123 45 67",
        }
        return await job.owner.do("nameContact", given, "contact { name }")

    payloads = await asyncio.gather(*(name(number) for number in range(10)))
    assert sum(payload["contact"] is not None for payload in payloads) == 2
    refusals = [payload["errors"][0] for payload in payloads if payload["errors"]]
    assert {(error["code"], error["limit"]) for error in refusals} == {("CONTACT_LIMIT_REACHED", 3)}
    assert codes(await name(11)) == ["CONTACT_LIMIT_REACHED"]
    contacts = (await job.owner.data("{ organization { contacts { name } } }"))["organization"]["contacts"]
    assert len(contacts) == 3


async def read_how_the_agreement_is_kept(job: Job) -> None:
    """One ticket was answered and solved in time, one is open, four hours are left on the card."""
    found = (await job.owner.data(STATUS))["slaStatus"]
    assert found.pop("clocks") == [
        {"kind": "RESPONSE", "state": "MET", "late": False, "tickets": 1},
        {"kind": "RESPONSE", "state": "RUNNING", "late": False, "tickets": 1},
        {"kind": "RESOLUTION", "state": "MET", "late": False, "tickets": 1},
        {"kind": "RESOLUTION", "state": "RUNNING", "late": False, "tickets": 1},
    ]
    kept = {"decided": 1, "inTime": 1, "percent": "100.0"}
    assert found == {"hoursLeft": "4", "response": kept, "resolution": kept}


@pytest.mark.clause("QX-037")
@pytest.mark.clause("QX-062")
@pytest.mark.clause("QX-064")
@pytest.mark.clause("QX-096")
@pytest.mark.clause("QX-098")
async def test_the_main_job_from_signing_in_to_the_figures_of_the_month(job: Job) -> None:
    await play(job)


@pytest.mark.parametrize("revision", sorted(SERVED_REVISIONS - {TENANT_HEAD}))
async def test_the_main_job_for_customers_whose_databases_are_not_migrated_yet(
    job: Job, revision: str
) -> None:
    await play(job)
    home = job.customer.record.placement
    assert await revision_in(job.house.portal.engines.server(home.server), home.database) == revision


async def play(job: Job) -> None:
    await sign_in_with_two_factors(job)
    await accept_an_invitation(job)
    await see_the_own_organization(job)
    await register_a_ticket(job)
    await find_the_ticket(job)
    await take_work_from_the_queue(job)
    await work_on_the_ticket(job)
    await quote_and_confirm(job)
    await pay_with_the_hour_card(job)
    await name_ten_contacts_at_once(job)
    await read_how_the_agreement_is_kept(job)
