"""What can go wrong with named contacts."""

from tenants.refusals import Refusal


class ContactLimitReached(Refusal):
    """The agreement names at most so many contacts, and so many are active."""

    code = "CONTACT_LIMIT_REACHED"


class UnknownContact(Refusal):
    """There is no such contact here."""

    code = "NOT_FOUND"


class ContactRemoved(Refusal):
    """The contact is not entitled any more."""

    code = "CONFLICT"


class NotANamedContact(Refusal):
    """Only somebody whom the contract names as a contact may do this."""

    code = "FORBIDDEN_BY_CONTRACT"
