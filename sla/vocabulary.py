"""The closed sets of the public vocabulary, and texts in the languages of the portal."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Word(StrEnum):
    """A closed set of words. They hash as the texts that they are: an enum's own hash is a call into Python."""

    __hash__ = str.__hash__


class Locale(Word):
    NL = "NL"
    EN = "EN"
    FR = "FR"


Text = Mapping[Locale, str]


class TicketType(Word):
    QUESTION = "QUESTION"
    INCIDENT = "INCIDENT"
    BUG = "BUG"
    DEVELOPMENT_REQUEST = "DEVELOPMENT_REQUEST"
    CONSULTANCY_REQUEST = "CONSULTANCY_REQUEST"
    SERVICE_REQUEST = "SERVICE_REQUEST"
    CHANGE_REQUEST = "CHANGE_REQUEST"


class TicketStatus(Word):
    NEW = "NEW"
    IN_PROGRESS = "IN_PROGRESS"
    WAITING_FOR_CUSTOMER = "WAITING_FOR_CUSTOMER"
    WAITING_FOR_DEVELOPMENT = "WAITING_FOR_DEVELOPMENT"
    CLOSED = "CLOSED"


class Environment(Word):
    PRODUCTION = "PRODUCTION"
    ACCEPTANCE = "ACCEPTANCE"
    TEST = "TEST"


class ProblemKind(Word):
    TECHNICAL = "TECHNICAL"
    FUNCTIONAL = "FUNCTIONAL"


class Hosting(Word):
    """Where the vendor's application runs, where the agreement tells the two apart (OX-002)."""

    CLOUD = "CLOUD"
    SELF_HOSTED = "SELF_HOSTED"


class Channel(Word):
    PORTAL = "PORTAL"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    API = "API"
    MONITORING = "MONITORING"


class Origin(Word):
    """Who registers: it decides which channels and which words are open to the report."""

    CUSTOMER = "CUSTOMER"
    INTEGRATION = "INTEGRATION"
    OPERATOR = "OPERATOR"
    MONITORING = "MONITORING"


class ClockKind(Word):
    RESPONSE = "RESPONSE"
    RESOLUTION = "RESOLUTION"


class ClockState(Word):
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    MET = "MET"
    MISSED = "MISSED"
    BEST_EFFORT = "BEST_EFFORT"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class EventKind(Word):
    """What moves a clock: a public message by the vendor, a status, a classification, an excuse.

    A REACTION is a message by the customer: it ends the wait after which a ticket may be closed (QX-030).
    """

    RESPONSE = "RESPONSE"
    REACTION = "REACTION"
    STATUS = "STATUS"
    CLASSIFIED = "CLASSIFIED"
    EXCUSE = "EXCUSE"


class WorkKind(Word):
    STANDARD = "STANDARD"
    NON_PLATFORM = "NON_PLATFORM"


class RefusalCode(Word):
    """The error codes of the public vocabulary that an agreement can answer with."""

    INVALID = "INVALID"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    CHANNEL_NOT_COVERED = "CHANNEL_NOT_COVERED"
    NOT_SUPPORTED_BY_TIER = "NOT_SUPPORTED_BY_TIER"
    FORBIDDEN_BY_CONTRACT = "FORBIDDEN_BY_CONTRACT"
    ILLEGAL_TRANSITION = "ILLEGAL_TRANSITION"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"


def say(text: Text, locale: Locale) -> str:
    """The text in `locale`; English where that language is missing, any language where English is too."""
    return text.get(locale) or text.get(Locale.EN) or next(iter(text.values()), "")


def fill(text: Text, **values: str) -> Text:
    """The text with its `{names}` filled in, in every language."""
    return {locale: words.format(**values) for locale, words in text.items()}
