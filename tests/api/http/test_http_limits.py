"""Floods and monsters are refused before anything is executed, quickly."""

import time
from dataclasses import replace

import pytest
from graphql import get_introspection_query

from api.limits import HttpLimits
from tests.api.http.portal import GRAPHQL_RESPONSE, Portal, refused


@pytest.fixture
def portal() -> Portal:
    return Portal()


def aliased(field: str, count: int) -> str:
    return " ".join(f"a{number}: {field}" for number in range(count))


def nested(levels: int) -> str:
    return "{ tickets { nodes {" + " comments { nodes {" * levels + " number" + " } }" * (levels + 1) + " }"


LIMITS = HttpLimits()
TWICE = "a: comments {{ nodes {{ ...F{0} }} }} b: comments {{ nodes {{ ...F{0} }} }}"
FRAGMENT_BOMB = "".join(f"fragment F{n} on Ticket {{ {TWICE.format(n + 1)} }} " for n in range(20))

FLOODS = {
    "a thousand aliases": "mutation { " + aliased("signIn", 1000) + " }",
    "aliases": "mutation { " + aliased("signIn", 500) + " }",
    "few aliases in many mutations": "mutation { " + aliased("signIn", LIMITS.root_mutations + 1) + " }",
    "mutations in fragments": "mutation { ...A ...B } "
    + "".join(f"fragment {name} on Mutation {{ {name}1: signIn {name}2: signIn {name}3: signIn "
              f"{name}4: signIn {name}5: signIn {name}6: signIn }} " for name in "AB"),
    "aliases of a query": "{ " + aliased("hello", LIMITS.aliases + 1) + " }",
    "duplicates": "{ " + "hello " * (LIMITS.duplicates + 2) + "}",
    "duplicates in inline fragments": "{ " + "... { hello } " * (LIMITS.duplicates + 2) + "}",
    "nested duplicates": "{ " + ("tickets { " + "nodes { number } " * 14 + "} ") * 20 + "}",
    "directives": "{ hello " + "@include(if: true) " * (LIMITS.directives + 1) + "}",
    "fragments": "{ " + " ".join(f"...F{n}" for n in range(61)) + " } "
    + " ".join(f"fragment F{n} on Query {{ hello }}" for n in range(61)),
    "depth": nested(10),
    "depth in fragments": "{ tickets { nodes { ...F0 } } } " + FRAGMENT_BOMB
    + "fragment F20 on Ticket { number }",
    "tokens": "{ " + "hello(name: 1) " * 600 + "}",
    "comments": "#\n" * 501 + "{ hello }",
    "characters": "{ hello } #" + "x" * 100_000,
    "brackets": "{ a" * 5_000,
    "brackets in values": "{ hello(name: " + "[" * 5_000 + " ) }",
    "cost": "{ tickets(first: 100) { nodes { comments(last: 100) { nodes { number } } } } }",
    "unpaged cost": "{ tickets(first: 100) { nodes { " + "".join(
        f"c{n}: comments {{ nodes {{ number }} }} " for n in range(5)) + "} } }",
    "many ids": "query ($ids: [ID!]!) { nodes(ids: $ids) { comments(first: 100) { nodes { number } } } }",
}  # fmt: skip

WHAT_IS_TOO_MUCH = {
    "a thousand aliases": "tokens",
    "aliases": "aliases",
    "few aliases in many mutations": "mutation fields",
    "mutations in fragments": "mutation fields",
    "aliases of a query": "aliases",
    "duplicates": "repeated fields",
    "duplicates in inline fragments": "repeated fields",
    "nested duplicates": "repeated fields",
    "directives": "directives",
    "fragments": "fragments",
    "depth": "nesting",
    "depth in fragments": "nesting",
    "tokens": "tokens",
    "comments": "comments",
    "characters": "code points",
    "brackets": "nested too deeply",
    "brackets in values": "nested too deeply",
    "cost": "page sizes",
    "unpaged cost": "page sizes",
    "many ids": "page sizes",
}


@pytest.mark.parametrize(("flood", "what"), WHAT_IS_TOO_MUCH.items())
def test_a_flood_is_refused_before_it_runs(portal: Portal, flood: str, what: str) -> None:
    started = time.process_time()
    response = portal.post(FLOODS[flood], variables={"ids": ["1"] * 1_000})
    assert what in refused(response, 400, "COST_LIMIT_EXCEEDED")
    assert time.process_time() - started < 1


def test_cycles_of_fragments_are_refused_as_invalid(portal: Portal) -> None:
    query = "{ tickets { nodes { ...A } } } fragment A on Ticket { ...B } fragment B on Ticket { ...A }"
    assert "itself" in refused(portal.post(query), 400, "GRAPHQL_VALIDATION_FAILED")


def test_what_is_exactly_within_the_limits_runs(portal: Portal) -> None:
    mutations = "mutation { " + aliased("signIn", LIMITS.root_mutations) + " }"
    assert len(portal.post(mutations).json()["data"]) == 10
    assert len(portal.post("{ " + aliased("hello", LIMITS.aliases) + " }").json()["data"]) == 50
    assert portal.post("{ " + "hello " * (LIMITS.duplicates + 1) + "}").json() == {
        "data": {"hello": "hello you"}
    }


def test_the_introspection_query_of_the_usual_tools_is_within_the_limits(portal: Portal) -> None:
    query = get_introspection_query(input_value_deprecation=True, specified_by_url=True)
    assert len(portal.post(query).json()["data"]["__schema"]["types"]) > 5


PAGED = "query ($n: Int = 50) { tickets(first: $n) { nodes { comments(last: $n) { nodes { number } } } } }"


@pytest.mark.parametrize(
    ("variables", "status"),
    [
        ({"n": 100}, 400),
        ({"n": 99}, 400),
        ({"n": 60}, 200),
        ({}, 200),  # 1 + 50 * (1 + 1 + 50 * 2) = 5,101: the default of the operation
        ({"n": None}, 200),  # pages of 20, as when nothing is asked for
        ({"n": -1}, 200),
        ({"n": 0}, 200),
        ({"n": 2_000_000_000}, 400),
    ],
)
def test_cost_follows_the_variables_of_each_request(
    portal: Portal, variables: dict[str, object], status: int
) -> None:
    limited = Portal(limits=replace(LIMITS, cost=7_500))
    assert limited.post("{ hello }").status_code == 200
    assert limited.post(PAGED, variables=variables).status_code == status
    assert portal.post(PAGED, variables={"n": "many"}).status_code == 400


def test_cost_of_fragments_counts_where_they_are_spread(portal: Portal) -> None:
    fragment = "fragment Page on Ticket { comments(first: 100) { nodes { number } } }"
    assert portal.post("{ tickets(first: 10) { nodes { ...Page } } } " + fragment).status_code == 200
    response = portal.post("{ tickets(first: 100) { nodes { ... on Ticket { ...Page } } } } " + fragment)
    refused(response, 400, "COST_LIMIT_EXCEEDED")


def test_only_the_operation_that_is_asked_for_has_to_be_affordable(portal: Portal) -> None:
    query = f"query Dear {FLOODS['cost']} query Cheap {{ hello }}"
    assert portal.post(query, operationName="Cheap").json() == {"data": {"hello": "hello you"}}
    refused(portal.post(query, operationName="Dear"), 400, "COST_LIMIT_EXCEEDED")


def test_the_defaults_of_one_operation_are_not_those_of_another(portal: Portal) -> None:
    page = "{ tickets(first: $n) { nodes { ...Page } } }"
    query = (
        f"query Small($n: Int = 1) {page} query Large($n: Int = 100) {page} "
        "fragment Page on Ticket { comments(first: $n) { nodes { number } } }"
    )
    assert portal.post(query, operationName="Small").status_code == 200
    refused(portal.post(query, operationName="Large"), 400, "COST_LIMIT_EXCEEDED")


def test_a_body_over_the_limit_is_too_large_whether_announced_or_not() -> None:
    portal = Portal(limits=replace(LIMITS, body_bytes=100))
    body = b'{"query": "{ hello }"}'
    assert portal.raw(body.ljust(100)).status_code == 200
    refused(portal.raw(body.ljust(101)), 413, "BAD_USER_INPUT")
    stream = iter([body, b" " * 60, b" " * 60])
    headers = {"content-type": "application/json", "accept": GRAPHQL_RESPONSE}
    refused(portal.client.post("/graphql", content=stream, headers=headers), 413, "BAD_USER_INPUT")
    assert portal.opened == 1


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"query": "{ hello }", "variables": ' + b'{"a":' * 100_000,
        b'{"query": "{ hello }", "variables": {"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}}",
        b'{"query": "{ hello \xff }"}',
        b'{"query": "{ hello \x00 }"}',
        b'{"query": "{ hello \\u0000 }"}',
        b'{"query": "{ hello }", "variables": {"a": ["x\\u0000"]}}',
        b'{"query": "{ hello }", "variables": {"x\\u0000": 1}}',
        b'{"query": "{ hello }", "variables": {"a": "\\ud800"}}',
        b'{"query": "{ hello }", "variables": {"a": 1e999}}',
        b'{"query": "{ hello }", "variables": {"a": NaN}}',
        b'[{"query": "{ hello }"}, {"query": "{ hello }"}]',
    ],
)
def test_bodies_that_are_made_to_break_parsers_are_bad_requests(portal: Portal, content: bytes) -> None:
    refused(portal.raw(content), 400, "BAD_USER_INPUT")


@pytest.mark.parametrize("escape", ["\\u0000", "\\u{0}"])
def test_nul_is_refused_in_literals_too(portal: Portal, escape: str) -> None:
    refused(portal.post(f'{{ hello(name: "{escape}") }}'), 400, "BAD_USER_INPUT")


def test_a_text_may_spell_the_escape_of_nul(portal: Portal) -> None:
    response = portal.post("query ($n: String!) { hello(name: $n) }", variables={"n": "\\u0000"})
    assert response.json() == {"data": {"hello": "hello \\u0000"}}


def test_a_lone_surrogate_in_a_literal_is_a_syntax_error(portal: Portal) -> None:
    refused(portal.post('{ hello(name: "\\ud800") }'), 400, "GRAPHQL_PARSE_FAILED")
