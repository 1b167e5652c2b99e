"""What an operation costs before it runs: every field one, a mutation more, times the page sizes above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
)

from api.limits import Fragments, HttpLimits

PAGE_ARGUMENTS = ("first", "last")
LIST_ARGUMENT = "ids"
MUTATION_POINTS = 100
"""A mutation writes, and is on record when it is refused as well: nobody may fill a disk with them."""


@dataclass(frozen=True, slots=True)
class Factor:
    """How often the selection below a field is answered: the largest size asked for, else `fallback`."""

    fallback: int = 1
    sizes: tuple[int, ...] = ()
    variables: tuple[tuple[str, int | None], ...] = ()
    """Names of variables with their default sizes."""

    def of(self, values: Mapping[str, Any], largest: int) -> int:
        asked = (_size(values.get(name, default)) for name, default in self.variables)
        sizes = [*self.sizes, *(size for size in asked if size is not None)]
        return min(max([1, *sizes]) if sizes else self.fallback, largest)


@dataclass(frozen=True, slots=True)
class Cost:
    """`fields` plus, for each branch, its factor times what is below it."""

    fields: int
    branches: tuple[tuple[Factor, Cost], ...] = ()

    def of(self, values: Mapping[str, Any], largest: int) -> int:
        """Add up with these variables; shared branches are counted once and used many times."""
        return _evaluate(self, values, largest, {})


def _evaluate(cost: Cost, values: Mapping[str, Any], largest: int, known: dict[int, int]) -> int:
    if id(cost) not in known:
        known[id(cost)] = cost.fields + sum(
            factor.of(values, largest) * _evaluate(below, values, largest, known)
            for factor, below in cost.branches
        )
    return known[id(cost)]


def _size(value: object) -> int | None:
    """Take no notice of what is no size at all: it is refused when variables are coerced."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, list):
        return len(value)
    return int(value) if isinstance(value, (int, float)) else None


class CostReader:
    """Reads the costs of one valid document; fragments are read once and shared."""

    def __init__(self, schema: GraphQLSchema, fragments: Fragments, limits: HttpLimits) -> None:
        self._schema = schema
        self._fragments = fragments
        self._limits = limits
        self._read: dict[str, Cost] = {}
        self._defaults: dict[str, int | None] = {}

    def operation(self, operation: OperationDefinitionNode) -> Cost:
        self._defaults = {
            node.variable.name.value: _literal_size(node.default_value)
            for node in operation.variable_definitions or ()
        }
        self._read = {}  # the defaults of another operation would be another cost
        root = self._schema.get_root_type(operation.operation)
        return self._selections(operation.selection_set, root)

    def _selections(self, selection_set: SelectionSetNode, parent: GraphQLNamedType | None) -> Cost:
        fields, on_mutation = 0, parent is not None and parent is self._schema.mutation_type
        branches: list[tuple[Factor, Cost]] = []
        spread: set[str] = set()
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                fields += MUTATION_POINTS if on_mutation else 1
                if node.selection_set:
                    branches.append(self._below(node, node.selection_set, parent))
            elif isinstance(node, InlineFragmentNode):
                on = self._schema.get_type(node.type_condition.name.value) if node.type_condition else parent
                branches.append((Factor(1), self._selections(node.selection_set, on)))
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                branches.append((Factor(1), self._fragment(node.name.value)))
        return _folded(fields, branches, self._limits.page)

    def _fragment(self, name: str) -> Cost:
        if name not in self._read:
            node = self._fragments[name]
            on = self._schema.get_type(node.type_condition.name.value)
            self._read[name] = self._selections(node.selection_set, on)
        return self._read[name]

    def _below(
        self, node: FieldNode, selection_set: SelectionSetNode, parent: GraphQLNamedType | None
    ) -> tuple[Factor, Cost]:
        field = None
        if isinstance(parent, (GraphQLObjectType, GraphQLInterfaceType)):
            field = self._schema.get_field(parent, node.name.value)
        if field is None:  # a union has `__typename` only, which has nothing below
            return Factor(1), self._selections(selection_set, None)
        return self._factor(node, field), self._selections(selection_set, get_named_type(field.type))

    def _factor(self, node: FieldNode, field: GraphQLField) -> Factor:
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        paged = [name for name in PAGE_ARGUMENTS if name in field.args]
        values = [given[name] for name in (*paged, LIST_ARGUMENT) if name in given]
        variables = tuple(
            (value.name.value, self._defaults.get(value.name.value))
            for value in values
            if isinstance(value, VariableNode)
        )
        sizes = tuple(size for value in values if (size := _literal_size(value)) is not None)
        return Factor(self._limits.default_page if paged else 1, sizes, variables)


def _literal_size(value: ValueNode | None) -> int | None:
    if isinstance(value, IntValueNode):
        return int(value.value[:10])  # more digits than the largest page has
    return len(value.values) if isinstance(value, ListValueNode) else None


def _folded(fields: int, branches: list[tuple[Factor, Cost]], largest: int) -> Cost:
    """Branches that no variable changes are added up once, when the document is first seen."""
    open_branches = []
    for factor, below in branches:
        if factor.variables or below.branches:
            open_branches.append((factor, below))
        else:
            fields += factor.of({}, largest) * below.fields
    return Cost(fields, tuple(open_branches))
