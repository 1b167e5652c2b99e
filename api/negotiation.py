"""Media types of requests and answers (GraphQL over HTTP, "Media Types"; RFC 9110, 12.5.1)."""

from __future__ import annotations

from email.message import Message
from functools import lru_cache
from typing import Literal

ResponseType = Literal["application/graphql-response+json", "application/json"]

GRAPHQL_RESPONSE: ResponseType = "application/graphql-response+json"
JSON: ResponseType = "application/json"
HTML = "text/html"

# Exact names first: who names the new type understands it; a wildcard alone gets the legacy type,
# which every client understands (audits 47DE and 80D8).
_OFFERS: tuple[tuple[str, ResponseType], ...] = (
    (GRAPHQL_RESPONSE, GRAPHQL_RESPONSE),
    (JSON, JSON),
    ("application/*", JSON),
    ("*/*", JSON),
    ("application/*", GRAPHQL_RESPONSE),  # reached when `application/json` itself is refused
    ("*/*", GRAPHQL_RESPONSE),
)
MAX_RANGES = 50


@lru_cache(maxsize=256)
def response_type(accept: str | None) -> ResponseType | None:
    """Choose the type to answer in; None when the client takes none of ours (406)."""
    if accept is None or not accept.strip():
        return JSON
    qualities = _qualities(accept)
    best: ResponseType | None = None
    best_quality = 0.0
    for name, answer in _OFFERS:
        quality = min(qualities.get(name, 0.0), qualities.get(answer, 1.0))
        if quality > best_quality:
            best, best_quality = answer, quality
    return best


def accepts_html(accept: str | None) -> bool:
    """Only by name: a wildcard is a program, not a person with a browser."""
    return _qualities(accept or "").get(HTML, 0.0) > 0


@lru_cache(maxsize=256)
def is_utf8_json(content_type: str | None) -> bool:
    """Tell `application/json` in UTF-8: no form can send it, so no foreign page can unasked (CSRF)."""
    name, charset = _media_type(content_type or "")
    return name == JSON and charset in {"", "utf-8", "utf8"}


def _media_type(content_type: str) -> tuple[str, str]:
    header = Message()
    header["content-type"] = content_type.replace("\r", " ").replace("\n", " ")
    charset = header.get_param("charset", "")
    return header.get_content_type() if content_type else "", str(charset).strip().lower()


def _qualities(accept: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in accept.split(",")[:MAX_RANGES]:
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                quality = _quality(parameter.removeprefix("q="))
        found[name] = max(quality, found.get(name, 0.0))
    return found


def _quality(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0.0 <= value <= 1.0 else 0.0
