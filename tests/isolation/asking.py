"""Everything that can be asked and done in one customer's name: by its owner, by an operator, and by jobs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyotp

from api.ids import encode_id
from api.schema import make_schema
from tenants.catalog.models import WorkQueueItem
from tenants.jobs.service import rebuild_queue
from tenants.mails.service import MailKind
from tenants.tables import table
from tenants.tickets.verification import verify_clocks
from tests.factories.mails import newest_token
from tests.factories.portal import PASSWORD, Client, Customer, Person
from tests.isolation.questions import Foreign, questions
from tests.isolation.walk import Walk

NEW_CUSTOMER = {
    "slug": "bravo",
    "name": "Bravo",
    "locale": "NL",
    "policyKey": "qixium",
    "tier": "SUPPORT",
    "administratorEmail": "bea@bravo.example",
    "administratorName": "Bea",
}
NEW_OPERATOR = {"email": "mol@vendor.example", "name": "Mol", "roles": ["ADMINISTRATOR"]}
NEW_TICKET = {"type": "BUG", "subject": "Vastgelopen", "description": "Sinds vanmiddag."}
NEW_CONTACT = {
    "name": "Dirk Dral",
    "email": "dirk@alfa.example",
    "phone": "+31 30 123 45 69",
    "mobile": "+31 6 12345678",
}
NEW_ACCOUNT = {"email": "els@alfa.example", "name": "Els Evers", "permissions": ["READ"]}
NEW_REQUEST = {"subject": "Scholing", "description": "Voor twee mensen.", "preferredOn": "2099-01-05"}


@dataclass(slots=True)
class Asking:
    """One customer, who asks for it, and every answer that came."""

    customer: Customer
    operator: Person
    own_ids: dict[str, str]
    number: str
    foreign: Foreign
    walk: Walk = field(init=False)
    answers: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        known = questions(self.customer.record.slug, self.number, self.foreign)
        self.walk = Walk(make_schema()._schema, known)

    async def everything(self) -> None:
        owner = await self.customer.client()
        # On the vendor's plane operators see their own sessions, of work for whomever: here there shall be one.
        await (await self.customer.house.session(self.operator)).do("signOut", {"everywhere": True}, "")
        agent = await self.customer.house.session(self.operator, self.customer.record.slug)
        for client in (owner, agent):
            await self._queries(client)
            await self._nodes(client)
        await self._consultancy(owner, agent)
        await self._tickets(owner, agent)
        await self._people(owner)
        await self._vendor(owner, agent)
        await self._do(agent, "openWorkSession", reason="Navraag van Anna.")
        await self._do(agent, "closeWorkSession")
        await self._signing_in()  # which ends the sessions there were
        for client in (await self.customer.client(), agent):
            await self._queries(client)
        await self.jobs()

    async def jobs(self) -> None:
        """What workers and chores do on a visit to this customer."""
        portal, tenant, now = self.customer.house.portal, self.customer.record, datetime.now(UTC)
        self.answers.append(await self.customer.deliver())
        self.answers.append(await rebuild_queue(portal.tenants, portal.catalog, tenant, now))
        async with self.customer.scope.read() as reader:
            verified = await verify_clocks(reader, portal.library)
        self.answers.append({"tickets": verified.tickets, "differences": [str(verified.differences)]})
        queue = table(WorkQueueItem)
        rows = queue.select().where(queue.c.tenant_id == tenant.id).order_by(queue.c.registered_at)
        async with portal.catalog.read() as reader:
            self.answers.append([_plain(row._mapping) for row in await reader.rows(rows)])

    async def _ask(self, client: Client, document: str, variables: dict[str, Any] | None = None) -> Any:
        answer = await client.call(document, variables)
        self.answers.append(answer)
        return answer

    async def _queries(self, client: Client) -> None:
        for document in self.walk.documents():
            answer = await self._ask(client, document)
            codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
            assert codes <= {"FORBIDDEN", "BAD_USER_INPUT"}, (document, answer["errors"])

    async def _nodes(self, client: Client) -> None:
        """Each type by its own id, and by all ids of the neighbour."""
        for kind, key in self.own_ids.items():
            document = self.walk.node(kind)
            for each in (key, *self.foreign.ids):
                await self._ask(client, document, {"id": each})
        await self._ask(client, self.walk.nodes(), {"ids": [*self.own_ids.values(), *self.foreign.ids]})

    async def _do(self, client: Client, mutation: str, **given: Any) -> Any:
        answer = await self._ask(client, self.walk.mutation(mutation), {"input": given})
        payload = answer["data"][mutation]
        assert payload["errors"] == [], (mutation, payload["errors"])
        return payload

    async def _tickets(self, owner: Client, agent: Client) -> None:
        await self._do(owner, "registerTicket", **NEW_TICKET)
        ticket = {"ticketId": self.own_ids["Ticket"]}
        await self._do(owner, "addComment", body="Het is weer zover.", **ticket)
        await self._do(agent, "addComment", body="Eerst intern.", internal=True, **ticket)
        await self._do(agent, "changeTicketStatus", status="IN_PROGRESS", **ticket)
        await self._do(
            agent, "classifyTicket", type="BUG", priorityKey="HIGH", reason="Alles staat stil.", **ticket
        )
        await self._do(agent, "closeTicket", message="Verholpen.", **ticket)
        await self._do(agent, "reopenTicket", reason="Toch niet.", **ticket)
        for foreign in self.foreign.ids:
            given = {"ticketId": foreign, "body": "Wie is daar?"}
            answer = await self._ask(owner, self.walk.mutation("addComment"), {"input": given})
            assert [error["code"] for error in answer["data"]["addComment"]["errors"]] == ["NOT_FOUND"]

    async def _consultancy(self, owner: Client, agent: Client) -> None:
        request = {"requestId": self.own_ids["ConsultancyRequest"]}
        quoted = await self._do(agent, "quoteConsultancy", estimatedHours="2", **request)
        agreed = {"quoteDigest": quoted["request"]["quote"]["digest"], "hourCardId": self.own_ids["HourCard"]}
        await self._do(owner, "confirmConsultancy", **agreed, **request)
        day = datetime.now(UTC).date().isoformat()
        await self._do(
            agent, "recordConsultancyWork", workedOn=day, hours="1", description="Voorbereid.", **request
        )
        made = await self._do(owner, "requestConsultancy", **NEW_REQUEST)
        declined = {"requestId": made["request"]["id"], "reason": "Later."}
        await self._do(agent, "quoteConsultancy", requestId=declined["requestId"], estimatedHours="2")
        await self._do(owner, "declineConsultancy", **declined)

    async def _vendor(self, *clients: Client) -> None:
        """What only the vendor's administrators may do, asked of the neighbour by those who are none."""
        same, operator = {"slug": "bravo"}, {"operatorId": encode_id("Operator", self.operator.id)}
        for name, given in (
            ("provisionTenant", NEW_CUSTOMER),
            ("suspendTenant", same),
            ("resumeTenant", same),
            ("inviteOperator", NEW_OPERATOR),
            ("renewOperatorInvitation", operator),
            ("changeOperatorRoles", {**operator, "roles": ["ADMINISTRATOR"]}),
            ("deactivateOperator", {**operator, "reason": "?"}),
            ("reactivateOperator", operator),
            ("resetOperatorMfa", {**operator, "identityCheck": "?"}),
            ("changeContract", {"workReasonRequired": True, "confirmationStepUpAbove": "1"}),
        ):
            for client in clients:
                answer = await self._ask(client, self.walk.mutation(name), {"input": given})
                assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]

    async def _people(self, owner: Client) -> None:
        named = (await self._do(owner, "nameContact", **NEW_CONTACT))["contact"]["id"]
        await self._do(owner, "changeContact", contactId=named, phone="030 765 43 21")
        named = (await self._do(owner, "replaceContact", contactId=named, **NEW_CONTACT))["contact"]["id"]
        account = (await self._do(owner, "inviteAccount", **NEW_ACCOUNT))["account"]["id"]
        await self._do(owner, "renewInvitation", accountId=account)
        stranger = Client(self.customer.house, "", "", self.customer.record.slug)
        token = await newest_token(self.customer.scope, self.customer.house.portal.keys)
        await self._do_before_sign_in(
            stranger, "acceptInvitation", token=token, password=PASSWORD + " en verder"
        )
        await self._accounts(owner, account, named)

    async def _accounts(self, owner: Client, account: str, contact: str) -> None:
        """All that is done with one account, up to its end."""
        for name, given in (
            ("changeAccountContact", {"contactId": contact}),
            ("changeAccountPermissions", {"permissions": ["READ", "REGISTER_TICKETS"]}),
            ("resetAccountMfa", {"identityCheck": "Seen at the desk."}),
            ("deactivateAccount", {}),
            ("reactivateAccount", {}),
            ("exportAccount", {}),
        ):
            await self._do(owner, name, accountId=account, **given)
        await self._do(owner, "removeContact", contactId=contact)
        await self._do(owner, "eraseAccount", accountId=account)

    async def _signing_in(self) -> None:
        person, stranger = self.customer.owner, Client(self.customer.house, "", "", self.customer.record.slug)
        given = {"email": person.email, "password": PASSWORD}
        shown = await self._do_before_sign_in(stranger, "signIn", **given)
        code = {"method": "TOTP", "code": pyotp.TOTP(person.secret).now()}
        token = shown["challenge"]["token"]
        first = (await self._do_before_sign_in(stranger, "verifyMfa", challengeToken=token, **code))[
            "session"
        ]
        renewed = await self._do_before_sign_in(
            stranger, "refreshSession", refreshToken=first["refreshToken"]
        )
        fresh = Client(self.customer.house, renewed["session"]["accessToken"], "", None)
        secret = (await self._do(fresh, "enrollTotp"))["secret"]
        enrolled = await self._do(fresh, "confirmTotp", code=pyotp.TOTP(secret).now())
        await self._own_credentials(fresh, stranger, enrolled["recoveryCodes"][0])

    async def _own_credentials(self, fresh: Client, stranger: Client, code: str) -> None:
        """All that people do with what they show; at the end the password is what it was."""
        person, portal, scope = self.customer.owner, self.customer.house.portal, self.customer.scope
        await self._do(fresh, "stepUp", method="RECOVERY_CODE", code=code)
        await self._do(fresh, "renewRecoveryCodes")
        other = await (await self.customer.client()).data("{ sessions { id current } }")
        (ended,) = (each["id"] for each in other["sessions"] if each["current"])
        await self._do(fresh, "endSession", sessionId=ended)
        person.email = f"new.{person.email}"
        await self._do(fresh, "requestEmailChange", newEmail=person.email)
        token = await newest_token(scope, portal.keys, MailKind.EMAIL_CHANGE)
        await self._do_before_sign_in(stranger, "confirmEmailChange", token=token)
        words = "zeven vrolijke vinken"
        await self._do(fresh, "changePassword", currentPassword=PASSWORD, newPassword=words)
        await self._do(fresh, "signOut", everywhere=False)
        await self._do_before_sign_in(stranger, "requestPasswordReset", email=person.email)
        token = await newest_token(scope, portal.keys, MailKind.PASSWORD_RESET)
        await self._do_before_sign_in(stranger, "resetPassword", token=token, newPassword=PASSWORD)

    async def _do_before_sign_in(self, stranger: Client, mutation: str, **given: Any) -> Any:
        place = {"Portal_Tenant": self.customer.record.slug}
        answer = await stranger.house.call(self.walk.mutation(mutation), {"input": given}, **place)
        self.answers.append(answer)
        assert answer["data"][mutation]["errors"] == [], answer
        return answer["data"][mutation]


def _plain(row: Any) -> dict[str, Any]:
    """A row of the queue as an answer: its ids are those of a client."""
    kinds = {"id": "WorkQueueItem", "tenant_id": "Tenant", "ticket_id": "Ticket"}
    return {
        name: encode_id(kinds[name], value) if name in kinds else str(value) for name, value in row.items()
    }
