"""What a customer takes along, column by column, and what stays behind and why.

A column that stands in neither list is in no export; a test wants every one to stand in one of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, Table, func, select

import tenants.schema  # noqa: F401  # imported for the tables
from tenants.tables import TenantTable


@dataclass(frozen=True, slots=True)
class Exported:
    """A table that is exported: what a row is, its columns that are plain, and those that need a word."""

    about: str
    plain: str
    told: Mapping[str, str] = field(default_factory=dict)
    leave_out_where: str | None = None
    """A column of true or false: rows where it is true are not the customer's."""

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(self.plain.split()) | self.told.keys()


_ACTOR = {
    "actor_kind": "ACCOUNT a person of the customer, AGENT one of the vendor, INTEGRATION, SYSTEM, NOBODY",
    "actor_id": "the `account` or `agent` that acted, by `actor_kind`",
}
_MEMBER = {"locale": "NL, EN or FR"}
_CLOCK = {
    "state": "RUNNING, PAUSED, MET, MISSED, BEST_EFFORT or NOT_APPLICABLE",
    "target_seconds": "what the agreement allows, in seconds of its service hours",
    "used_seconds": "service time used up to `running_since`, in seconds",
    "running_since": "from when the clock runs on; empty where it stands still",
    "strict": "true where the moment itself is already too late",
}
_CLOCK_PLAIN = ("due_at", "started_at", "stopped_at", "breached_at")
_CLOCKS = ("response", "resolution")

EXPORTED: Mapping[str, Exported] = {
    "organization": Exported(
        "The customer itself, one row.",
        "id slug name created_at",
        _MEMBER
        | {"last_ticket_number": "the last one given out", "last_card_number": "the last one given out"},
    ),
    "contact": Exported(
        "The named contacts of the contract.",
        "id name email phone mobile named_at removed_at",
        {"slot": "the place that an active contact holds; empty once removed"},
    ),
    "account": Exported(
        "The persons who can sign in.",
        "id email name created_at last_sign_in_at erased_at contact_id",
        _MEMBER
        | {"status": "INVITED, ACTIVE, LOCKED or DEACTIVATED", "permissions": "rights, a space between two"},
    ),
    "invitation": Exported(
        "Who was invited to get an account.", "id subject_id created_at expires_at accepted_at"
    ),
    "agent": Exported("The vendor's people who worked here.", "id name"),
    "work_session": Exported(
        "When the vendor's people were in this customer's data.",
        "id agent_id started_at expires_at reason",
    ),
    "contract": Exported(
        "The signed agreements.",
        "id reference status tier hosting starts_on ends_on created_at",
        {
            "policy_key": "the vendor's agreement; with `policy_version` the text that holds",
            "policy_version": "the day from which that text holds",
            "hourly_rate_cents": "an hour in cents, where one was agreed",
            "step_up_above_cents": "confirming consultancy above it, in cents, asks for a fresh second factor",
            "work_reason_required": "whether the vendor's people tell why before they work here",
        },
    ),
    "contract_signature": Exported("Who signed.", "id contract_id party name on_behalf_of signed_on"),
    "contract_addendum": Exported(
        "Addenda that were taken.",
        "id contract_id starts_on",
        {"key": "the addendum's name in the agreement"},
    ),
    "contract_override": Exported(
        "Terms agreed beside the agreement.",
        "id contract_id term value",
        {
            "reference": "the document that it was agreed in",
            "layer": "SPECIFIC_AGREEMENT or GENERAL_TERMS",
        },
    ),
    "ticket": Exported(
        "The reports, with their clocks as they stood at the moment of this export.",
        "id number subject description type status environment channel component problem_kind contract_id tier "
        "hosting addenda registered_at first_responded_at closed_at "
        + " ".join(f"{clock}_{name}" for clock in _CLOCKS for name in _CLOCK_PLAIN),
        {
            "priority_key": "the agreement's word for the priority; empty where it was not judged yet",
            "priority_rank": "1 is the most urgent",
            "priority_wish": "what the customer asked for",
            "impact": "as judged, in the agreement's steps",
            "urgency": "as judged, in the agreement's steps",
            "covered": "whether it falls under the support that was agreed",
            "policy_key": "the agreement that the ticket is under; with `policy_version` the text that holds",
            "policy_version": "the day from which that text holds",
            "requester_id": "the contact who asked",
            "assignee_id": "the agent who works on it",
            "line": "the line of support: 1, 2 or 3",
            "auto_close_at": "when it closes by itself unless somebody answers",
            "next_due_at": "the earlier of the two due moments; 9999-12-31 where nothing is due",
            "revision": "how often it changed; the `sequence` of its last event",
        }
        | {f"{clock}_{name}": meaning for clock in _CLOCKS for name, meaning in _CLOCK.items()},
    ),
    "ticket_event": Exported(
        "All that happened to the tickets: messages, changes of status, judgements. Notes that the vendor's "
        "people write for each other are theirs and not in here.",
        "id ticket_id at body",
        _ACTOR
        | {
            "sequence": "the place among the ticket's events; numbers are missing where a note is not in here",
            "kind": "what happened",
            "internal": "always false in an export",
            "data": "what changed, as JSON",
        },
        leave_out_where="internal",
    ),
    "consultancy_request": Exported(
        "Consultancy that was asked for.",
        "id ticket_id subject description preferred_on planned_on status requested_at decline_reason "
        "confirmed_minutes worked_minutes billed_minutes",
        {
            "requester_id": "the contact who asked",
            "quote_id": "the `consultancy_quote` on the table",
            "billed_cents": "what remains to be invoiced, in cents",
        },
    ),
    "consultancy_quote": Exported(
        "Prices as they were shown.",
        "id request_id work_kind estimated_minutes preparation_minutes valid_until quoted_at currency "
        "policy_key policy_version",
        {
            "digest": "SHA-256 of the quote's content, which a confirmation repeats",
            "block_hours": "the size of a block in hours",
            "blocks": "how many blocks are billed",
            "billable_minutes": "what is billed, in minutes",
            "hourly_rate_cents": "an hour in cents",
            "total_cents": "the price in cents",
            "clause_key": "the clause of the agreement that the price follows from",
            "agent_id": "who quoted",
        },
    ),
    "consultancy_confirmation": Exported(
        "Who agreed to which quote.",
        "id request_id quote_id account_id confirmed_at",
        {"hour_card_id": "the card that pays; empty where it is invoiced"},
    ),
    "consultancy_work": Exported(
        "Hours worked.", "id request_id worked_on minutes description agent_id recorded_at"
    ),
    "hour_card": Exported(
        "Prepaid hours.",
        "id number purchased_minutes expires_on created_at",
        {"block_hours": "the size of a block in hours"},
    ),
    "hour_card_entry": Exported(
        "The ledger of the hour cards: the balance of a card is that of its last entry.",
        "id card_id at request_id",
        {
            "sequence": "the place in the card's ledger",
            "kind": "PURCHASE or RESERVATION",
            "minutes": "added, or taken where negative",
            "balance_minutes": "what is left after it",
        },
    ),
    "audit_log": Exported(
        "Who did what, when and from where.",
        "id at event sealed_at",
        _ACTOR
        | {
            "subject_type": "what it was done to",
            "subject_id": "the id of that",
            "detail": "what exactly, as JSON",
            "before": "what the changed fields were, as JSON",
            "after": "what they are since then, as JSON",
            "address": "the network address that it came from",
            "request_id": "the id of the request, which error messages repeat",
            "sequence": "the place in the chain of seals; empty for the few seconds before it is sealed",
            "seal": "SHA-256 over the seal before it and this row",
        },
    ),
}

LEFT_OUT: Mapping[str, str] = {
    "account.password_hash": "proves who somebody is",
    "factor": "second factors prove who somebody is",
    "recovery_code": "stands in for a second factor",
    "challenge": "a sign-in on its way",
    "invitation.token_hash": "opens an account",
    "mail": "its letters went to the persons themselves; unsent ones end with the portal",
    "mailed_token": "opens an account",
    "session": "being signed in ends with the portal",
    "refresh_token": "keeps somebody signed in",
    "throttle": "counts attempts to sign in, by hashes that say nothing outside the portal",
    "idempotency_key": "keeps a call that is repeated from counting twice",
    "outbox": "messages between parts of the portal; what they tell is in the tables",
    "tenant_identity": "tells the portal whose database it is; the id is in `manifest.json`",
    "work_session.operator_session_id": "a session in the vendor's own database",
}
"""A table, or one column of a table that is exported, and why nobody takes it along."""


def columns_of(table: Table) -> tuple[str, ...]:
    """The exported columns in the order of the table."""
    wanted = EXPORTED[table.name].columns
    return tuple(column.name for column in table.columns if column.name in wanted)


def tables() -> list[Table]:
    """The exported tables in the order of the README."""
    return [TenantTable.metadata.tables[name] for name in EXPORTED]


def rows_of(table: Table) -> Select[Any]:
    """Every row that is the customer's, with the exported columns, by primary key."""
    columns = (table.c[name] for name in columns_of(table))
    return _own(table, select(*columns)).order_by(*table.primary_key.columns)


def count_of(table: Table) -> Select[Any]:
    """How many rows `rows_of` gives."""
    return _own(table, select(func.count()).select_from(table))


def _own(table: Table, statement: Select[Any]) -> Select[Any]:
    without = EXPORTED[table.name].leave_out_where
    return statement.where(table.c[without].is_(False)) if without else statement
