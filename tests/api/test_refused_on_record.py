"""What somebody who is signed in asks for without the right to it, and where that is told."""

from tests.api.conftest import NewCustomer
from tests.factories.contents import audit_log
from tests.factories.portal import House

ASKED = (
    '{ tickets { totalCount } organization { slug } ticket(number: "T-000001") { id } viewer { __typename } }'
)


async def test_a_refused_query_is_on_record_once_for_each_field(
    shared_house: House, new_customer: NewCustomer
) -> None:
    customer = await new_customer()
    nobody = await customer.contact("Cor Cox", ())
    answer = await (await shared_house.session(nobody)).call(ASKED)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
    entries = await audit_log(customer.scope, "authz_fail")
    assert {entry.actor_id for entry in entries} == {nobody.id}
    assert sorted(entry.detail["field"] for entry in entries) == ["organization", "ticket", "tickets"]


async def test_a_good_token_under_another_customers_name_is_on_record_where_it_belongs(
    shared_house: House, new_customer: NewCustomer
) -> None:
    own, other = await new_customer(), await new_customer()
    client = await own.client()
    before = await audit_log(other.scope)
    headers = {"Authorization": f"Bearer {client.token}", "Portal_Tenant": other.record.slug}
    answer = await shared_house.call("{ organization { slug } }", None, **headers)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    (entry,) = await audit_log(own.scope, "authz_fail")
    assert (entry.actor_id, entry.detail["reason"]) == (own.owner.id, "OTHER_TENANT")
    assert await audit_log(other.scope) == before


async def test_who_is_not_signed_in_fills_no_record_by_asking(
    shared_house: House, new_customer: NewCustomer
) -> None:
    customer = await new_customer()
    before = await audit_log(customer.scope)
    await shared_house.call(ASKED, None, Portal_Tenant=customer.record.slug)
    assert await audit_log(customer.scope) == before
