"""Customers with data of every kind, and what an export of theirs holds."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantRecord
from tenants.leaving.export import Export, Show, export_tenant
from tests.factories.everything import ids_of_everything
from tests.factories.portal import Customer, House, Person
from tests.factories.tickets import History


def present() -> datetime:
    return datetime.now(UTC)


def nobody_looks(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


async def exported(
    customer: Customer, to: Path, tenant: TenantRecord | None = None, show: Show = nobody_looks
) -> Export:
    engines = customer.house.portal.engines
    return await export_tenant(engines, tenant or customer.record, to, actor=SYSTEM, clock=present, show=show)


def lines_of(folder: Path, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "data" / f"{table}.jsonl").read_bytes().splitlines()]


def records_of(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def all_bytes(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.fixture
async def operator(house: House) -> Person:
    return await house.operator()


@pytest.fixture
async def alfa(house: House, operator: Person) -> Customer:
    """A customer with one of everything, whose owner is signed in."""
    customer = await house.tenant("alfa")
    await ids_of_everything(customer, operator)
    await house.sign_in(customer.owner)
    return customer


@pytest.fixture
def past(alfa: Customer, operator: Person) -> History:
    """Writes more tickets of the customer."""
    return History(alfa, operator)
