"""What clients are told of an error, and what they are not."""

import pytest
import structlog
from structlog.testing import capture_logs

from api.error_format import MASKED_MESSAGE
from api.http_errors import (
    BadUserInput,
    CostLimitExceeded,
    ErrorCode,
    Forbidden,
    MfaRequired,
    NotFound,
    PortalError,
    RateLimited,
    ServiceUnavailable,
    Unauthenticated,
)
from tests.api.http.portal import SECRET, Portal, only_error, refused


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadUserInput("no"), "BAD_USER_INPUT"),
        (Unauthenticated(), "UNAUTHENTICATED"),
        (Forbidden(), "FORBIDDEN"),
        (NotFound(), "NOT_FOUND"),
        (RateLimited(), "RATE_LIMITED"),
        (CostLimitExceeded("no"), "COST_LIMIT_EXCEEDED"),
        (MfaRequired(), "MFA_REQUIRED"),
    ],
)
def test_each_situation_has_its_code_and_a_message(error: PortalError, code: ErrorCode) -> None:
    assert error.code == code
    assert error.message == str(error) != ""


def test_an_error_of_ours_passes_through_with_its_place_and_details(portal: Portal) -> None:
    response = portal.post("{ hello missing throttled }")
    missing, throttled = response.json()["errors"]
    request_id = response.headers["x-request-id"]
    assert missing == {
        "message": "There is no such object.",
        "locations": [{"line": 1, "column": 9}],
        "path": ["missing"],
        "extensions": {"code": "NOT_FOUND", "requestId": request_id},
    }
    assert throttled["extensions"] == {"code": "RATE_LIMITED", "requestId": request_id, "retryAfter": 30}


def test_an_unexpected_failure_is_masked_and_logged_with_its_traceback(portal: Portal) -> None:
    with capture_logs() as logs:
        response = portal.post("{ hello broken }")
    assert SECRET not in response.text
    (error,) = response.json()["errors"]
    assert error["message"] == MASKED_MESSAGE
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    (entry,) = logs
    assert entry["request_id"] == response.headers["x-request-id"]
    assert entry["path"] == ["broken"]
    assert isinstance(entry["exc_info"], RuntimeError)
    assert entry["exc_info"].__traceback__ is not None
    assert structlog.get_config()["processors"]


def test_mistakes_of_a_client_are_not_logged(portal: Portal) -> None:
    with capture_logs() as logs:
        portal.post("{")
        portal.post("{ missing throttled }")
        portal.post("{ nothing }")
    assert logs == []


def test_a_context_that_cannot_be_opened_is_masked_and_none_is_left_open(portal: Portal) -> None:
    portal.refusal = RuntimeError(SECRET)
    with capture_logs() as logs:
        response = portal.post("{ hello }")
    assert refused(response, 500, "INTERNAL_SERVER_ERROR") == MASKED_MESSAGE
    assert [entry["exc_info"] for entry in logs] == [portal.refusal]
    assert (portal.opened, portal.closed) == (0, 0)


def test_an_answer_that_cannot_be_encoded_is_masked_and_its_context_closed(portal: Portal) -> None:
    with capture_logs() as logs:
        refused(portal.post("{ unspeakable }"), 500, "INTERNAL_SERVER_ERROR")
    assert len(logs) == 1
    assert (portal.opened, portal.closed) == (1, 1)


def test_the_context_is_closed_after_every_kind_of_answer(portal: Portal) -> None:
    with capture_logs():
        for query in ("{ hello }", "{", "{ nothing }", "{ brokenForGood }", "{ busy }"):
            portal.post(query)
    assert portal.opened == portal.closed == 5


def test_no_capacity_is_503_with_the_seconds_to_wait(portal: Portal) -> None:
    portal.refusal = ServiceUnavailable(retry_after=7)
    response = portal.post("{ hello }", accept="application/json")
    refused(response, 503, "INTERNAL_SERVER_ERROR")
    assert response.headers["retry-after"] == "7"


def test_no_capacity_within_a_resolver_is_503_while_nothing_else_has_a_result(portal: Portal) -> None:
    response = portal.post("{ busy missing }")
    refused(response, 503, "INTERNAL_SERVER_ERROR")
    assert response.headers["retry-after"] == "5"

    response = portal.post("{ hello busy }")
    assert response.status_code == 200
    assert response.json()["data"] == {"hello": "hello you", "busy": None}
    assert response.json()["errors"][0]["extensions"]["retryAfter"] == 5


FAILS_AS_B = "fragment B on Mutation { b: register(fails: true) { number } }"
COMMITTED_BEFORE = [
    "mutation { a: register { number } b: register(fails: true) { number } }",
    "mutation { ...Two } fragment Two on Mutation { a: register { number } b: register(fails: true) { number } }",
    "mutation { ... { a: register { number } } ... { b: register(fails: true) { number } } }",
    "mutation { ...B @skip(if: true) a: register { number } ...B } " + FAILS_AS_B,
    "query Q { hello } mutation M { a: register { number } b: register(fails: true) { number } }",
]
NOTHING_BEFORE = [
    "mutation { a: register(fails: true) { number } b: register { number } }",
    "mutation { ... { ...X } b: register { number } } fragment X on Mutation { a: register(fails: true) { owner } }",
    "mutation { __typename a: register(fails: true) { number } }",
    "mutation M { a: register(fails: true) { number } } mutation N { register { number } }",
    "mutation { a: busy b: busy }",
]


@pytest.mark.parametrize("document", COMMITTED_BEFORE)
def test_no_capacity_after_a_mutation_that_may_have_committed_is_an_error_of_its_field(
    portal: Portal, document: str
) -> None:
    response = portal.post(document, operationName="M" if " M " in document else None)
    assert response.status_code == 200
    assert response.json()["data"] is None
    (error,) = response.json()["errors"]
    assert error["path"] == ["b"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["retryAfter"] == 5


@pytest.mark.parametrize("document", NOTHING_BEFORE)
def test_no_capacity_for_the_first_mutation_is_503(portal: Portal, document: str) -> None:
    response = portal.post(document, operationName="M" if " M " in document else None)
    refused(response, 503, "INTERNAL_SERVER_ERROR")
    assert response.headers["retry-after"] == "5"


def test_no_capacity_after_a_mutation_without_a_result_is_an_error_of_its_field(portal: Portal) -> None:
    response = portal.post("mutation { a: nothing b: busy }")
    assert (response.status_code, response.json().get("data")) == (200, {"a": None, "b": None})


def test_headers_of_the_context_reach_the_answer(portal: Portal) -> None:
    assert portal.post("{ tickets { nodes { number } } }").headers["x-tickets"] == "1"
    assert "x-tickets" not in portal.post("{ hello }").headers


def test_an_argument_that_its_variable_made_wrong_is_bad_user_input(portal: Portal) -> None:
    response = portal.post("query ($n: Int = 1) { hello(size: $n) }", variables={"n": None})
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["path"] == ["hello"]


def test_a_long_value_is_not_told_back_in_full(portal: Portal) -> None:
    response = portal.post("query ($n: Int!) { hello(size: $n) }", variables={"n": "x" * 100_000})
    assert only_error(response)["extensions"]["code"] == "BAD_USER_INPUT"
    assert len(response.content) < 1_500


HINTS = [
    ("{ helo }", {}),
    ("{ hello(nam: 1) }", {}),
    ("{ level(level: HIHG) }", {}),
    ("query ($l: Level!) { level(level: $l) }", {"l": "HIHG"}),
    ("{ tickets { nodes { ... on Tiket { number } } } }", {}),
]


@pytest.mark.parametrize(("query", "variables"), HINTS)
def test_names_are_suggested_only_to_those_who_may_see_the_schema(
    query: str, variables: dict[str, object]
) -> None:
    insider, outsider = Portal(introspection=True), Portal(introspection=False)
    assert "Did you mean" in insider.post(query, variables=variables).text
    hidden = outsider.post(query, variables=variables)
    assert hidden.status_code == 400
    assert "Did you mean" not in hidden.text
    assert not {"hello", "HIGH", "Ticket", "'name'"} & set(hidden.text.split('"'))


@pytest.mark.parametrize(
    "query", ["{ __schema { types { name } } }", '{ x: __type(name: "Query") { name } }']
)
def test_introspection_is_refused_to_others(query: str) -> None:
    portal = Portal(introspection=True)
    assert portal.post(query).status_code == 200
    portal.introspection = False  # although the document is known by now
    refused(portal.post(query), 400, "GRAPHQL_VALIDATION_FAILED")
    assert portal.post("{ __typename }").json() == {"data": {"__typename": "Query"}}
