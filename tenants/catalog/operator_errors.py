"""What can go wrong with the vendor's operators."""

from tenants.refusals import Refusal


class OperatorExists(Refusal):
    """Somebody with this e-mail address is an operator already, or invited to be one."""

    code = "CONFLICT"


class UnknownOperator(Refusal):
    """There is no such operator."""

    code = "NOT_FOUND"


class NoRoles(Refusal):
    """An operator has at least one role."""


class NoLongerAdministrator(Refusal):
    """The caller's own right ended while this call waited for another one."""

    code = "CONFLICT"


class LastOperatorAdministrator(Refusal):
    """Somebody must stay who is ADMINISTRATOR and may sign in."""

    code = "CONFLICT"


class OperatorInOtherState(Refusal):
    """The operator is in a state in which this cannot be done."""

    code = "ILLEGAL_TRANSITION"


class OwnOperatorFactor(Refusal):
    """Nobody resets the own second factor: a second administrator looks who it is."""

    code = "CONFLICT"
