"""What can go wrong with a customer's audit log as a whole."""


class LogIncomplete(RuntimeError):
    """The log cannot be exported: an entry cannot be read, or entries up to the newest one are not there."""
