"""What can go wrong with accounts."""

from tenants.refusals import Refusal


class AccountExists(Refusal):
    """Somebody with this e-mail address has an account here already, or an invitation."""

    code = "CONFLICT"


class UnknownAccount(Refusal):
    """Nobody with this e-mail address was invited here."""

    code = "NOT_FOUND"


class LastAdministrator(Refusal):
    """Somebody must stay who may manage accounts and is a named contact."""

    code = "CONFLICT"


class AccountErased(Refusal):
    """What told who this person is was taken away for good; nothing of it comes back."""

    code = "CONFLICT"
