"""What can go wrong with a new customer."""

from tenants.refusals import Refusal


class UnknownAgreement(Refusal):
    """No agreement of this installation has this key, or none is valid yet."""

    code = "NOT_FOUND"


class UnknownTierOfAgreement(Refusal):
    """The agreement has other tiers; where it has several, one must be named."""


class BeingProvisioned(RuntimeError):
    """Another process is making this customer just now."""
