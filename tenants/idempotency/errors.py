"""What can go wrong with a retry."""

from tenants.refusals import Refusal


class KeyReusedForOtherInput(Refusal):
    """The idempotency key was used before, with another input."""

    code = "CONFLICT"
