"""Limits on documents that need no schema: checked after parsing and before validation.

Validation itself is quadratic in repeated fields, so a flood has to be stopped in front of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
)
from graphql.language.ast import QUERY_DOCUMENT_KEYS

from api.http_errors import DocumentRefused, LimitExceeded

Fragments = dict[str, FragmentDefinitionNode]


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What one request may ask for; every figure is the largest that is still accepted."""

    body_bytes: int = 1_048_576
    query_characters: int = 100_000
    tokens: int = 3_000
    comments: int = 500
    depth: int = 15
    """Fields below each other; the introspection query of the usual tools needs 15."""
    aliases: int = 50
    duplicates: int = 200
    """Fields that repeat a response name of their own selection set, fragments included."""
    directives: int = 50
    fragments: int = 60
    root_mutations: int = 10
    cost: int = 10_000
    """Fields, each times the page sizes above it."""
    page: int = 100
    default_page: int = 20
    validation_errors: int = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """`introspects` is set by `__schema` and `__type`, not by `__typename`."""

    fragments: Fragments
    introspects: bool


def checked_shape(document: DocumentNode, limits: HttpLimits) -> Shape:
    """Raise LimitExceeded, and DocumentRefused for a NUL in a text: PostgreSQL cannot store it."""
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    _within("fragments", len(fragments), limits.fragments)
    shape = Shape(fragments, introspects=_check_nodes(document, limits))
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            _check_depth(node.selection_set, fragments, limits.depth)
            if node.operation is OperationType.MUTATION:
                names = {name for name, _ in _response_names(node.selection_set, fragments, set())}
                _within("mutation fields in one request", len(names), limits.root_mutations)
    _check_duplicates(document, fragments, limits.duplicates)
    return shape


def _within(what: str, count: int, limit: int) -> None:
    if count > limit:
        raise LimitExceeded(what, limit)


def _nodes(root: Node) -> Iterator[Node]:
    stack: list[Node] = [root]
    while stack:
        node = stack.pop()
        yield node
        for key in QUERY_DOCUMENT_KEYS.get(node.kind, ()):
            child = getattr(node, key, None)
            if isinstance(child, Node):
                stack.append(child)
            elif child:
                stack.extend(child)


def _check_nodes(document: DocumentNode, limits: HttpLimits) -> bool:
    aliases = directives = 0
    introspects = False
    for node in _nodes(document):
        if isinstance(node, FieldNode):
            aliases += node.alias is not None
            introspects |= node.name.value in {"__schema", "__type"}
        elif isinstance(node, DirectiveNode):
            directives += 1
        elif isinstance(node, StringValueNode) and "\0" in node.value:
            raise DocumentRefused("A text must not contain NUL.", "BAD_USER_INPUT")
    _within("aliases", aliases, limits.aliases)
    _within("directives", directives, limits.directives)
    return introspects


def _check_depth(selection_set: SelectionSetNode, fragments: Fragments, limit: int) -> None:
    """Enter a fragment again only when it is met deeper than before: cycles and reuse stay linear."""
    deepest: dict[str, int] = {}
    stack = [(selection_set, 1)]
    while stack:
        selections, depth = stack.pop()
        for node in selections.selections:
            if isinstance(node, FieldNode):
                _within("levels of nesting", depth, limit)
                if node.selection_set:
                    stack.append((node.selection_set, depth + 1))
            elif isinstance(node, InlineFragmentNode):
                stack.append((node.selection_set, depth))
            elif isinstance(node, FragmentSpreadNode):
                fragment = fragments.get(node.name.value)
                if fragment and deepest.get(node.name.value, 0) < depth:
                    deepest[node.name.value] = depth
                    stack.append((fragment.selection_set, depth))


def _response_names(
    selection_set: SelectionSetNode, fragments: Fragments, seen: set[str]
) -> Iterator[tuple[str, FieldNode]]:
    stack = [selection_set]
    while stack:
        for node in stack.pop().selections:
            if isinstance(node, FieldNode):
                yield (node.alias or node.name).value, node
            elif isinstance(node, InlineFragmentNode):
                stack.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                if fragment := fragments.get(node.name.value):
                    stack.append(fragment.selection_set)


def _check_duplicates(document: DocumentNode, fragments: Fragments, limit: int) -> None:
    duplicates = 0
    for owner in _nodes(document):
        if isinstance(owner, (OperationDefinitionNode, FieldNode)) and owner.selection_set:
            names: set[str] = set()
            for name, _ in _response_names(owner.selection_set, fragments, set()):
                duplicates += name in names
                names.add(name)
                _within("repeated fields", duplicates, limit)
