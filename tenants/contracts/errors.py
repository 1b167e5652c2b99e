"""What can go wrong with a contract."""

from tenants.refusals import Refusal


class NoContractInForce(Refusal):
    """No signed contract is in force on this day."""

    code = "FORBIDDEN_BY_CONTRACT"


class UnknownContract(Refusal):
    """There is no such contract here."""

    code = "NOT_FOUND"


class TermNotAgreeable(Refusal):
    """The policy has no such figure, or it is not written as policy files write it."""


class NoSuchTier(Refusal):
    """The contract's policy has no such tier."""


class BeforePolicyVersion(NoContractInForce):
    """Nothing is registered under a policy before the day that its version holds from."""

    code = "TOO_EARLY"
