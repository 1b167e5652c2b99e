"""`slaportal keys`: the installation's keys."""

import typer

from auth.errors import KeysFileExists
from auth.keys import KeyRing
from cli.common import DEFAULT_DATA, DataOption, errors_console, fail
from cli.portal import ADVICE, settings_of

app = typer.Typer(help="The installation's keys.", no_args_is_help=True)


@app.command()
def create(data: DataOption = DEFAULT_DATA) -> None:
    """Make new keys in $DATA/keys.json, or in the file that SLAPORTAL_KEYS_FILE names; mode 0600.

    Example: SLAPORTAL_KEYS_FILE=./keys.json slaportal keys create

    Tokens are signed and secrets are sealed with them: who loses them loses every second factor.
    """
    path = settings_of(data).keys_path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        KeyRing.create(path)
    except KeysFileExists as error:
        raise fail(f"{ADVICE[KeysFileExists]} ({path})") from error
    errors_console().print(
        f"New keys in {path}. Keep a copy where the databases' copies are not.", soft_wrap=True
    )
