"""What can go wrong when a customer's database is moved, kept, restored or removed."""


class AlreadyThere(RuntimeError):
    """The customer's database is on that server."""


class UpgradeFirst(RuntimeError):
    """The customer's database is of an older schema: `slaportal migrate` comes first."""


class WrongBackup(RuntimeError):
    """The backup is another customer's, or of a newer version of the portal."""


class CopyDiffers(RuntimeError):
    """The copy does not hold what its source holds; the customer stays where it was."""


class NotGone(RuntimeError):
    """Something of a customer that is being removed is still there; the same call again goes on."""


class BeyondRetention(RuntimeError):
    """No backup is kept from that moment: it lies before the oldest one, or in the future."""
