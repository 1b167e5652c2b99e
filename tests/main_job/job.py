"""Who plays the main job: a served portal with one customer, its people, and an operator of the vendor."""

import asyncio
import re
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from tests.factories.portal import Client, Customer, House, Person

TICKET = """id number status priority { key } registeredAt coveredBySupport
  responseClock { state target dueAt stoppedAt explanation { from to counted reason clause { key } } }
  resolutionClock { state target dueAt stoppedAt explanation { from to counted reason clause { key } } }"""
PATIENCE_SECONDS = 60
REQUEST = """id status workedHours billedHours billed { amount currency } confirmation { by { email } }
  quote { digest blockHours blocks billableHours hourlyRate { amount } total { amount currency } clause { key } }"""


@dataclass
class Job:
    """What the steps hand on to each other."""

    house: House
    customer: Customer
    stranger: Customer
    operator: Person
    card_id: str
    owner: Client = field(init=False)
    at_work: Client = field(init=False)
    ticket: dict[str, Any] = field(init=False)

    @property
    def data(self) -> Path:
        return self.house.portal.settings.data

    async def invitation_of(self, email: str) -> str:
        """The token of the mail that the worker put into the folder of mails."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            for file in (self.data / "mails").glob("*.eml"):  # a handful of small files
                mail = BytesParser(policy=default).parsebytes(file.read_bytes())
                if email in str(mail["To"]):
                    return _token_in(mail, self.customer.record.slug)
            await asyncio.sleep(0.1)
        pytest.fail("no mail came")


def _token_in(mail: EmailMessage, slug: str) -> str:
    text = mail.get_body(("plain",))
    assert text is not None
    found = re.search(rf"https?://{slug}\.localhost[:0-9]*/invitation#([\w-]+)\s", text.get_content())
    assert found
    return found[1]


def codes(payload: dict[str, Any]) -> list[str]:
    """The codes of a payload's errors."""
    return [error["code"] for error in payload["errors"]]
