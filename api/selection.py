"""What a query asks below a field, so that a root resolver can fetch it all at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLResolveInfo,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    value_from_ast_untyped,
)
from strawberry.types import Info


@dataclass(frozen=True, slots=True)
class Selected:
    """One field below: its name, the key of its answer (alias) and its arguments as given."""

    name: str
    key: str
    arguments: dict[str, Any]
    below: "Selection"


class Selection:
    """The fields asked for below one field, with fragments opened and @skip and @include obeyed."""

    def __init__(
        self, raw: GraphQLResolveInfo[Any], sets: Sequence[SelectionSetNode], type_name: str | None = None
    ) -> None:
        self._raw = raw
        self._sets = sets
        self._type_name = type_name
        self._opened: list[Selected] | None = None

    def of_type(self, type_name: str) -> "Selection":
        """The part of the selection that holds for one object type."""
        return Selection(self._raw, self._sets, type_name)

    def fields(self) -> list[Selected]:
        if self._opened is None:
            self._opened = [field for each in self._sets for field in self._fields(each.selections)]
        return self._opened

    def named(self, name: str) -> list[Selected]:
        return [field for field in self.fields() if field.name == name]

    def asks(self, *names: str) -> bool:
        """Whether any of these fields is asked for."""
        return any(field.name in names for field in self.fields())

    def below(self, *path: str) -> "Selection":
        """All that is asked below a path of field names, whatever their aliases."""
        found = self
        for name in path:
            sets = [inner for field in found.named(name) for inner in field.below._sets]  # noqa: SLF001  # own class
            found = Selection(self._raw, sets)
        return found

    def joined(self, other: "Selection") -> "Selection":
        """What either of two selections asks."""
        return Selection(self._raw, [*self._sets, *other._sets], self._type_name)  # noqa: SLF001  # own class

    def _fields(self, nodes: Sequence[SelectionNode]) -> Iterator[Selected]:
        for node in nodes:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield self._field(node)
            elif isinstance(node, InlineFragmentNode):
                if self._applies(node.type_condition.name.value if node.type_condition else None):
                    yield from self._fields(node.selection_set.selections)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._raw.fragments[node.name.value]
                if self._applies(fragment.type_condition.name.value):
                    yield from self._fields(fragment.selection_set.selections)

    def _field(self, node: FieldNode) -> Selected:
        sets = [node.selection_set] if node.selection_set else []
        return Selected(
            name=node.name.value,
            key=(node.alias or node.name).value,
            arguments={argument.name.value: self._value(argument.value) for argument in node.arguments or ()},
            below=Selection(self._raw, sets),
        )

    def _value(self, node: Any) -> Any:
        return value_from_ast_untyped(node, variables_of(self._raw))

    def _applies(self, condition: str | None) -> bool:
        return condition is None or self._type_name is None or condition in {self._type_name, "Node"}

    def _included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            wanted = {"skip": False, "include": True}.get(directive.name.value)
            if wanted is not None and self._value((directive.arguments or ())[0].value) is not wanted:
                return False
        return True


def variables_of(raw: GraphQLResolveInfo[Any]) -> dict[str, Any]:
    """The request's variables as coerced values."""
    values: Any = raw.variable_values  # strawberry hands on the plain values, graphql-core its own class
    return dict(getattr(values, "coerced", values))


def selection_of(info: Info[Any, Any]) -> Selection:
    """What is asked below the field that is being resolved."""
    raw = info._raw_info  # noqa: SLF001  # strawberry's own selected_fields converts the whole tree each time
    return Selection(raw, [node.selection_set for node in raw.field_nodes if node.selection_set])
