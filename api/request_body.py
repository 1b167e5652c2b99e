"""The body of a GraphQL request: read under a limit, decoded, and found to be well formed or refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request

from api.http_errors import RequestRefused


@dataclass(frozen=True, slots=True)
class GraphQLParameters:
    query: str
    variables: dict[str, Any] | None
    operation_name: str | None
    extensions: dict[str, Any] | None


async def read_body(request: Request, limit: int) -> bytes:
    """Raise RequestRefused (413) as soon as more than `limit` bytes are announced or have come."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    room = limit
    async for chunk in request.stream():
        room -= len(chunk)
        if room < 0:
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


def parameters(body: bytes) -> GraphQLParameters:
    """Raise RequestRefused (400) for what is no well-formed request (GraphQL over HTTP, "JSON Encoding")."""
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _malformed("The body is not valid JSON in UTF-8.") from None
    if isinstance(decoded, list):
        raise _malformed("Batches are not accepted: send one operation a request.")
    if not isinstance(decoded, dict):
        raise _malformed("The body must be a JSON object.")
    if b"\\u0000" in body and any("\0" in text for text in _texts(decoded)):
        raise _malformed("A text must not contain NUL.")
    query = decoded.get("query")
    if not isinstance(query, str) or not query:
        raise _malformed("`query` must be a GraphQL document as text.")
    name = decoded.get("operationName")
    if not isinstance(name, str | None):
        raise _malformed("`operationName` must be text or null.")
    return GraphQLParameters(
        query, _object(decoded, "variables"), name or None, _object(decoded, "extensions")
    )


def _object(decoded: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = decoded.get(name)
    if not isinstance(value, dict | None):
        raise _malformed(f"`{name}` must be an object or null.")
    return value


def _texts(value: object) -> Iterator[str]:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            stack.extend(item)
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _malformed(message: str) -> RequestRefused:
    return RequestRefused(400, "BAD_USER_INPUT", message)


def _too_large(limit: int) -> RequestRefused:
    return RequestRefused(413, "BAD_USER_INPUT", f"The body must not exceed {limit} bytes.")
