"""`slaportal tenant`: the customers of this installation."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from api.settings import Settings
from cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    SlugArgument,
    answer_console,
    fail,
    plain_table,
    tell,
)
from cli.exporting import export
from cli.keeping import backup, restore
from cli.leaving import delete
from cli.moving import move
from cli.portal import portal_of, run_async, settings_of
from cli.provisioning import create
from cli.tables import tenant_facts, tenants_table
from sla.errors import OverrideWithoutReference, TermUnreadable, UnknownTerm
from sla.layers import Agreed, EffectiveTerm, effective_terms
from sla.service_terms import Layer
from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantRecord
from tenants.catalog.queries import all_tenants
from tenants.catalog.suspension import resume_tenant, suspend_tenant
from tenants.contacts.errors import ContactLimitReached
from tenants.contacts.service import agree_term
from tenants.contracts.errors import NoContractInForce, TermNotAgreeable
from tenants.contracts.service import agreement_in_force
from tenants.databases.scopes import reader_of

app = typer.Typer(help="The customers of this installation.", no_args_is_help=True)

for command in (create, backup, restore, move, export, delete):
    app.command()(command)


@app.command("list")
def list_tenants(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """List the customers with state, policy and server.

    Example: slaportal tenant list --json
    """
    found = run_async(_all(settings_of(data)))
    if as_json:
        typer.echo(json.dumps([tenant_facts(tenant) for tenant in found], indent=2, ensure_ascii=False))
    else:
        answer_console().print(tenants_table(found, datetime.now(UTC)))


@app.command()
def show(slug: SlugArgument, data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Show one customer: where its database is and at which epoch.

    Example: slaportal tenant show zonnedael
    """
    facts = tenant_facts(run_async(_one(settings_of(data), slug)))
    if as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    table = plain_table("", "")
    table.show_header = False
    for name, value in facts.items():
        table.add_row(name, str(value))
    answer_console().print(table)


@app.command()
def suspend(slug: SlugArgument, data: DataOption = DEFAULT_DATA) -> None:
    """Stop serving a customer; its data stays as it is.

    Example: slaportal tenant suspend zonnedael
    """
    run_async(_suspend(settings_of(data), slug))
    tell(f"{slug} is suspended.")


@app.command()
def resume(slug: SlugArgument, data: DataOption = DEFAULT_DATA) -> None:
    """Serve a suspended customer again.

    Example: slaportal tenant resume zonnedael
    """
    run_async(_resume(settings_of(data), slug))
    tell(f"{slug} is served again.")


@app.command()
def terms(slug: SlugArgument, data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Show the terms that hold for a customer, each with the layer and the clause that it comes from.

    Example: slaportal tenant terms zonnedael
    """
    found = run_async(_terms(settings_of(data), slug))
    if as_json:
        typer.echo(json.dumps([_term_facts(term) for term in found], indent=2))
        return
    table = plain_table("term", "value", "from", "reference", "clause")
    for term in found:
        facts = _term_facts(term)
        table.add_row(*(facts[name] or "" for name in ("term", "value", "layer", "reference", "clause")))
    answer_console().print(table)


@app.command()
def agree(
    slug: SlugArgument,
    term: Annotated[str, typer.Argument(help="The term, as `slaportal tenant terms` names it.")],
    value: Annotated[str, typer.Argument(help='Its value, written as there, such as "60 minutes".')],
    reference: Annotated[str, typer.Option(help="The document that it was agreed in.")],
    data: DataOption = DEFAULT_DATA,
    general: Annotated[
        bool,
        typer.Option(
            "--general-terms", help="It stands in the general terms, not in an agreement of its own."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Record a term that was agreed in writing apart from the policy, for tickets registered from now on.

    Example: slaportal tenant agree zonnedael response.HIGH "60 minutes" --reference AGR-9
    """
    layer = Layer.GENERAL_TERMS if general else Layer.SPECIFIC_AGREEMENT
    try:
        agreed = Agreed(term, value, reference, layer)
        before, after = run_async(_agree(settings_of(data), slug, agreed, keep=not dry_run))
    except OverrideWithoutReference as error:
        raise fail(f"{error}: --reference must not be empty.", code=2) from None
    except (NoContractInForce, TermNotAgreeable) as refusal:
        problem = refusal.values.get("problem", "there is no contract in force")
        raise fail(f"{term} cannot be agreed like that: {problem}.") from None
    except ContactLimitReached:
        raise fail(f"{term} cannot be {value} while more contacts are named: remove some first.") from None
    verb, earlier = "would be" if dry_run else "is now", before.value or "left open"
    tell(f"{slug}: {term} {verb} {after.value} ({after.layer}); it was {earlier}.")


async def _terms(settings: Settings, slug: str) -> Sequence[EffectiveTerm]:
    now = datetime.now(UTC)
    async with portal_of(settings) as portal:
        tenant = await portal.tenants.by_slug(slug, now)
        async with portal.tenants.scope(tenant).read() as reader:
            found = await agreement_in_force(reader, portal.library, now)
        policy = portal.library.get(found.policy.key, found.policy.version)
        return effective_terms(policy, found.tier, found.agreed)


async def _agree(
    settings: Settings, slug: str, agreed: Agreed, *, keep: bool
) -> tuple[EffectiveTerm, EffectiveTerm]:
    """The term before and after."""
    now = datetime.now(UTC)
    async with portal_of(settings) as portal:
        tenant = await portal.tenants.by_slug(slug, now)
        async with portal.tenants.scope(tenant).write() as session:
            contract = await agreement_in_force(await reader_of(session), portal.library, now)
            policy = portal.library.get(contract.policy.key, contract.policy.version)
            kept = [
                each for each in contract.agreed if (each.term, each.layer) != (agreed.term, agreed.layer)
            ]
            if keep:
                await agree_term(session, portal.library, contract.contract_id, agreed, actor=SYSTEM, now=now)
            try:
                both = [
                    effective_terms(policy, contract.tier, told)
                    for told in (contract.agreed, [*kept, agreed])
                ]
            except (UnknownTerm, TermUnreadable) as error:
                raise TermNotAgreeable(problem=str(error)) from error
    before, after = (next(each for each in terms if each.key == agreed.term) for terms in both)
    return before, after


def _term_facts(term: EffectiveTerm) -> dict[str, str | None]:
    return {
        "term": term.key,
        "value": term.value,
        "layer": term.layer,
        "reference": term.reference,
        "clause": term.clause.key if term.clause else None,
    }


async def _all(settings: Settings) -> Sequence[TenantRecord]:
    async with portal_of(settings) as portal:
        return await all_tenants(portal.catalog)


async def _one(settings: Settings, slug: str) -> TenantRecord:
    async with portal_of(settings) as portal:
        return await portal.tenants.by_slug(slug, datetime.now(UTC))


async def _suspend(settings: Settings, slug: str) -> None:
    now = datetime.now(UTC)
    async with portal_of(settings) as portal:
        tenant = await portal.tenants.fresh_by_slug(slug)
        async with portal.catalog.write() as session:
            await suspend_tenant(session, tenant.slug, actor=SYSTEM, now=now)


async def _resume(settings: Settings, slug: str) -> None:
    now = datetime.now(UTC)
    async with portal_of(settings) as portal:
        tenant = await portal.tenants.fresh_by_slug(slug)
        async with portal.catalog.write() as session:
            await resume_tenant(session, tenant.slug, actor=SYSTEM, now=now)
