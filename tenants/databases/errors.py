"""What can go wrong between the portal and a database."""


class UnknownServer(LookupError):
    """A placement names a server that the settings do not have."""


class WrongDatabase(RuntimeError):
    """What was opened is not this tenant's database: swapped, restored in the wrong place, or not finished."""


class StaleEpoch(RuntimeError):
    """The tenant has moved since this process looked: nothing may be written here any more."""


class DatabaseUnavailable(RuntimeError):
    """The database cannot be opened, or stayed locked for too long. Try again later."""


class ServerBusy(DatabaseUnavailable):
    """All connections that this process may hold to a server are in use, and none came free in time."""


class UnsupportedRevision(DatabaseUnavailable):
    """The database's schema is older or newer than this version of the portal can work with."""


class ForeignRow(RuntimeError):
    """A row that was loaded in another session was about to be written in this one."""


class BackupUnreadable(RuntimeError):
    """A file is no backup of a customer, or is damaged, or is another one than its manifest describes."""


class ProcessKilled(RuntimeError):
    """A process that did a piece of work was killed while it did."""


class UpgradeFailed(RuntimeError):
    """A database could not be brought to today's schema; it is as it was."""


class CopyFailed(RuntimeError):
    """The rows of one database could not all be written into another; whoever copies must roll back."""


class CopyMismatch(CopyFailed):
    """The two databases of a copy do not have the same revision, tables and columns."""


class TargetNotEmpty(CopyFailed):
    """A copy would be mixed with rows that are there already."""


class ValueRefused(CopyFailed):
    """The target cannot hold a value of the source: names the table and the column, never the value."""


class BrokenReference(CopyFailed):
    """A row refers to another that is not there."""
