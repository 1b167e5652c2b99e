"""A request is bound by its token; a host name or a header may repeat that, and never change it."""

import pytest

from tests.factories.contents import audit_log
from tests.factories.portal import PASSWORD, SIGN_IN
from tests.isolation.conftest import Neighbours, bearer, code_of, post

ASKED = "{ organization { slug } }"
OPERATORS = "{ console { operators { name } } }"
UNAUTHENTICATED = (401, "UNAUTHENTICATED")

OWN = [
    [],
    [("Portal-Tenant", "alfa")],
    [("Portal-Tenant", "alfa"), ("Portal-Tenant", "alfa")],
    [("Host", "alfa.localhost")],
    [("Host", "ALFA.LocalHost:8000")],
    [("Host", "alfa.localhost"), ("Portal-Tenant", "alfa")],
    [("Host", "localhost:8000")],
    [("X-Forwarded-Host", "bravo.localhost"), ("Forwarded", "host=bravo.localhost")],
    [("X-Portal-Tenant", "bravo")],
]


@pytest.mark.parametrize("headers", OWN)
async def test_what_repeats_the_token_changes_nothing(
    neighbours: Neighbours, headers: list[tuple[str, str]]
) -> None:
    client = await neighbours.a.client()
    answer = await post(neighbours.house, ASKED, None, bearer(client), *headers)
    assert answer.json() == {"data": {"organization": {"slug": "alfa"}}}


@pytest.mark.parametrize(
    "headers",
    [
        [("Portal-Tenant", "bravo")],
        [("Host", "bravo.localhost")],
        [("Host", "bravo.localhost:443")],
        [("Host", "bravo.localhost"), ("Portal-Tenant", "bravo")],
    ],
)
async def test_a_token_is_worth_nothing_at_another_tenant(
    neighbours: Neighbours, headers: list[tuple[str, str]]
) -> None:
    client = await neighbours.a.client()
    before = await neighbours.state()
    there = await post(neighbours.house, ASKED, None, bearer(client), *headers)
    assert code_of(there) == UNAUTHENTICATED
    nowhere = [(name, value.replace("bravo", "nobody")) for name, value in headers]
    assert (await post(neighbours.house, ASKED, None, bearer(client), *nowhere)).content == there.content
    assert await neighbours.state() == before


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ([("Host", "alfa.localhost"), ("Portal-Tenant", "bravo")], (400, "BAD_USER_INPUT")),
        ([("Portal-Tenant", "alfa"), ("Portal-Tenant", "bravo")], (400, "BAD_USER_INPUT")),
        ([("Host", "alfa.localhost"), ("Portal-Tenant", "ALFA")], (400, "BAD_USER_INPUT")),
        ([("Host", "alfa.localhost"), ("Portal-Tenant", "")], (400, "BAD_USER_INPUT")),
        ([("Host", "alfa.localhost.")], (421, "BAD_USER_INPUT")),
        ([("Host", "alfa.example.com")], (421, "BAD_USER_INPUT")),
        ([("Host", "")], (421, "BAD_USER_INPUT")),
        ([("Host", "alfa.localhost"), ("Host", "bravo.localhost")], (400, "BAD_USER_INPUT")),
        ([("Host", "alfa.localhost@bravo.localhost")], (421, "BAD_USER_INPUT")),
        ([("Host", "x.alfa.localhost")], (421, "BAD_USER_INPUT")),
    ],
)
async def test_names_that_contradict_or_lead_nowhere_are_refused(
    neighbours: Neighbours, headers: list[tuple[str, str]], refused: tuple[int, str]
) -> None:
    client = await neighbours.a.client()
    assert code_of(await post(neighbours.house, ASKED, None, bearer(client), *headers)) == refused


SLUGS = (
    "../alfa", "..%2falfa", "%2e%2e", "a/b", "alfa/../bravo", "alfa;", "ALFA", "alfa'--", "x" * 300,
    "catalog", "console", "www", "é", "t_0", "template-tenant", " alfa\t", "alfa, bravo",
)  # fmt: skip


@pytest.mark.parametrize("slug", SLUGS)
async def test_a_name_that_is_no_tenant_is_answered_like_an_unknown_one(
    neighbours: Neighbours, slug: str
) -> None:
    client, bare = await neighbours.a.client(), slug.strip()
    given = {"input": {"email": neighbours.a.owner.email, "password": PASSWORD}}
    signing, asking = [], []
    for name in (slug, "nobody"):
        header = (b"Portal-Tenant", name.encode())
        signing.append(await post(neighbours.house, SIGN_IN, given, header))
        asking.append(await post(neighbours.house, ASKED, None, bearer(client), header))
    if bare == "alfa":  # space around a header is none of its value
        assert asking[0].json() == {"data": {"organization": {"slug": "alfa"}}}
        return
    assert signing[0].content == signing[1].content
    assert signing[0].json()["data"]["signIn"]["errors"][0]["code"] == "SIGN_IN_FAILED"
    assert asking[0].content == asking[1].content
    assert code_of(asking[0]) == UNAUTHENTICATED


@pytest.mark.clause("QX-122")
async def test_somebody_of_one_tenant_cannot_sign_in_at_another(neighbours: Neighbours) -> None:
    given = {"input": {"email": neighbours.a.owner.email, "password": PASSWORD}}
    there = await post(neighbours.house, SIGN_IN, given, ("Portal-Tenant", "bravo"))
    nobody = {"input": {"email": "nobody@alfa.example", "password": PASSWORD}}
    unknown = await post(neighbours.house, SIGN_IN, nobody, ("Portal-Tenant", "bravo"))
    assert there.content == unknown.content
    assert there.json()["data"]["signIn"]["challenge"] is None


async def test_a_challenge_of_one_tenant_is_worth_nothing_at_another(neighbours: Neighbours) -> None:
    given = {"input": {"email": neighbours.a.owner.email, "password": PASSWORD}}
    made = await post(neighbours.house, SIGN_IN, given, ("Portal-Tenant", "alfa"))
    token = made.json()["data"]["signIn"]["challenge"]["token"]
    document = """mutation($input: VerifyMfaInput!) { verifyMfa(input: $input) { session { accessToken }
        errors { code } } }"""
    answer = {"input": {"challengeToken": token, "method": "TOTP", "code": "000000"}}
    there = await post(neighbours.house, document, answer, ("Portal-Tenant", "bravo"))
    assert there.json()["data"]["verifyMfa"] == {"session": None, "errors": [{"code": "MFA_FAILED"}]}


async def test_a_refresh_token_of_one_tenant_is_worth_nothing_at_another(neighbours: Neighbours) -> None:
    client = await neighbours.a.client()
    document = """mutation($input: RefreshSessionInput!) { refreshSession(input: $input) {
        session { accessToken } errors { code } } }"""
    given = {"input": {"refreshToken": client.refresh_token}}
    there = await post(neighbours.house, document, given, ("Portal-Tenant", "bravo"))
    payload = there.json()["data"]["refreshSession"]
    assert payload == {"session": None, "errors": [{"code": "SIGN_IN_FAILED"}]}
    here = await post(neighbours.house, document, given, ("Portal-Tenant", "alfa"))
    assert here.json()["data"]["refreshSession"]["errors"] == []


async def test_an_operators_token_holds_on_the_vendors_host_only(neighbours: Neighbours) -> None:
    client = await neighbours.house.session(neighbours.operator)
    for headers in ([("Host", "alfa.localhost")], [("Host", "nobody.localhost")]):
        answer = await post(neighbours.house, OPERATORS, None, bearer(client), *headers)
        assert code_of(answer) == UNAUTHENTICATED
    inside = await post(neighbours.house, ASKED, None, bearer(client), ("Portal-Tenant", "bravo"))
    assert inside.json() == {"data": {"organization": {"slug": "bravo"}}}
    unknown = await post(neighbours.house, ASKED, None, bearer(client), ("Portal-Tenant", "nobody"))
    assert code_of(unknown) == (404, "NOT_FOUND")


async def test_an_operators_token_stays_out_of_a_customers_host_with_the_header_too(
    neighbours: Neighbours,
) -> None:
    client = await neighbours.house.session(neighbours.operator)
    before = await audit_log(neighbours.a.scope, "work_session_opened")
    headers = (("Host", "alfa.localhost"), ("Portal-Tenant", "alfa"))
    assert code_of(await post(neighbours.house, ASKED, None, bearer(client), *headers)) == UNAUTHENTICATED
    assert await audit_log(neighbours.a.scope, "work_session_opened") == before
