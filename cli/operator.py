"""`slaportal operator`: the vendor's own people, above all the first of them."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from api.portal import Portal
from api.settings import Settings
from auth.permissions import OperatorRole
from cli.common import DEFAULT_DATA, DataOption, JsonOption, answer_console, fail, plain_table, tell
from cli.portal import portal_of, run_async, settings_of
from cli.preparing import ensure_catalog, ensure_folder, ensure_keys
from sla.vocabulary import Locale
from tenants.acts import SYSTEM, Act
from tenants.catalog.operator_access import reset_operator_mfa
from tenants.catalog.operator_service import invite_operator, operator_with_email, operators

app = typer.Typer(help="The vendor's own people.", no_args_is_help=True)

EmailArgument = Annotated[str, typer.Argument(help="The operator's e-mail address.")]
RolesOption = Annotated[
    list[OperatorRole], typer.Option("--role", help="What the operator may do; give it once for each role.")
]
NameOption = Annotated[str, typer.Option("--name", help="The operator's name.")]
LocaleOption = Annotated[Locale, typer.Option("--locale", help="The operator's language.")]
CheckOption = Annotated[
    str, typer.Option("--identity-check", help="How you know that it is this person; kept on record.")
]
YesOption = Annotated[
    bool, typer.Option("--yes", help="Do it: the authenticator and the codes are forgotten.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Check everything and change nothing.")]


class _NothingKept(Exception):
    """Rolls back what a dry run did."""


@app.command()
def create(
    email: EmailArgument,
    name: NameOption,
    role: RolesOption,
    locale: LocaleOption = Locale.EN,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Invite an operator: the first one of an installation, who invites the others through the API.

    Example: slaportal operator create freya@vendor.example --name "Freya Olsen" --role ADMINISTRATOR

    The invitation is shown once, good for seven days: hand it over, and `acceptInvitation` sets the password.
    """
    settings = settings_of(data)
    if not dry_run:
        ensure_folder(settings)
        ensure_keys(settings)
        run_async(ensure_catalog(settings))
    token = run_async(_create(settings, email, name, role, locale, keep=not dry_run))
    if dry_run:
        tell(f"{email} can be invited. Nobody was: leave --dry-run away.")
    elif as_json:
        facts = {"email": email, "name": name, "roles": [each.value for each in role], "invitation": token}
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    else:
        tell(f"Hand this invitation to {email}; it is shown only now:")
        typer.echo(token)


@app.command("list")
def list_operators(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """List the operators with their roles, state and last sign-in.

    Example: slaportal operator list --json
    """
    found = [_facts(row) for row in run_async(_all(settings_of(data)))]
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    table = plain_table("email", "name", "status", "roles", "last sign-in")
    for facts in found:
        roles = " ".join(facts["roles"])
        table.add_row(facts["email"], facts["name"], facts["status"], roles, facts["lastSignInAt"] or "never")
    answer_console().print(table)


@app.command("reset-mfa")
def reset_mfa(
    email: EmailArgument,
    identity_check: CheckOption,
    data: DataOption = DEFAULT_DATA,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Forget an operator's second factor, where no second administrator is left to do it through the API.

    Example: slaportal operator reset-mfa freya@vendor.example --identity-check "seen in person" --yes

    Sessions end at once, and the next sign-in with the password enrols a new authenticator. It is on record.
    """
    if not yes and not dry_run:
        raise fail(
            "This opens the account to whoever knows the password. Say --yes if that is meant.", code=2
        )
    run_async(_reset(settings_of(data), email, identity_check, keep=not dry_run))
    if dry_run:
        tell(f"The second factor of {email} can be reset. Nothing was: leave --dry-run away.")
    else:
        tell(f"{email} enrols a new authenticator at the next sign-in.")


@asynccontextmanager
async def _changing(portal: Portal, *, keep: bool) -> AsyncIterator[AsyncSession]:
    """A transaction on the catalog that leaves nothing where nothing is to be kept."""
    with suppress(_NothingKept):
        async with portal.catalog.write() as session:
            yield session
            if not keep:
                raise _NothingKept


async def _create(
    settings: Settings, email: str, name: str, roles: Sequence[OperatorRole], locale: Locale, *, keep: bool
) -> str:
    """The token of the invitation, which is printed instead of mailed: there may be no mail yet."""
    act, tokens = Act(SYSTEM, datetime.now(UTC)), []
    async with portal_of(settings) as portal, _changing(portal, keep=keep) as session:
        invited = await invite_operator(
            session, email=email, name=name, roles=roles, locale=locale.value, act=act
        )
        tokens.append(invited.token)
    return tokens[0]


async def _all(settings: Settings) -> Sequence[Row[Any]]:
    async with portal_of(settings) as portal, portal.catalog.read() as reader:
        return await reader.rows(operators())


async def _reset(settings: Settings, email: str, identity_check: str, *, keep: bool) -> None:
    act = Act(SYSTEM, datetime.now(UTC))
    async with portal_of(settings) as portal:
        async with portal.catalog.read() as reader:
            key: UUID = await operator_with_email(reader, email)
        async with _changing(portal, keep=keep) as session:
            await reset_operator_mfa(session, key, identity_check=identity_check, keys=portal.keys, act=act)


def _facts(row: Row[Any]) -> dict[str, Any]:
    signed_in = row.last_sign_in_at
    return {
        "email": row.email,
        "name": row.name,
        "status": row.status,
        "roles": row.roles.split(),
        "lastSignInAt": signed_in.isoformat() if signed_in else None,
    }
