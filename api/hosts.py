"""The host names that this installation answers for; a forwarded one is never looked at."""

import re
from collections.abc import Sequence

from api.http_errors import RequestRefused
from api.settings import Settings

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""One part of a host name (RFC 1123, 2.1): nothing else ends up in an address that we send somebody to."""


def host_name(settings: Settings, hosts: Sequence[str]) -> str:
    """The one `Host` of a request in lower case, without port. RequestRefused (400, 421) where it is not ours."""
    if len(hosts) != 1:
        raise RequestRefused(400, "BAD_USER_INPUT", "Send one Host header.")
    host = hosts[0].strip().lower()
    name, colon, port = host.rpartition(":")
    if colon and port.isdigit():
        host = name
    if host in settings.console_hosts or host == settings.base_domain or slug_of_host(settings, host):
        return host
    raise RequestRefused(421, "BAD_USER_INPUT", "This server does not answer for that host name.")


def slug_of_host(settings: Settings, host: str) -> str | None:
    """What stands before the base domain; None on the vendor's own hosts."""
    if host in settings.console_hosts or host == settings.base_domain:
        return None
    slug, dot, domain = host.partition(".")
    return slug if dot and domain == settings.base_domain and LABEL.fullmatch(slug) else None
