"""The server audits of GraphQL over HTTP, by their ids in the reference implementation's suite.

Covered MUST: 4655 82A3 BF61 78D5 2C94 03D4 13EE B8B3 0220-0222 28B9 1B7A EE52.
Covered SHOULD: 22EB 47DE 80D8 34A2 8161 94B0-94B2 2EA1 428F 572B FDE2 7B9B 865D 556A D586 51FE 74FF 5E5B
86EE BC58; and of what is now MAY: 9C48 9ABE A5BF 423L LKJ0-3 6C00-3 4760-3 58B0-3 B6DC BCF8 8764 3E3A.
Left out on purpose: 5A70 D6D5 6A70 (queries by GET, which are off).
"""

import pytest

from api.http_errors import RequestRefused
from tests.api.http.portal import GRAPHQL_RESPONSE, Portal, only_error, refused

JSON = "application/json"
OK = "{ __typename }"
NOT_TEXT = [{"obj": "ect"}, 0, False, ["array"]]
NOT_OBJECT = ["string", 0, False, ["array"]]

# audits: 572B 865D 556A D586, FDE2 51FE 74FF 5E5B, 7B9B 86EE, and "operation cannot be determined"
NEVER_RUN: list[tuple[dict[str, object], str]] = [
    ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    ({"query": "{ f8f31403dfe404bccbb0e835f2629c6a7 }"}, "GRAPHQL_VALIDATION_FAILED"),
    (
        {"query": "query ($id: ID!) { nodes(ids: [$id]) { number } }", "variables": {"id": None}},
        "BAD_USER_INPUT",
    ),
    ({"query": "query A { hello }", "operationName": "B"}, "BAD_USER_INPUT"),
    ({"query": "query A { hello } query B { hello }"}, "BAD_USER_INPUT"),
]


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (GRAPHQL_RESPONSE, GRAPHQL_RESPONSE),  # 22EB
        (JSON, JSON),  # 4655
        ("*/*", JSON),  # 47DE
        (None, JSON),  # 80D8
        (
            "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
            GRAPHQL_RESPONSE,
        ),
        ("application/graphql-response+json;q=0.5, application/json", JSON),
        ("application/json, text/plain, */*", JSON),
        ("application/json;q=0, */*", GRAPHQL_RESPONSE),
        (
            "application/graphql-response+json, application/json, text/event-stream, multipart/mixed",
            GRAPHQL_RESPONSE,
        ),
        ("APPLICATION/JSON", JSON),
    ],
)
def test_the_answer_has_the_preferred_media_type_and_says_utf_8(
    portal: Portal, accept: str | None, answered: str
) -> None:
    response = portal.post(OK, accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{answered}; charset=utf-8"  # 82A3
    assert response.json() == {"data": {"__typename": "Query"}}  # 13EE 34A2


@pytest.mark.parametrize(
    "accept", ["text/html", "text/event-stream", "application/json;q=0", "application/xml"]
)
def test_an_answer_that_the_client_does_not_take_is_not_acceptable(portal: Portal, accept: str) -> None:
    refused(portal.post(OK, accept=accept), 406, "BAD_USER_INPUT")
    assert portal.opened == 0


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", '; charset="UTF-8"'])
def test_requests_are_json_in_utf_8_named_or_not(portal: Portal, charset: str) -> None:
    body = '{"query": "query ($n: String!) { hello(name: $n) }", "variables": {"n": "Zoë"}}'
    response = portal.raw(body.encode(), content_type=f"application/json{charset}")
    assert response.json() == {"data": {"hello": "hello Zoë"}}  # BF61 78D5 28B9


@pytest.mark.parametrize("accept", [JSON, GRAPHQL_RESPONSE])
@pytest.mark.parametrize(
    "parameters",
    [
        {"variables": None},
        {"operationName": None},
        {"extensions": None},
        {"extensions": {"some": "value"}},
        {"variables": {"unused": 1}},
    ],
)
def test_parameters_may_be_null_or_objects(
    portal: Portal, accept: str, parameters: dict[str, object]
) -> None:  # 94B0-2 0220-2 428F 1B7A
    response = portal.post(OK, accept=accept, **parameters)
    assert (response.status_code, response.json()) == (200, {"data": {"__typename": "Query"}})


@pytest.mark.parametrize("accept", [JSON, GRAPHQL_RESPONSE])
def test_an_operation_is_chosen_by_its_name(portal: Portal, accept: str) -> None:  # 8161 B8B3
    query = "query A { __typename } query B { hello }"
    assert portal.post(query, accept=accept, operationName="B").json() == {"data": {"hello": "hello you"}}


@pytest.mark.parametrize("accept", [JSON, GRAPHQL_RESPONSE])
def test_introspection_takes_variables(portal: Portal, accept: str) -> None:  # 2EA1 28B9
    query = "query Type($name: String!) { __type(name: $name) { name } }"
    response = portal.post(query, accept=accept, variables={"name": "Ticket"})
    assert response.json() == {"data": {"__type": {"name": "Ticket"}}}


@pytest.mark.parametrize("accept", [JSON, GRAPHQL_RESPONSE])
@pytest.mark.parametrize(
    "body",
    [
        {"notquery": OK},
        {"qeury": OK},
        {"query": None},
        {"query": ""},
        *({"query": value} for value in NOT_TEXT),
        *({"query": OK, "operationName": value} for value in NOT_TEXT),
        *({"query": OK, "variables": value} for value in NOT_OBJECT),
        *({"query": OK, "extensions": value} for value in NOT_OBJECT),
        [{"query": OK}],
        "text",
        None,
    ],
)
def test_a_request_that_is_not_well_formed_is_a_bad_request(
    portal: Portal, accept: str, body: object
) -> None:
    response = portal.send(body, accept=accept)  # 423L LKJ 6C0 476 58B 8764 3E3A
    refused(response, 400, "BAD_USER_INPUT")
    assert response.headers["content-type"].startswith(accept)


@pytest.mark.parametrize("content", [b"", b'{ "not a JSON', b"NONSENSE", b'{"query":'])
def test_a_body_that_is_no_json_is_a_bad_request(portal: Portal, content: bytes) -> None:
    refused(portal.raw(content), 400, "BAD_USER_INPUT")  # A5BF B6DC BCF8


@pytest.mark.parametrize(("body", "code"), NEVER_RUN)
def test_what_never_ran_is_a_bad_request_without_data(
    portal: Portal, body: dict[str, object], code: str
) -> None:
    refused(portal.send(body), 400, code)
    assert portal.opened == portal.closed == 1


@pytest.mark.parametrize(("body", "code"), NEVER_RUN)
def test_what_never_ran_is_still_200_for_clients_of_plain_json(
    portal: Portal, body: dict[str, object], code: str
) -> None:
    response = portal.send(body, accept=JSON)
    assert response.status_code == 200
    assert only_error(response)["extensions"]["code"] == code


@pytest.mark.parametrize("accept", [JSON, GRAPHQL_RESPONSE])
def test_a_field_that_fails_leaves_a_partial_answer_with_200(portal: Portal, accept: str) -> None:  # EE52
    response = portal.post("{ hello missing }", accept=accept)
    assert response.status_code == 200
    assert response.json()["data"] == {"hello": "hello you", "missing": None}


def test_data_that_a_failed_field_wiped_out_is_told_as_null(portal: Portal) -> None:
    response = portal.post("{ brokenForGood }")
    assert response.status_code == 200
    assert response.json()["data"] is None


def test_a_request_that_is_not_permitted_is_401(portal: Portal) -> None:  # BC58
    portal.refusal = RequestRefused(
        401, "UNAUTHENTICATED", "The token has expired.", {"WWW-Authenticate": "Bearer"}
    )
    for accept in (JSON, GRAPHQL_RESPONSE):
        response = portal.post(OK, accept=accept)
        assert refused(response, 401, "UNAUTHENTICATED") == "The token has expired."
        assert response.headers["www-authenticate"] == "Bearer"
    assert portal.closed == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_only_post_runs_operations(portal: Portal, method: str) -> None:  # 9C48, and 5A70 on purpose
    response = portal.client.request(method, "/graphql", params={"query": "mutation { signIn }"})
    refused(response, 405, "BAD_USER_INPUT")
    assert response.headers["allow"] == "POST"
    assert portal.opened == 0


@pytest.mark.parametrize(
    "content_type",
    [
        "",  # 9ABE
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=utf-16",
        "text/plain; a=application/json",
    ],
)
def test_other_content_types_are_unsupported(portal: Portal, content_type: str) -> None:
    response = portal.raw(b'{"query": "{ hello }"}', content_type=content_type)
    refused(response, 415, "BAD_USER_INPUT")
    assert response.headers["accept"] == JSON
    assert portal.opened == 0


def test_compressed_bodies_are_unsupported(portal: Portal) -> None:
    refused(portal.raw(b"\x1f\x8b", content_encoding="gzip"), 415, "BAD_USER_INPUT")


def test_subscriptions_do_not_run_over_post() -> None:
    portal = Portal(subscriptions=True)
    message = refused(portal.post("subscription { count(to: 1) }"), 400, "BAD_USER_INPUT")
    assert message == "subscriptions are not allowed when using POST"
