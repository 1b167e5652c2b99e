"""What can go wrong with accounts."""

from tenants.refusals import Refusal


class AccountExists(Refusal):
    """Somebody with this e-mail address has an account here already, or an invitation."""

    code = "CONFLICT"


class UnknownAccount(Refusal):
    """There is no such account here."""

    code = "NOT_FOUND"


class LastAdministrator(Refusal):
    """Somebody must stay who may manage accounts and is a named contact."""

    code = "CONFLICT"


class AccountInOtherState(Refusal):
    """What was asked for cannot be done with an account in this state."""

    code = "CONFLICT"


class OwnRights(Refusal):
    """Nobody gives rights, or another contact's name, to the own account."""

    code = "CONFLICT"


class OwnFactor(Refusal):
    """A lost factor is reset by a second person, never by the one who lost it."""

    code = "CONFLICT"


class ContactTaken(Refusal):
    """An account acts for this contact already: each named contact is one person (OB-038, S4-012)."""

    code = "CONFLICT"


class RightsEnded(Refusal):
    """The caller's own right to manage accounts ended while this call waited."""

    code = "CONFLICT"


class AdministratorsByVendorOnly(Refusal):
    """By the agreement only the vendor makes, changes or ends accounts that manage others."""

    code = "FORBIDDEN_BY_CONTRACT"
