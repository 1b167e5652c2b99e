"""What can go wrong with consultancy and hour cards."""

from tenants.refusals import Refusal


class UnknownRequest(Refusal):
    """There is no such consultancy request here."""

    code = "NOT_FOUND"


class UnknownHourCard(Refusal):
    """There is no such hour card here."""

    code = "NOT_FOUND"


class NotOpenForQuotes(Refusal):
    """The request is declined, cancelled or billed: nothing more is quoted on it."""

    code = "ILLEGAL_TRANSITION"


class NothingQuoted(Refusal):
    """There is no quote to answer."""

    code = "ILLEGAL_TRANSITION"


class QuoteChanged(Refusal):
    """The digest is not that of the quote that is on the table now."""

    code = "CONFLICT"


class QuoteExpired(Refusal):
    """The quote's validity is over."""

    code = "QUOTE_EXPIRED"


class NotConfirmed(Refusal):
    """Work goes only as far as the customer has confirmed."""

    code = "NOT_CONFIRMED"


class InsufficientHours(Refusal):
    """The hour card holds less than the quote would reserve."""

    code = "INSUFFICIENT_HOURS"


class HourCardExpired(Refusal):
    """The hour card's last day is over."""

    code = "INSUFFICIENT_HOURS"


class HoursOutOfRange(Refusal):
    """Hours are more than 0, at most the limit, and whole minutes."""

    code = "INVALID"


class WorkInTheFuture(Refusal):
    """Work is recorded when it is done."""

    code = "INVALID"


class ValidityOutOfRange(Refusal):
    """A quote is valid until some moment in the future, at most a year ahead."""

    code = "INVALID"


class NeverBillable(Refusal):
    """A bug is repaired free of charge, and support is never billed."""

    code = "FORBIDDEN_BY_CONTRACT"
