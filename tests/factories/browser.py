"""A browser at the door: it keeps cookies, says from which page it asks, and sends what that page's script adds."""

from dataclasses import dataclass, field
from http.cookies import Morsel, SimpleCookie
from typing import Any

import httpx2
import pyotp

from tests.factories.portal import PASSWORD, SIGN_IN, VERIFY, House, Person

PAGE = "http://testserver"
REFRESH = """mutation($input: RefreshSessionInput!) { refreshSession(input: $input) {
  session { accessToken refreshToken expiresAt } errors { code } } }"""
SIGN_OUT = "mutation { signOut(input: {}) { errors { code } } }"
ACCESS_COOKIE = "__Host-slaportal-access"
REFRESH_COOKIE = "__Host-slaportal-refresh"
CSRF_COOKIE = "__Host-slaportal-csrf"


@dataclass(slots=True)
class Browser:
    """One page and its script. `csrf` is what the script remembers of the last `Portal-CSRF`."""

    house: House
    tenant: str | None
    page: str = PAGE
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    async def send(
        self, document: str, variables: dict[str, Any] | None = None, **changed: str | None
    ) -> httpx2.Response:
        """What the page's script does; `changed` puts a header in its place, None leaves it out."""
        headers: dict[str, str | None] = {
            "Origin": self.page,
            "Portal-Session": "cookie",
            "Portal-CSRF": self.csrf or None,
            "Portal-Tenant": self.tenant,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()) or None,
        } | {name.replace("_", "-"): value for name, value in changed.items()}
        sent = {
            name.encode(): value.encode("latin-1") for name, value in headers.items() if value is not None
        }
        response = await self.house.http.post(
            "/graphql", json={"query": document, "variables": variables or {}}, headers=list(sent.items())
        )
        self._keep(response)
        self.house.http.cookies.clear()  # the client of the house has a jar of its own, for all of its pages
        return response

    async def sign_in(self, person: Person) -> httpx2.Response:
        """Both steps; gives the answer of the second."""
        first = await self.send(SIGN_IN, {"input": {"email": person.email, "password": PASSWORD}})
        token = first.json()["data"]["signIn"]["challenge"]["token"]
        code = pyotp.TOTP(person.secret).now()
        return await self.send(VERIFY, {"input": {"challengeToken": token, "method": "TOTP", "code": code}})

    async def refresh(self, **changed: str | None) -> Any:
        response = await self.send(REFRESH, {"input": {"refreshToken": ""}}, **changed)
        return response.json()

    def _keep(self, response: httpx2.Response) -> None:
        for name, line in set_cookies(response).items():
            if line["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = line.value
        self.csrf = response.headers.get("portal-csrf", self.csrf)


def set_cookies(response: httpx2.Response) -> dict[str, "Morsel[str]"]:
    """The cookies that an answer sets, each with its attributes."""
    jar: SimpleCookie = SimpleCookie()
    for line in response.headers.get_list("set-cookie"):
        jar.load(line)
    return dict(jar)
