"""What a query asks below a field, so that a root resolver can fetch it all at once."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    value_from_ast_untyped,
)
from graphql.execution.values import VariableValues, get_argument_values
from strawberry.types import Info

Asked = tuple[SelectionSetNode, GraphQLNamedType | None]
"""A selection set with the type that it stands in."""
ResultKey = tuple[str, Hashable]
Results = dict[ResultKey, Any]
"""What a root resolver fetched for fields with arguments: one result for each field and arguments of it."""


@dataclass(frozen=True, slots=True)
class Selected:
    """One field below, and what is asked below it."""

    name: str
    below: "Selection"
    raw: GraphQLResolveInfo[Any]
    node: FieldNode
    parent: GraphQLNamedType | None

    @property
    def arguments(self) -> dict[str, Any]:
        """The values as the schema coerces them, defaults included; what is not given is absent."""
        return _arguments(self.raw, self.node, self.parent)

    @property
    def result_key(self) -> ResultKey:
        """Where `result_of` looks for the result of this field."""
        return _result_key(self.name, self.arguments)


class Selection:
    """The fields asked for below one field, with fragments opened and @skip and @include obeyed."""

    def __init__(
        self, raw: GraphQLResolveInfo[Any], sets: Sequence[Asked], type_name: str | None = None
    ) -> None:
        self._raw = raw
        self._sets = sets
        self._type_name = type_name
        self._opened: list[Selected] | None = None

    def of_type(self, type_name: str) -> "Selection":
        """The part of the selection that holds for one object type."""
        return Selection(self._raw, self._sets, type_name)

    def fields(self) -> list[Selected]:
        """Every field as it stands in the document: one that is asked for in two places is here twice."""
        if self._opened is None:
            self._opened = [
                field for each, parent in self._sets for field in self._fields(each.selections, parent)
            ]
        return self._opened

    def named(self, name: str) -> list[Selected]:
        """The field of this name once for each set of arguments, with all that is asked below it anywhere."""
        found: dict[ResultKey, Selected] = {}
        for field in self.fields():
            if field.name == name:
                key = field.result_key
                known = found.get(key)
                found[key] = replace(known, below=known.below.joined(field.below)) if known else field
        return list(found.values())

    def asks(self, *names: str) -> bool:
        """Whether any of these fields is asked for."""
        return any(field.name in names for field in self.fields())

    def below(self, *path: str) -> "Selection":
        """All that is asked below a path of field names, whatever their aliases and arguments."""
        found = self
        for name in path:
            asked = [field.below for field in found.fields() if field.name == name]
            sets = [each for below in asked for each in below._sets]  # noqa: SLF001  # own class
            found = Selection(self._raw, sets)
        return found

    def joined(self, other: "Selection") -> "Selection":
        """What either of two selections asks."""
        return Selection(self._raw, [*self._sets, *other._sets], self._type_name)  # noqa: SLF001  # own class

    def _fields(self, nodes: Sequence[SelectionNode], parent: GraphQLNamedType | None) -> Iterator[Selected]:
        for node in nodes:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield self._field(node, parent)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else None
                if self._applies(condition):
                    on = self._raw.schema.get_type(condition) if condition else parent
                    yield from self._fields(node.selection_set.selections, on)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._raw.fragments[node.name.value]
                condition = fragment.type_condition.name.value
                if self._applies(condition):
                    on = self._raw.schema.get_type(condition)
                    yield from self._fields(fragment.selection_set.selections, on)

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Selected:
        sets: list[Asked] = []
        if node.selection_set:
            definition = _definition(parent, node)
            sets.append((node.selection_set, get_named_type(definition.type) if definition else None))
        return Selected(node.name.value, Selection(self._raw, sets), self._raw, node, parent)

    def _applies(self, condition: str | None) -> bool:
        return condition is None or self._type_name is None or condition in {self._type_name, "Node"}

    def _included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            wanted = {"skip": False, "include": True}.get(directive.name.value)
            if wanted is not None and self._value((directive.arguments or ())[0].value) is not wanted:
                return False
        return True

    def _value(self, node: Any) -> Any:
        return value_from_ast_untyped(node, variables_of(self._raw))


def variables_of(raw: GraphQLResolveInfo[Any]) -> dict[str, Any]:
    """The request's variables as coerced values."""
    values: Any = raw.variable_values  # strawberry hands on the plain values, graphql-core its own class
    return dict(getattr(values, "coerced", values))


def selection_of(info: Info[Any, Any]) -> Selection:
    """What is asked below the field that is being resolved."""
    raw = info._raw_info  # noqa: SLF001  # strawberry's own selected_fields converts the whole tree each time
    kind = get_named_type(raw.return_type)
    return Selection(raw, [(node.selection_set, kind) for node in raw.field_nodes if node.selection_set])


def result_of(results: Results, info: Info[Any, Any]) -> Any:
    """What was fetched for the field that is being resolved, found by its name and its own arguments."""
    raw = info._raw_info  # noqa: SLF001  # as above
    return results[_result_key(raw.field_name, _arguments(raw, raw.field_nodes[0], raw.parent_type))]


def _arguments(
    raw: GraphQLResolveInfo[Any], node: FieldNode, parent: GraphQLNamedType | None
) -> dict[str, Any]:
    definition = _definition(parent, node)
    if definition is None or not definition.args:
        return {}
    return get_argument_values(definition, node, VariableValues({}, variables_of(raw)))


def _definition(parent: GraphQLNamedType | None, node: FieldNode) -> GraphQLField | None:
    """None for `__typename`, which every type has and none defines."""
    if not isinstance(parent, (GraphQLObjectType, GraphQLInterfaceType)):
        return None
    found: GraphQLField | None = parent.fields.get(node.name.value)
    return found


def _result_key(name: str, arguments: dict[str, Any]) -> ResultKey:
    return name, _hashable(arguments)


def _hashable(value: Any) -> Hashable:
    if isinstance(value, dict):
        return tuple(sorted((name, _hashable(each)) for name, each in value.items()))
    if isinstance(value, list):
        return tuple(_hashable(each) for each in value)
    key: Hashable = value
    return key
