"""What can go wrong with a contract."""

from tenants.refusals import Refusal


class NoContractInForce(Refusal):
    """No signed contract is in force on this day."""

    code = "FORBIDDEN_BY_CONTRACT"


class BeforePolicyVersion(Refusal):
    """A contract cannot start before the version of the policy that it is made under."""

    code = "TOO_EARLY"


class OverrideWithoutReference(Refusal):
    """A term apart from the policy holds only with a written reference."""

    code = "INVALID"
