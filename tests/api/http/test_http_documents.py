"""Documents are parsed and validated once, and remembered within bounds."""

import pytest
import strawberry

from api.documents import CheckedDocument, DocumentCache, DocumentGuard
from api.guarded_schema import GuardedSchema
from api.http_errors import IntrospectionRefused, LimitExceeded
from api.limits import HttpLimits
from tests.api.http.portal import Context, Query


@pytest.fixture
def guard() -> DocumentGuard:
    return DocumentGuard(HttpLimits(), introspection=lambda context: context.may_introspect)


def checked(guard: DocumentGuard, query: str, *, introspection: bool = False) -> CheckedDocument:
    schema = GuardedSchema(Query, guard=guard)
    return guard.checked(schema._schema, query, introspection=introspection)


def test_a_valid_document_is_parsed_once(guard: DocumentGuard) -> None:
    first = checked(guard, "{ hello }")
    assert first.errors == ()
    assert checked(guard, "{ hello }").document is first.document
    assert checked(guard, "{hello}").document is not first.document


def test_an_invalid_document_is_not_remembered(guard: DocumentGuard) -> None:
    assert "Did you mean" in checked(guard, "{ helo }", introspection=True).errors[0].message
    assert "Did you mean" not in checked(guard, "{ helo }").errors[0].message
    assert len(guard._cache) == 0


def test_a_remembered_document_does_not_open_introspection(guard: DocumentGuard) -> None:
    query = "{ __schema { queryType { name } } }"
    assert checked(guard, query, introspection=True).introspects
    with pytest.raises(IntrospectionRefused):
        checked(guard, query)


def test_the_cache_forgets_the_documents_used_longest_ago(guard: DocumentGuard) -> None:
    document = checked(guard, "{ hello }")
    cache = DocumentCache(characters=10)
    for name in ("aaaa", "bbbb"):
        cache.put(name, document)
    assert cache.get("aaaa") is document
    cache.put("cccc", document)
    assert [cache.get(name) is not None for name in ("aaaa", "bbbb", "cccc")] == [True, False, True]
    cache.put("x" * 11, document)
    cache.put("aaaa", document)
    assert len(cache) == 2


async def test_a_schema_cannot_be_asked_around_its_guard(guard: DocumentGuard) -> None:
    schema = GuardedSchema(Query, guard=guard)
    context = Context("request", may_introspect=False)
    flood = "{ " + " ".join(f"a{n}: hello" for n in range(1_000)) + " }"
    result = await schema.execute(flood, context_value=context)
    assert result.data is None
    assert result.errors
    assert (await schema.execute("{ hello }", context_value=context)).data == {"hello": "hello you"}


def test_an_operation_that_costs_too_much_is_refused_before_it_runs(guard: DocumentGuard) -> None:
    page = "{{ tickets(first: {0}) {{ nodes {{ comments(first: {0}) {{ nodes {{ number }} }} }} }} }}"
    assert guard.cost_error(checked(guard, page.format(10)), None, None, None) is None
    assert isinstance(guard.cost_error(checked(guard, page.format(100)), None, None, None), LimitExceeded)


async def test_errors_beyond_the_limit_are_not_collected(guard: DocumentGuard) -> None:
    fields = " ".join(f"x{n}" for n in range(200))
    errors = checked(guard, f"{{ {fields} }}").errors
    assert len(errors) == HttpLimits().validation_errors + 1


def test_fields_have_no_hook_that_would_be_called_for_each() -> None:
    schema = GuardedSchema(Query, guard=DocumentGuard(HttpLimits(), introspection=lambda _: True))
    assert isinstance(schema, strawberry.Schema)
    assert not any(extension._implements_resolve() for extension in schema.get_extensions())
