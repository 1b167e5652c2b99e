"""WebSockets: one subprotocol, the same limits and the same errors as over HTTP."""

from contextlib import AbstractContextManager
from typing import Any

import pytest
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect
from structlog.testing import capture_logs

from api.error_format import MASKED_MESSAGE
from api.http_errors import RequestRefused
from tests.api.http.portal import SECRET, Portal

TRANSPORT = "graphql-transport-ws"


@pytest.fixture
def portal() -> Portal:
    return Portal(subscriptions=True)


def connected(
    portal: Portal, *protocols: str, **headers: str
) -> AbstractContextManager[WebSocketTestSession]:
    return portal.client.websocket_connect(
        "/graphql", subprotocols=list(protocols or (TRANSPORT,)), headers=headers
    )


def answers(portal: Portal, query: str) -> list[dict[str, Any]]:
    """Run one operation to its end; gives every message about it."""
    with connected(portal) as socket:
        socket.send_json({"type": "connection_init"})
        assert socket.receive_json() == {"type": "connection_ack"}
        socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": query}})
        messages = [socket.receive_json()]
        while messages[-1]["type"] == "next":
            messages.append(socket.receive_json())
        return messages


def test_a_subscription_sends_text_frames_until_it_is_complete(portal: Portal) -> None:
    messages = answers(portal, "subscription { count(to: 2) }")
    assert [message.get("payload") for message in messages] == [
        {"data": {"count": 0}},
        {"data": {"count": 1}},
        None,
    ]
    assert portal.opened == portal.closed == 1


def test_failures_are_masked_and_coded(portal: Portal) -> None:
    with capture_logs() as logs:
        failed = answers(portal, "subscription { count(to: 3) }")[3]
    (error,) = failed["payload"]["errors"]
    assert SECRET not in str(failed)
    assert error["message"] == MASKED_MESSAGE
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert [entry["request_id"] for entry in logs] == [error["extensions"]["requestId"]]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ " + " ".join(f"a{n}: hello" for n in range(1_000)) + " }", "COST_LIMIT_EXCEEDED"),
        (
            "{ tickets(first: 100) { nodes { comments(first: 100) { nodes { number } } } } }",
            "COST_LIMIT_EXCEEDED",
        ),
        ("query A { hello } query B { hello }", "BAD_USER_INPUT"),
    ],
)
def test_a_refused_document_is_told_and_the_socket_stays_open(portal: Portal, query: str, code: str) -> None:
    (message,) = answers(portal, query)
    assert message["type"] == "error"
    assert [error["extensions"]["code"] for error in message["payload"]] == [code]


@pytest.mark.parametrize("protocol", ["graphql-ws", "graphql-sse", "other"])
def test_other_subprotocols_are_not_accepted(portal: Portal, protocol: str) -> None:
    with connected(portal, protocol) as socket, pytest.raises(WebSocketDisconnect) as closed:
        socket.receive_json()
    assert closed.value.code == 4406


def test_a_page_of_another_origin_cannot_connect(portal: Portal) -> None:
    with pytest.raises(WebSocketDisconnect), connected(portal, origin="https://evil.example"):
        pass
    with connected(portal, origin="http://testserver") as socket:
        assert socket.accepted_subprotocol == TRANSPORT


def test_a_context_that_is_refused_refuses_the_handshake(portal: Portal) -> None:
    portal.refusal = RequestRefused(401, "UNAUTHENTICATED", "No.")
    with pytest.raises(WebSocketDisconnect), connected(portal):
        pass


def test_a_schema_without_subscriptions_takes_no_sockets() -> None:
    portal = Portal()
    with pytest.raises(WebSocketDisconnect), connected(portal):
        pass
    assert portal.opened == 0
