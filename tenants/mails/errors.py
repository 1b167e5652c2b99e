"""What can go wrong with a mail. The reasons are kept and shown: they never hold an address or a server's own words."""


class MailRefused(Exception):
    """This mail will never be taken as it is."""


class MailDelayed(Exception):
    """This mail was not taken now; others may be."""


class CarrierAway(Exception):
    """No mail can leave at this moment: the server is away, slow, or does not let us in."""


class MailSettingWrong(ValueError):
    """A setting of mails cannot be used."""
