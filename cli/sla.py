"""`slaportal sla`: the rules as a calculator."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import orjson
import typer

from cli.calculators.due import DueCalculator
from cli.calculators.quote import QuoteCalculator
from cli.calculators.stream import (
    UNANSWERED,
    Calculator,
    answer_lines,
    answers_to,
    parsed,
    refusal_of,
    written,
)
from cli.calculators.tables import answers_table
from cli.calculators.telling import told_of
from cli.calculators.term import TermCalculator
from cli.calculators.tickets import FIELDS, TicketReader
from cli.calculators.time import TimeCalculator
from cli.calculators.uptime import UptimeCalculator
from cli.calculators.values import check_names
from cli.common import PoliciesOption, answer_console, fail, library_of
from cli.loading import group_of
from sla.vocabulary import Locale

app = typer.Typer(
    cls=group_of({"verify": "cli.verifying:verify"}),
    help="Deadlines and the rules behind them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

FORMS = (
    "Each line is a JSON object; each is answered by one line, in the same order, with its id or else its number. "
    "What has no answer is answered with an error of code and message, and the clause where an agreement refuses."
)

WordsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[LINE]...",
        help="JSON objects, or one line as name=value words. Left out: standard input.",
        show_default=False,
    ),
]
FileOption = Annotated[
    Path | None, typer.Option("--file", help="Read the lines from this file.", exists=True, dir_okay=False)
]
TableOption = Annotated[
    bool | None, typer.Option("--table/--json", help="What to print; a table on a terminal, else JSON.")
]
LocaleOption = Annotated[
    Locale, typer.Option("--locale", case_sensitive=False, help="The language of messages.")
]


@app.callback()
def sla() -> None:
    """Deadlines and the rules behind them."""


@app.command(epilog=FORMS)
def time(
    words: WordsArgument = None,
    file: FileOption = None,
    table: TableOption = None,
    locale: LocaleOption = Locale.EN,
) -> None:
    r"""Add or measure working time on a calendar of your own, or count working days.

    \b
    {id, calendar, op: add|between, start, duration_seconds|duration_minutes|end, pauses?} -> {id, end|seconds}
    {id, calendar, op: add_working_days, start_date, days} -> {id, end_date}

    \b
    Example: slaportal sla time '{"calendar": {"timezone": "Europe/Amsterdam",
      "hours": {"mon-fri": [["08:30", "16:30"]]}, "holidays": ["2026-04-06"]},
      "op": "add", "start": "2026-04-03 16:00", "duration_minutes": 120}'
    """
    _answer(TimeCalculator(), words, file, table, locale)


@app.command(epilog=FORMS)
def due(
    words: WordsArgument = None,
    file: FileOption = None,
    table: TableOption = None,
    locale: LocaleOption = Locale.EN,
    policies: PoliciesOption = None,
) -> None:
    r"""Say when a ticket is due under an agreement, and how its clocks stand.

    \b
    {id, policy, version?, tier, type, priority?, impact?, urgency?, environment?, channel?, component?,
     problem_kind?, hosting?, addenda?, registered_at, first_response_at?, events?: [{at, status|priority}],
     excuses?: [{at?, reason}], now?}
    -> {id, priority, response: {due_at, target_seconds, state, used_seconds, breached_at}, resolution, auto_close_at}

    \b
    Times without an offset are local in the agreement's zone; * marks the second pass of the autumn hour.
    Example: slaportal sla due policy=qixium tier=SUPPORT type=INCIDENT priority=HIGH
      "registered_at=2026-04-03 16:00"
    Example: slaportal sla due --file tickets.jsonl > due.jsonl
    """
    _answer(DueCalculator(library_of(policies)), words, file, table, locale)


@app.command(epilog=FORMS)
def quote(
    words: WordsArgument = None,
    file: FileOption = None,
    table: TableOption = None,
    locale: LocaleOption = Locale.EN,
    policies: PoliciesOption = None,
) -> None:
    r"""Price consultancy in whole blocks, without VAT.

    \b
    {id, policy, tier, work?: STANDARD|NON_PLATFORM, hours, preparation_hours?, contract_rate?}
    -> {id, block_hours, blocks, billable_hours, rate, total, currency}

    \b
    Example: slaportal sla quote policy=qixium tier=QAAS work=STANDARD hours=4.5
    """
    _answer(QuoteCalculator(library_of(policies)), words, file, table, locale)


@app.command(epilog=FORMS)
def uptime(
    words: WordsArgument = None,
    file: FileOption = None,
    table: TableOption = None,
    locale: LocaleOption = Locale.EN,
    policies: PoliciesOption = None,
) -> None:
    r"""Work out the availability of a calendar month.

    \b
    {id, policy, month, outages: [{start, end, scope?, cause?}], exclusions?: [{start, end, reason, announced_at?}]}
    -> {id, total_minutes, downtime_minutes, percent, target, met}

    \b
    Example: slaportal sla uptime '{"policy": "oxygis", "month": "2026-06",
      "outages": [{"start": "2026-06-10 10:00", "end": "2026-06-10 10:43"}]}'
    """
    _answer(UptimeCalculator(library_of(policies)), words, file, table, locale)


@app.command(epilog=FORMS)
def term(
    words: WordsArgument = None,
    file: FileOption = None,
    table: TableOption = None,
    locale: LocaleOption = Locale.EN,
    policies: PoliciesOption = None,
) -> None:
    r"""Work out another term: closing, notices, bookings, fair use.

    \b
    {id, policy, tier?, term, ...} by term:
    AUTO_CLOSE            waiting_for_customer_since -> last_working_day, close_allowed_from
    MAINTENANCE_NOTICE    announced_at, starts_at, window_kind?, reason? -> accepted
    MAINTENANCE_WINDOW    at -> standard_time
    CHANGE_NOTICE         announced_on, effective_on, material -> accepted
    CHANGE_TERMINATION    announced_on, terminated_on, material_deterioration -> accepted
    OUT_OF_HOURS_REQUEST  requested_on, support_date -> accepted
    CONSULTANT_BOOKING    requested_on -> earliest_date
    FAIR_USE              daily_usage, comparable_tenants -> excessive, longest_run
    FAIR_USE_TERM         informed_on, acute?, reason? -> measure_allowed_from

    \b
    Example: slaportal sla term policy=s4m-support tier=DEFAULT term=CONSULTANT_BOOKING requested_on=2026-12-15
    """
    _answer(TermCalculator(library_of(policies), locale), words, file, table, locale)


@app.command(epilog="Takes the same line as `slaportal sla due`.")
def explain(
    words: WordsArgument = None,
    file: FileOption = None,
    locale: LocaleOption = Locale.EN,
    policies: PoliciesOption = None,
) -> None:
    r"""Explain one ticket to a person: day by day what counted and what did not, and the clauses.

    \b
    Example: slaportal sla explain policy=qixium tier=SUPPORT type=INCIDENT priority=HIGH
      "registered_at=2026-04-03 16:00" --locale nl
    """
    lines = [line for line in _lines(words, file) if line.strip()]
    if len(lines) != 1:
        raise fail(f"Give one line to explain; there are {len(lines)}.", code=2)
    try:
        given = parsed(lines[0], 1)
        check_names(given, FIELDS)
        explained = told_of(TicketReader(library_of(policies))(given), locale)
    except UNANSWERED as error:
        refused = refusal_of(error, locale)
        clause = f" ({refused.clause.key})" if refused.clause else ""
        raise fail(f"{refused}{clause}") from None
    answer_console().print(explained)


def _answer(
    calculator: Calculator, words: list[str] | None, file: Path | None, table: bool | None, locale: Locale
) -> None:
    if sys.stdout is None or (sys.stdin is None and not words and file is None):
        raise fail("There is nothing to read from, or nowhere to write to.", code=2)
    if table or (table is None and sys.stdout.isatty()):
        answers = answers_to(calculator, _lines(words, file), locale)
        answer_console().print(answers_table(calculator, list(answers)))
        return
    try:
        if not words and file is None and not sys.stdin.isatty():
            answer_lines(calculator, sys.stdin.buffer, sys.stdout.buffer, locale)
        else:
            for answer in answers_to(calculator, _lines(words, file), locale):
                sys.stdout.buffer.write(written(answer))
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise fail(f"The answers could not be written, or the lines not read: {error.strerror}.") from None


def _lines(words: list[str] | None, file: Path | None) -> Iterator[bytes]:
    """The lines to answer: words of the command line, a file, else standard input."""
    if words and file is not None:
        raise fail("Give words or a --file, not both.", code=2)
    if words and all(word.lstrip().startswith("{") for word in words):
        yield from (word.encode(errors="surrogateescape") for word in words)
    elif words:
        yield _line_of(words)
    elif file is not None:
        with file.open("rb") as lines:
            yield from lines
    elif sys.stdin.isatty():
        raise fail("Give a line, a --file or standard input; --help has examples.", code=2)
    else:
        yield from sys.stdin.buffer


def _line_of(words: list[str]) -> bytes:
    """`hours=4.5` as a number, `policy=qixium` as a text."""
    line: dict[str, object] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name:
            raise fail(f"{word!r} must be written as name=value, or the whole line as JSON.", code=2)
        if name in line:
            raise fail(f"{name} is given twice: leave one of the two out.", code=2)
        try:
            line[name] = orjson.loads(value.encode(errors="surrogateescape"))
        except orjson.JSONDecodeError:
            line[name] = value
    try:
        return orjson.dumps(line)
    except TypeError:
        raise fail("The words are no UTF-8, or hold values that are nested too deep.", code=2) from None
