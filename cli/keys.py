"""`slaportal keys`: the installation's keys, and how they are replaced while the portal runs."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from auth import rotation
from auth.errors import KeysFileExists
from auth.keys import KeyRing
from auth.rotation import KeyInfo, KeyKind
from cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    answer_console,
    errors_console,
    fail,
    plain_table,
    tell,
)
from cli.portal import ADVICE, now, run_async, settings_of, told_in_one_line
from cli.sealing import keys_in_use, reseal_all

app = typer.Typer(help="The installation's keys.", no_args_is_help=True)

KindArgument = Annotated[KeyKind, typer.Argument(help="Those that sign tokens, or those that seal secrets.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would happen; so does no --yes.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do it.")]
CompromisedOption = Annotated[
    bool,
    typer.Option(
        "--compromised",
        help="Somebody else has the signing key: sign with the new one at once, and drop all others.",
    ),
]


@app.command()
def create(data: DataOption = DEFAULT_DATA) -> None:
    """Make new keys in $DATA/keys.json, or in the file that SLAPORTAL_KEYS_FILE names; mode 0600.

    Example: SLAPORTAL_KEYS_FILE=./keys.json slaportal keys create

    Tokens are signed and secrets are sealed with them: who loses them loses every second factor.
    """
    path = settings_of(data).keys_path
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        KeyRing.create(path)
    except OSError as error:
        raise fail(f"No keys can be made in {path}: {error.strerror}.") from error
    except KeysFileExists as error:
        raise fail(f"{ADVICE[KeysFileExists]} ({path})") from error
    errors_console().print(
        f"New keys in {path}. Keep a copy where the databases' copies are not.", soft_wrap=True
    )


@app.command(name="list")
def list_(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Show which keys there are and what each does; never the keys themselves.

    Example: slaportal keys list
    """
    with told_in_one_line():
        _show(rotation.keys_on(KeyRing.load(settings_of(data).keys_path), now()), as_json=as_json)


@app.command()
def rotate(
    kind: KindArgument,
    data: DataOption = DEFAULT_DATA,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    compromised: CompromisedOption = False,
) -> None:
    """Put a new key on the ring; the running portal takes it over by itself.

    Example: slaportal keys rotate signing --yes

    A new signing key is published at once and signs ten minutes later; the older ones go on verifying. A new field key
    seals at once; `slaportal keys reseal` then seals with it what the older ones sealed.
    """
    path, at = settings_of(data).keys_path, now()
    if compromised and kind is KeyKind.FIELDS:
        raise fail("--compromised is for signing keys: rotate the fields' key, reseal, prune.", code=2)
    if dry_run or not yes:
        begins = at if compromised or kind is KeyKind.FIELDS else at + rotation.PUBLISHED_AHEAD
        tell(
            f"A new {kind} key would be made, in use from {begins:%Y-%m-%d %H:%M:%S} UTC. Say --yes to do it."
        )
        return
    with told_in_one_line():
        KeyRing.load(path)  # what is no keys file is told so, before anything of it is changed
        if kind is KeyKind.FIELDS:
            made = rotation.rotate_fields(path, at)
        else:
            made = rotation.rotate_signing(path, at, compromised=compromised)
    since = made.since or at
    tell(
        f"New {kind} key {made.id}, in use from {since:%Y-%m-%d %H:%M:%S} UTC. The old file is kept beside {path}."
    )
    if kind is KeyKind.FIELDS:
        tell("Now run `slaportal keys reseal`.")


@app.command()
def reseal(data: DataOption = DEFAULT_DATA, dry_run: DryRunOption = False) -> None:
    """Seal everything that is sealed in every database with the newest field key, while the portal runs.

    Example: slaportal keys reseal

    It may be stopped and started again at any time. Exit code 1 where a database could not be reached, or something in
    it could not be opened.
    """
    settings = settings_of(data)
    found = run_async(keys_in_use(settings) if dry_run else reseal_all(settings))
    current = KeyRing.load(settings.keys_path).current_field
    if dry_run:
        behind = sum(bool(each.keys - {current}) for each in found)
        tell(f"{behind} of {len(found)} databases hold something that an older key sealed.")
    else:
        tell(f"{sum(each.done for each in found)} texts in {len(found)} databases sealed anew.")
    _check([f"{each.name}: {each.problem}" for each in found if each.problem])


@app.command()
def prune(data: DataOption = DEFAULT_DATA, yes: YesOption = False, dry_run: DryRunOption = False) -> None:
    """Drop signing keys whose last token has expired, and field keys that seal nothing in any database any more.

    Example: slaportal keys prune --yes

    A backup from before the last reseal needs the field keys of its time: they are in the copy of the keys file that is
    kept beside it. Where a database cannot be reached, no field key is dropped.
    """
    settings, at = settings_of(data), now()
    found = run_async(keys_in_use(settings))
    ring, problems = KeyRing.load(settings.keys_path), [f"{e.name}: {e.problem}" for e in found if e.problem]
    needed = frozenset(ring.fields) if problems else frozenset().union(*(each.keys for each in found))
    if dry_run or not yes:
        gone = rotation.prunable(ring, at, needed)
        tell(f"{len(gone)} keys would be dropped{_names(gone)}." + " Say --yes to do it." * bool(gone))
    else:
        gone = rotation.prune(settings.keys_path, at, needed)
        tell(f"{len(gone)} keys dropped{_names(gone)}.")
    _check(problems)


def _names(keys: list[KeyInfo]) -> str:
    return ": " * bool(keys) + ", ".join(f"{key.kind} {key.id}" for key in keys)


def _check(problems: list[str]) -> None:
    for problem in problems:
        tell(problem)
    if problems:
        raise typer.Exit(1)


def _show(keys: list[KeyInfo], *, as_json: bool) -> None:
    if as_json:
        facts = [
            {**asdict(key), "since": _moment(key.since), "retired_at": _moment(key.retired_at)}
            for key in keys
        ]
        typer.echo(json.dumps(facts, indent=2))
        return
    table = plain_table("kind", "id", "state", "since", "retired at")
    for key in keys:
        table.add_row(
            key.kind, key.id, key.state, _moment(key.since) or "the beginning", _moment(key.retired_at) or ""
        )
    answer_console().print(table)


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
