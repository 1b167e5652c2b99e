"""What an attacker tries first, line by line: the list that the mutants of `tests/security/mutants` stand for.

`make schema` prints it as docs/security.md, each line with the requirement of OWASP ASVS 5.0, what holds it, and the
tests that fail when that is taken out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.security_mutants import Mutant, read_mutants

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "security.md"

LINES: Mapping[str, Mapping[str, str]] = {
    "Another tenant": {
        "foreign ids": "An id of another customer, in `node`, `nodes`, edges and inputs, answers like a random one",
        "foreign places": "A token is good for its own customer: on another's host or header, with contradictory "
        "headers, it is refused; `Host` with port, dot or capitals names the same; `X-Forwarded-Host` names nothing",
        "slugs": "A slug reaches no path and no database name; a database is named by a generated id",
        "swapped database": "A database that was put under another customer is noticed on the next connection",
        "caches": "Cursors, loaders, jobs and what is kept in memory carry the customer",
    },
    "Sign-in": {
        "alike": "Unknown person, wrong password, locked and suspended account: the same text, code and time",
        "throttles": "Tries are throttled per account, address and tenant; no stranger locks somebody out for good",
        "step one": "The token of the first step opens nothing but `verifyMfa`",
        "enrolment": "Without a factor it opens nothing but `enrollTotp` and `confirmTotp`, until there is one",
        "outlives": "What must outlive a refused call (tries, used codes, ended families, records) does",
        "once": "Of fifty uses of one code at once exactly one succeeds",
        "step one ends": "A token of the first step dies with a change of the password",
        "reset": "A reset of the password does not get around the second factor",
        "links": "Invitations and resets are good once, for a short time, and stored hashed or sealed",
        "last administrator": "The last administrator cannot be removed, by any path",
        "at once": "Changes of rights and deactivation hold at once, for open sessions too",
        "own sessions": "A person sees and ends the own sessions, and no other's",
        "sessions end": "Sessions end when idle, after an absolute time by role, and with a change of password "
        "or factor",
        "told": "A sign-in from a new place, another password, factor or address are told by mail",
        "step-up": "Changes of factors, e-mail, accounts, contacts and contracts, large confirmations and destructive "
        "acts ask for a factor shown in the last ten minutes",
    },
    "Passwords": {
        "hash": "PBKDF2-HMAC-SHA512 with a salt for each person; hashed anew when the rounds rise",
        "length": "At least 12 characters (a second factor always stands beside it), at most 256",
        "characters": "Any character, compared in NFC, no rules of composition",
        "common": "Common ones are refused",
        "names": "Names of product, vendor, customer and person are refused",
        "current": "A change asks for the present password",
        "recovery codes": "Ten recovery codes of 120 bits, hashed, each good once",
    },
    "Tokens": {
        "algorithm": "One algorithm: no `none`, no other kind of key",
        "key": "Keys come from our ring only, by `kid`, never from the header",
        "audience": "A token for another audience is refused",
        "type": "A token of another type is refused",
        "expired": "An expired token is refused",
        "revoked": "A token of an ended session or a person who may not come in is refused",
        "refresh": "A refresh token works once; a second use ends its family",
    },
    "GraphQL": {
        "floods": "Floods of aliases, directives, fragments, depth, tokens and batches are refused before they run",
        "cost": "An operation's cost is limited before it runs, and a client's over time",
        "introspection": "In production only who is signed in may introspect or gets suggestions",
        "only JSON by POST": "GET and content types other than JSON are refused (CSRF)",
        "sockets": "The Origin of a WebSocket is checked",
    },
    "Input": {
        "size": "Large bodies and deep nesting are refused before they are read",
        "ranges": "Huge pages and ranges of centuries get a typed error",
        "text": "NUL and lone surrogates get a typed error, never a 500",
        "line ends": "CR and LF add no header, in HTTP or in mail",
        "formulas": "Formulas in CSV are made plain; HTML in mails and pages is escaped",
    },
    "Headers": {
        "transport": "Plain HTTP is not served beyond this machine, and HTTPS is asked for from then on",
        "headers": "nosniff, referrer policy, CSP, `no-store` and a request id on every answer",
        "cookies": "Cookies are `__Host-`, Secure, HttpOnly and SameSite; a request by cookie needs its CSRF token",
        "forwarded": "Forwarded headers count only from configured proxies",
    },
    "Record": {
        "events": "Every act and every refusal is on record: who, what, when, from where",
        "no secret": "No secret is on any record",
        "append-only": "A record cannot be changed or taken away unnoticed",
        "readers": "A record is read by who manages accounts and by the vendor; a person's data by that person too",
        "erasure": "A person who is erased is named nowhere any more, and the chain holds",
        "vendor": "The vendor's people in a customer's data are on that customer's record before anything is read",
    },
    "The agreement": {
        "contacts": "Never more named contacts than the contract allows, and only they act",
        "vendor only": "Where the agreement says so, only the vendor makes administrators",
        "second person": "A lost factor is reset by somebody else, with the check of identity on record",
        "roles": "An operator may do what the roles allow",
        "networks": "Operators come in from listed networks only, where there is a list",
    },
}

ABOUT = """# What holds the door

Printed from `tests/security/mutants` by `make schema`; `make check` compares. `make test-mutants` takes each protection
out, one at a time, and expects exactly the named tests to fail. ASVS is OWASP's Application Security Verification
Standard 5.0.0. OAuth, single sign-on, passkeys, webhooks, subscriptions and attachments are not there yet; their lines
come with them.
"""


def by_line(mutants: Sequence[Mutant]) -> dict[tuple[str, str], list[Mutant]]:
    """The mutants of each line; KeyError for one that stands for a line that is none."""
    found: dict[tuple[str, str], list[Mutant]] = {
        (area, key): [] for area, lines in LINES.items() for key in lines
    }
    for mutant in mutants:
        area, _, key = mutant.line.partition(": ")
        found[area, key].append(mutant)
    return found


def security_markdown(mutants: Sequence[Mutant]) -> str:
    """The whole of docs/security.md."""
    return "\n".join([ABOUT, *_tables(by_line(mutants))])


def _tables(found: Mapping[tuple[str, str], Sequence[Mutant]]) -> Iterator[str]:
    for area, lines in LINES.items():
        yield f"## {area}\n\n| line | ASVS | what holds it | tests |\n|---|---|---|---|"
        for key, text in lines.items():
            own = found[area, key]
            asvs = sorted({each for mutant in own for each in mutant.asvs}, key=_numbers)
            holds = dict.fromkeys(mutant.holds for mutant in own)
            tests = dict.fromkeys(test for mutant in own for test in sorted(mutant.fails))
            yield f"| {text} | {', '.join(asvs)} | {'<br>'.join(holds)} | {'<br>'.join(f'`{t}`' for t in tests)} |"
        yield ""


def _numbers(requirement: str) -> tuple[int, ...]:
    return tuple(int(part) for part in requirement.split("."))


if __name__ == "__main__":
    DOCUMENT.write_text(security_markdown(read_mutants()), encoding="utf-8")
    sys.exit(0)
