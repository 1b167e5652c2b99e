"""What can go wrong when the vendor works in a customer's data."""

from tenants.refusals import Refusal


class WorkReasonMissing(Refusal):
    """The contract asks an operator why, and no reason was given."""


class NotAtWork(Refusal):
    """The operator has no open work session in this customer's data."""

    code = "CONFLICT"
