"""Who plays the main job: a served portal with one customer, its people, and an operator of the vendor."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.demo_data.invitations import read_invitations
from tests.factories.portal import Client, Customer, House, Person

TICKET = """id number status priority { key } registeredAt coveredBySupport
  responseClock { state target dueAt stoppedAt explanation { from to counted reason clause { key } } }
  resolutionClock { state target dueAt stoppedAt explanation { from to counted reason clause { key } } }"""
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

    def invitation_of(self, email: str) -> str:
        """The token that the demo keeps until mails carry it."""
        (kept,) = [found for found in read_invitations(self.data) if found.email == email]
        assert kept.tenant == self.customer.record.slug
        return kept.token


def codes(payload: dict[str, Any]) -> list[str]:
    """The codes of a payload's errors."""
    return [error["code"] for error in payload["errors"]]
