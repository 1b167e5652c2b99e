"""Parses, checks and remembers documents; the schema that can only be asked through these checks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.cost import Cost, CostReader
from api.http_errors import BudgetSpent, DocumentRefused, IntrospectionRefused, LimitExceeded
from api.limits import HttpLimits, checked_shape

RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)

CACHED_CHARACTERS = 200_000  # a parsed document takes about 300 times its text: at most some 60 MB


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """Within the limits of its shape; valid when `errors` is empty. Costs go by operation name."""

    document: DocumentNode
    errors: tuple[GraphQLError, ...]
    introspects: bool
    costs: Mapping[str | None, Cost]


class DocumentCache:
    """The valid documents used last, bounded by the length of their texts together."""

    def __init__(self, characters: int = CACHED_CHARACTERS) -> None:
        self._room = characters
        self._free = characters
        self._documents: OrderedDict[str, CheckedDocument] = OrderedDict()

    def __len__(self) -> int:
        return len(self._documents)

    def get(self, query: str) -> CheckedDocument | None:
        found = self._documents.get(query)
        if found is not None:
            self._documents.move_to_end(query)
        return found

    def put(self, query: str, document: CheckedDocument) -> None:
        if len(query) > self._room or query in self._documents:
            return
        self._documents[query] = document
        self._free -= len(query)
        while self._free < 0:
            oldest, _ = self._documents.popitem(last=False)
            self._free += len(oldest)


class DocumentGuard:
    """Lets only documents pass that are valid, within the limits and, if they introspect, permitted to.

    `introspection` says for a context whether it may see the schema, by introspection or by suggestions; `charge`
    takes points off what its client may ask for, or raises BudgetSpent.
    """

    def __init__(
        self,
        limits: HttpLimits,
        introspection: Callable[[Any], bool],
        charge: Callable[[Any, int], None] | None = None,
    ) -> None:
        self.limits = limits
        self.introspection = introspection
        self._charge = charge
        self._cache = DocumentCache()

    def checked(self, schema: GraphQLSchema, query: str, *, introspection: bool) -> CheckedDocument:
        """Raise GraphQLSyntaxError or DocumentRefused, else give the document with its errors."""
        found = self._cache.get(query)
        if found is None:
            found = check(schema, query, self.limits, suggestions=introspection)
            if not found.errors:
                self._cache.put(query, found)
        if found.introspects and not introspection:
            raise IntrospectionRefused
        return found

    def charge(self, context: Any, points: int) -> None:
        """Raise BudgetSpent where the client has fewer points left."""
        if self._charge is not None and points > 0:
            self._charge(context, points)

    def cost_error(
        self,
        found: CheckedDocument,
        operation: str | None,
        variables: Mapping[str, Any] | None,
        context: Any,
    ) -> LimitExceeded | BudgetSpent | None:
        """None as well for an operation that is not there: it cannot be run.

        One point was charged when the document came, whatever became of it; here the others are.
        """
        cost = found.costs.get(operation)
        if cost is None:
            return None
        points = cost.of(variables or {}, self.limits.page)
        if points > self.limits.cost:
            return LimitExceeded("fields times page sizes", self.limits.cost)
        try:
            self.charge(context, points - 1)
        except BudgetSpent as spent:
            return spent
        return None


def check(schema: GraphQLSchema, query: str, limits: HttpLimits, *, suggestions: bool) -> CheckedDocument:
    """Raise GraphQLSyntaxError or DocumentRefused; what GraphQL's own rules refuse is in `errors`."""
    document = _parsed(query, limits)
    shape = checked_shape(document, limits)
    errors = tuple(
        validate(schema, document, RULES, limits.validation_errors, hide_suggestions=not suggestions)
    )
    costs: dict[str | None, Cost] = {}
    if not errors:
        reader = CostReader(schema, shape.fragments, limits)
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                costs[node.name.value if node.name else None] = reader.operation(node)
    return CheckedDocument(document, errors, shape.introspects, costs)


def _parsed(query: str, limits: HttpLimits) -> DocumentNode:
    try:
        return parse(
            query,
            max_lexical_tokens=limits.tokens,
            max_comments=limits.comments,
            max_source_length=limits.query_characters,
        )
    except GraphQLSyntaxError as error:
        if error.message.endswith("Parsing aborted."):  # the parser's word for each of its limits
            message = error.message.removeprefix("Syntax Error: ")
            raise DocumentRefused(message, "COST_LIMIT_EXCEEDED") from None
        raise
