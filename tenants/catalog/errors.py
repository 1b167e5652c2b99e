"""What can go wrong with a customer as a whole."""

from tenants.refusals import Refusal


class UnknownTenant(LookupError):
    """No customer has this slug or id."""


class TenantNotActive(RuntimeError):
    """The customer exists, but its data is not served now: suspended, moving or not finished."""

    def __init__(self, slug: str, status: str) -> None:
        super().__init__(f"{slug} is {status}")
        self.slug = slug
        self.status = status


class BeingChanged(RuntimeError):
    """The customer is being moved or restored at this moment."""


class LeaseLost(RuntimeError):
    """What was being done to a customer took too long to be known as alive, and was given up by somebody else."""


class NoSuchTenant(Refusal):
    """The customer that a call is about does not exist."""

    code = "NOT_FOUND"


class TenantInOtherState(Refusal):
    """The customer is in a state in which this cannot be done to it."""

    code = "ILLEGAL_TRANSITION"


class BadSlug(Refusal):
    """Slugs are 2 to 40 of a-z, 0-9 and hyphen, begin with a letter, and are not a reserved word."""


class SlugTaken(Refusal):
    """Another customer has this slug."""

    code = "CONFLICT"
