"""Who is asking, and whose data it is about."""

import pytest

from auth.permissions import OperatorRole, Permission
from tests.api.conftest import NewCustomer
from tests.factories.portal import Customer, House, Person

VIEWER = """{ viewer { __typename
  ... on Account { id email name locale status permissions contact { name } lastSignInAt
    mfa { required methods recoveryCodesLeft } }
  ... on Operator { id email name roles } } }"""
ORGANIZATION = """{ organization { slug name contactLimit contacts { name email active } hourCards { number }
  contract { reference status tier startsOn policy { key version } } } }"""
ACCOUNTS = "{ organization { accounts { nodes { name permissions mfa { methods } lastSignInAt } } } }"


@pytest.fixture(scope="module")
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


@pytest.fixture(scope="module")
async def operator(shared_house: House) -> Person:
    return await shared_house.operator(OperatorRole.SUPPORT_MANAGER, OperatorRole.SUPPORT)


async def test_an_account_sees_itself_with_its_rights_and_factors(customer: Customer) -> None:
    viewer = (await (await customer.client()).data(VIEWER))["viewer"]
    assert viewer.pop("id")
    assert viewer.pop("lastSignInAt")
    assert viewer == {
        "__typename": "Account",
        "email": customer.owner.email,
        "name": "Anna de Vries",
        "locale": "EN",
        "status": "ACTIVE",
        "permissions": ["MANAGE_ACCOUNTS", "REGISTER_TICKETS", "CONFIRM_CONSULTANCY", "READ"],
        "contact": {"name": "Anna de Vries"},
        "mfa": {"required": True, "methods": ["TOTP"], "recoveryCodesLeft": 0},
    }


async def test_an_operator_is_seen_with_the_roles_in_the_order_of_the_schema(
    shared_house: House, operator: Person
) -> None:
    viewer = (await (await shared_house.session(operator)).data(VIEWER))["viewer"]
    assert viewer.pop("id")
    assert viewer == {
        "__typename": "Operator",
        "email": operator.email,
        "name": "Jan Jansen",
        "roles": ["SUPPORT", "SUPPORT_MANAGER"],
    }


async def test_the_organization_tells_contract_contacts_and_their_limit(customer: Customer) -> None:
    organization = (await (await customer.client()).data(ORGANIZATION))["organization"]
    assert organization == {
        "slug": customer.record.slug,
        "name": customer.record.name,
        "contactLimit": 3,
        "contacts": [{"name": "Anna de Vries", "email": customer.owner.email, "active": True}],
        "hourCards": [],
        "contract": {
            "reference": f"C-{customer.record.slug}",
            "status": "ACTIVE",
            "tier": "SUPPORT",
            "startsOn": "2026-03-01",
            "policy": {"key": "qixium", "version": "2026-03-01"},
        },
    }


@pytest.mark.parametrize(
    ("policy", "tier", "limit"),
    [
        pytest.param("s4m-support", "DEFAULT", 1, marks=pytest.mark.clause("S4-012")),
        pytest.param("s4m-support", "EXTENDED", 3, marks=pytest.mark.clause("S4-012")),
        pytest.param("open2bizz", "STANDARD", 3, marks=pytest.mark.clause("OB-038")),
    ],
)
async def test_the_contact_limit_is_that_of_policy_and_tier(
    new_customer: NewCustomer, policy: str, tier: str, limit: int
) -> None:
    client = await (await new_customer(policy, tier)).client()
    assert await client.data("{ organization { contactLimit } }") == {"organization": {"contactLimit": limit}}


async def test_rights_and_factors_of_others_are_seen_by_who_manages_accounts_only(
    new_customer: NewCustomer,
) -> None:
    customer = await new_customer()
    reader = await customer.reader()
    helper = await customer.contact("Bea Bos", (Permission.READ, Permission.REGISTER_TICKETS))
    hidden = {"permissions": None, "mfa": None, "lastSignInAt": None}
    for person, seen in ((customer.owner, 3), (reader, 1), (helper, 1)):
        client = await customer.house.session(person)
        accounts = (await client.data(ACCOUNTS))["organization"]["accounts"]["nodes"]
        assert [account["name"] for account in accounts] == ["Anna de Vries", "Bea Bos", "Rik Lezer"]
        blank = [account for account in accounts if {key: account[key] for key in hidden} == hidden]
        assert len(accounts) - len(blank) == seen


async def test_the_console_is_null_for_a_customer_and_wipes_nothing_else(customer: Customer) -> None:
    data = await (await customer.client()).data("{ console { operators { name } } organization { slug } }")
    assert data == {"console": None, "organization": {"slug": customer.record.slug}}


async def test_an_operator_without_a_tenant_is_told_to_name_one(
    shared_house: House, operator: Person
) -> None:
    answer = await (await shared_house.session(operator)).call(
        "{ viewer { __typename } organization { slug } }"
    )
    assert answer["data"] == {"viewer": {"__typename": "Operator"}, "organization": None}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["organization"], "FORBIDDEN")
    ]


async def test_nobody_gets_an_answer_before_sign_in(customer: Customer) -> None:
    fields = ("viewer { __typename }", "organization { slug }", "console { operators { name } }")
    for field in (*fields, "tickets { totalCount }", "slaStatus { hoursLeft }", 'node(id: "x") { id }'):
        answer = await customer.house.call(f"{{ {field} }}", Portal_Tenant=customer.record.slug)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
        assert list(answer["data"].values()) == [None]


async def test_what_people_read_is_in_their_own_language(customer: Customer) -> None:
    asked = '{ policy(key: "qixium") { clauses { key nl: text(locale: NL) text } } }'
    clauses = (await (await customer.client()).data(asked))["policy"]["clauses"]
    told = {clause["key"]: clause for clause in clauses}["QX-059"]
    assert told["nl"].startswith("Uren zijn kantooruren: 8:30 tot 16:30")
    assert told["text"].startswith("Hours are office hours: 8:30 to 16:30")
