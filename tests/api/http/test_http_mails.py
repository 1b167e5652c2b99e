"""Mails that are files are shown to whoever sits at this machine, and run nothing in the page."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.graphiql import front_pages
from api.headers import SecurityHeaders
from api.mails_page import mails_page
from tenants.databases.servers import SqliteServer
from tenants.mails.service import MailKind
from tenants.mails.writing import Place, Sender, Writer, Written
from tests.conftest import NOW
from tests.factories.portal import settings_for

MAIL_ID = UUID("0195812c-0f00-7000-8000-00000000000a")
HOSTILE = "<script>alert(1)</script>"
HERE = ("127.0.0.1", 5000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One invitation, of somebody with a hostile name."""
    kind, expires_at = MailKind.INVITATION, NOW + timedelta(days=7)
    mail = Written(MAIL_ID, kind, "eva@alfa.example", HOSTILE, "EN", {"token": "tok_1"}, NOW, expires_at)
    place = Place(HOSTILE, "http://alfa.localhost:8000", "UTC")
    message = Writer(Sender.of("portal@example.com")).write(mail, place)
    (tmp_path / f"{MAIL_ID}.eml").write_bytes(message.as_bytes())
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path


def client_of(folder: Path, host: str = "localhost:8000", caller: tuple[str, int] = HERE) -> TestClient:
    app = SecurityHeaders(Starlette(routes=[*mails_page(folder), *front_pages()]))
    return TestClient(app, base_url=f"http://{host}", client=caller)


@pytest.fixture
def client(folder: Path) -> TestClient:
    return client_of(folder)


def test_mails_are_listed_and_shown_with_links_that_work(client: TestClient) -> None:
    page = client.get("/mails")
    assert page.status_code == 200
    assert f'href="/mails/{MAIL_ID}"' in page.text
    assert "eva@alfa.example" in page.text
    shown = client.get(f"/mails/{MAIL_ID}").text
    assert '<a href="http://alfa.localhost:8000/invitation#tok_1" rel="noreferrer">' in shown
    assert f'src="/mails/{MAIL_ID}/html"' in shown
    assert "acceptInvitation" not in shown
    told = f"{NOW:%Y-%m-%d %H:%M} UTC"
    assert told in page.text
    assert told in shown


def test_the_way_to_graphiql_leaves_its_window_and_what_stands_in_it(client: TestClient) -> None:
    assert '<a href="/graphql" target="_blank" rel="noopener">' in client.get("/mails").text


def test_what_stands_in_a_mail_runs_nothing(client: TestClient) -> None:
    for path in ("/mails", f"/mails/{MAIL_ID}", f"/mails/{MAIL_ID}/html"):
        page = client.get(path)
        assert "<script" not in page.text
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "script-src" not in policy
        assert "base-uri 'none'; form-action 'none'; frame-ancestors" in policy
        assert page.headers["cache-control"] == "no-store"
    assert "; sandbox allow-popups" in policy
    assert "&lt;script&gt;" in page.text


def test_styles_carry_a_nonce_of_their_own_answer(client: TestClient) -> None:
    nonces = [re.search(r'nonce="([^"]+)"', client.get("/mails").text) for _ in range(2)]
    assert len({found[1] for found in nonces if found}) == 2


@pytest.mark.parametrize(
    "host", ["evil.example", "alfa.example.com", "localhost.evil.example", "10.0.0.1:8000"]
)
def test_by_another_name_there_are_no_mails(folder: Path, host: str) -> None:
    """A page elsewhere whose name leads to this machine sends its own name."""
    for path in ("/mails", f"/mails/{MAIL_ID}", f"/mails/{MAIL_ID}/html"):
        assert client_of(folder, host).get(path).status_code == 404


@pytest.mark.parametrize("caller", ["192.0.2.1", "10.0.0.7", "testclient"])
def test_from_another_machine_there_are_no_mails(folder: Path, caller: str) -> None:
    assert client_of(folder, caller=(caller, 5000)).get("/mails").status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
def test_through_a_proxy_there_are_no_mails(client: TestClient, header: str) -> None:
    assert client.get("/mails", headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize(
    "name", ["secret.txt", "..%2f..%2fkeys.json", "0195812c-0f00-7000-8000-00000000000b"]
)
def test_nothing_else_in_the_folder_is_shown(client: TestClient, name: str) -> None:
    assert client.get(f"/mails/{name}").status_code == 404


def test_an_empty_house_says_so(tmp_path: Path) -> None:
    assert "There are none yet" in client_of(tmp_path / "nothing").get("/mails").text


def test_the_page_is_there_only_where_mails_are_files_and_somebody_asked_for_it(tmp_path: Path) -> None:
    settings = settings_for(SqliteServer("main", tmp_path), tmp_path)
    assert not settings.shows_mails
    asked = settings.model_copy(update={"mails_page": True})
    assert asked.shows_mails
    assert not asked.model_copy(update={"graphiql": False}).shows_mails
    assert not asked.model_copy(update={"smtp_url": "smtp://mail.example"}).shows_mails


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("invitation", "AcceptInvitation"),
        ("password-reset", "ResetPassword"),
        ("email-change", "ConfirmEmail"),
    ],
)
def test_a_link_leads_to_graphiql_and_the_token_stays_behind_the_hash(
    client: TestClient, path: str, example: str
) -> None:
    answer = client.get(f"/{path}", follow_redirects=False)
    assert answer.headers["location"] == f"/graphql?example={example}"
