"""What can go wrong with a ticket."""

from tenants.refusals import Refusal


class UnknownTicket(Refusal):
    """There is no such ticket here."""

    code = "NOT_FOUND"


class ReceivedOutOfRange(Refusal):
    """A moment of arrival lies in the future or more than 7 days back."""

    code = "INVALID"


class OnlyForOperators(Refusal):
    """The field is the vendor's to fill in."""

    code = "FORBIDDEN_BY_CONTRACT"


class NotYourContact(Refusal):
    """A customer registers in the own name only."""

    code = "FORBIDDEN_BY_CONTRACT"


class AlreadyClosed(Refusal):
    """The ticket is closed already."""

    code = "ILLEGAL_TRANSITION"


class NotClosed(Refusal):
    """Only a closed ticket can be reopened."""

    code = "ILLEGAL_TRANSITION"


class NoPublicMessage(Refusal):
    """The vendor closes with a message that the customer can read: it is the response."""

    code = "INVALID"


class TooEarlyToClose(Refusal):
    """The customer still has time to react: the vendor may close without a message only after the term."""

    code = "TOO_EARLY"


class ArrivalNotCounted(Refusal):
    """What comes through the portal or the API arrives when it is registered."""

    code = "INVALID"


class ReasonMissing(Refusal):
    """The act needs a reason, which is kept and shown."""

    code = "INVALID"
