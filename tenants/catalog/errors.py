"""What can go wrong with a customer as a whole."""


class UnknownTenant(LookupError):
    """No customer has this slug or id."""


class TenantNotActive(RuntimeError):
    """The customer exists, but its data is not served now: suspended, moving or not finished."""

    def __init__(self, slug: str, status: str) -> None:
        super().__init__(f"{slug} is {status}")
        self.slug = slug
        self.status = status


class BadSlug(ValueError):
    """Slugs are 2 to 40 of a-z, 0-9 and hyphen, begin with a letter, and are not a reserved word."""


class SlugTaken(RuntimeError):
    """Another customer has this slug."""
