"""GraphiQL comes from the project itself and runs under a strict policy."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate

from api.graphiql import ASSETS
from tests.api.http.portal import Portal, refused

SCHEMA = Path(__file__).parents[3] / "schema.graphql"
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Page(HTMLParser):
    """Collects what a page loads, and what it has inline."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.inline: list[str] = []
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._open = tag
        self.loaded += [link for name in ("src", "href") if (link := given.get(name))]
        self.inline += [name for name in given if name.startswith("on") or name == "style"]

    def handle_data(self, data: str) -> None:
        if self._open in {"script", "style"} and data.strip():
            self.inline.append(data)


def test_a_browser_is_shown_graphiql_whose_parts_are_all_served_here() -> None:
    portal = Portal()
    response = portal.client.get("/graphql", headers=BROWSER)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(response.text)
    files = [link for link in page.loaded if link != "data:,"]
    assert len(files) == 7
    for link in files:
        assert link.startswith("/static/graphiql/")
        assert portal.client.get(link).status_code == 200
    assert portal.opened == 0


def test_nothing_but_files_of_its_own_runs_in_the_page() -> None:
    response = Portal().client.get("/graphql", headers=BROWSER)
    assert Page(response.text).inline == []
    policy = dict(
        part.strip().split(" ", 1) for part in response.headers["content-security-policy"].split(";")
    )
    nonce = re.search(r'data-nonce="([^"]+)"', response.text)
    assert nonce
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["style-src"] == f"'self' 'nonce-{nonce[1]}'"
    assert nonce[1] not in Portal().client.get("/graphql", headers=BROWSER).text


def test_graphiql_that_is_off_is_not_shown() -> None:
    response = Portal(graphiql=False).client.get("/graphql", headers=BROWSER)
    refused(response, 405, "BAD_USER_INPUT")
    assert response.headers["allow"] == "POST"


def test_a_program_that_takes_anything_is_not_shown_a_page() -> None:
    refused(Portal().client.get("/graphql", headers={"accept": "*/*"}), 405, "BAD_USER_INPUT")


def test_files_beside_the_page_are_not_reachable() -> None:
    client = Portal().client
    for path in ("..%2f..%2fview.py", "%2e%2e/%2e%2e/view.py", "../../view.py", "nothing.js"):
        assert client.get(f"/static/graphiql/{path}").status_code == 404


@pytest.mark.parametrize("name", ["page.js", "session.js", "page.css", "index.html", "examples.graphql"])
def test_our_own_files_name_no_other_host(name: str) -> None:
    assert not re.search(r"https?:|//[a-z]", (ASSETS / name).read_text(encoding="utf-8").replace("// ", ""))


def test_no_file_points_to_a_source_map_and_each_has_its_licence() -> None:
    for path in [*ASSETS.glob("*.js"), *ASSETS.glob("*.css")]:
        assert "sourceMappingURL" not in path.read_text(encoding="utf-8")
    for name in ("LICENSE-graphiql.txt", "LICENSE-react.txt", "THIRD-PARTY.txt"):
        assert "Copyright" in (ASSETS / name).read_text(encoding="utf-8")


def test_the_examples_are_sound_operations_of_the_schema() -> None:
    document = parse((ASSETS / "examples.graphql").read_text(encoding="utf-8"))
    names = [
        "SignIn",
        "Verify",
        "Recover",
        "Invite",
        "AcceptInvitation",
        "EnrollAuthenticator",
        "ConfirmAuthenticator",
        "Accounts",
        "ResetAuthenticator",
        "Deactivate",
        "Record",
        "StepUp",
        "WhoAmI",
        "SignOut",
        "ForgotPassword",
        "ResetPassword",
        "ChangePassword",
        "ChangeEmail",
        "ConfirmEmail",
        "RenewRecoveryCodes",
        "WhatWasAgreed",
        "RegisterTicket",
        "Tickets",
        "Status",
        "WorkQueue",
    ]
    assert validate(build_schema(SCHEMA.read_text(encoding="utf-8")), document) == []
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    assert [node.name.value for node in operations if node.name] == names


def test_each_line_of_the_examples_is_in_sight_and_each_value_on_a_line_of_its_own() -> None:
    """The editor does not wrap; at 1440 pixels it shows so many letters."""
    lines = (ASSETS / "examples.graphql").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 57] == []
    assert [line for line in lines if len(re.findall(r': ""', line)) > 1] == []


def test_each_tab_that_the_readme_names_is_there() -> None:
    walk = (
        (SCHEMA.parent / "README.md")
        .read_text(encoding="utf-8")
        .split("## An account's life")[1]
        .split("\n## ")[0]
    )
    examples = (ASSETS / "examples.graphql").read_text(encoding="utf-8")
    named = {
        tab
        for row in re.findall(r"^\|[^|]*\|([^|]*)\|", walk, re.MULTILINE)
        for tab in re.findall(r"`(\w+)`", row)
    }
    assert len(named) > 8
    assert named <= set(re.findall(r"^(?:mutation|query) (\w+)", examples, re.MULTILINE))
