"""What can go wrong between the portal and a database."""


class UnknownServer(LookupError):
    """A placement names a server that the settings do not have."""


class WrongDatabase(RuntimeError):
    """The database that was opened belongs to another tenant: swapped or restored in the wrong place."""


class StaleEpoch(RuntimeError):
    """The tenant has moved since this process looked: nothing may be written here any more."""


class DatabaseUnavailable(RuntimeError):
    """The database cannot be opened, or stayed locked for too long. Try again later."""


class UpgradeFailed(RuntimeError):
    """A database could not be brought to today's schema; it is as it was."""
