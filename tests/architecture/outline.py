"""The fixed public vocabulary against the schema that exists.

Schemas are compared as coordinates (`Ticket`, `Ticket.status`, `Query.ticket(number:)`, `Viewer = Account`),
each with its shape: the kind of a type, the type of a field, type and default of an argument, else nothing.

`python -m tests.architecture.outline` writes the list of what is missing and may lower the bound.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping

from graphql import language as gql

from tests.architecture.tree import ROOT

OUTLINE = ROOT / "docs" / "api-outline.graphql"
SCHEMA = ROOT / "schema.graphql"
MISSING = ROOT / "docs" / "outline-missing.txt"
BOUND = ROOT / "tests" / "architecture" / "outline_missing_max.txt"

TYPE_KINDS = {
    "scalar_type_definition": "scalar",
    "object_type_definition": "type",
    "interface_type_definition": "interface",
    "union_type_definition": "union",
    "enum_type_definition": "enum",
    "input_object_type_definition": "input",
}


def shapes(sdl: str) -> dict[str, str]:
    """Every coordinate of a schema with its shape; types may be named without being spelled out."""
    found: dict[str, str] = {}
    for node in gql.parse(sdl).definitions:
        kind = TYPE_KINDS.get(node.kind)
        if kind is not None:
            name: str = node.name.value  # type: ignore[attr-defined]  # every kind above has a name
            found[name] = kind
            found.update(_below(name, node))
    return found


def missing(outline: Mapping[str, str], schema: Mapping[str, str]) -> list[str]:
    """Coordinates of the outline that the schema has not; of a missing type the type alone."""
    gone = outline.keys() - schema.keys()
    return sorted(coordinate for coordinate in gone if not owners(coordinate) & gone)


def expand(listed: Iterable[str], outline: Mapping[str, str]) -> set[str]:
    """Name everything that is missing when the listed coordinates are."""
    gone = set(listed)
    return gone | {coordinate for coordinate in outline if owners(coordinate) & gone}


def changed(outline: Mapping[str, str], schema: Mapping[str, str]) -> list[str]:
    """Coordinates whose shape differs, and additions that break those who call as the outline says."""
    differing = [
        f"{coordinate}: {shape!r} became {schema[coordinate]!r}"
        for coordinate, shape in outline.items()
        if coordinate in schema and schema[coordinate] != shape
    ]
    return differing + [
        f"{coordinate}: new and required"
        for coordinate, shape in schema.items()
        if coordinate not in outline
        and (coordinate.endswith(":)") or "input" in map(outline.get, owners(coordinate)))
        and owners(coordinate) <= outline.keys()
        and shape.endswith("!")
    ]


def owners(coordinate: str) -> set[str]:
    """`Query.ticket(number:)` belongs to `Query` and `Query.ticket`."""
    field, argument, _ = coordinate.partition("(")
    parts = field.replace(" implements ", ".").replace(" = ", ".").split(".")
    above = {".".join(parts[:n]) for n in range(1, len(parts))}
    return above | ({field} if argument else set())


def _below(name: str, node: gql.DefinitionNode) -> Iterator[tuple[str, str]]:
    for interface in getattr(node, "interfaces", None) or ():
        yield f"{name} implements {interface.name.value}", ""
    for member in getattr(node, "types", None) or ():
        yield f"{name} = {member.name.value}", ""
    for value in getattr(node, "values", None) or ():
        yield f"{name}.{value.name.value}", ""
    for field in getattr(node, "fields", None) or ():
        coordinate = f"{name}.{field.name.value}"
        yield coordinate, _shape(field)
        for argument in getattr(field, "arguments", None) or ():
            yield f"{coordinate}({argument.name.value}:)", _shape(argument)


def _shape(node: gql.FieldDefinitionNode | gql.InputValueDefinitionNode) -> str:
    default = getattr(node, "default_value", None)
    return gql.print_ast(node.type) + (f" = {gql.print_ast(default)}" if default else "")


def main() -> None:
    outline, schema = (shapes(path.read_text(encoding="utf-8")) for path in (OUTLINE, SCHEMA))
    listed = missing(outline, schema)
    count, bound = len(expand(listed, outline)), int(BOUND.read_text())
    MISSING.write_text("".join(f"{line}\n" for line in listed))
    BOUND.write_text(f"{min(count, bound)}\n")
    print(f"{count} of {len(outline)} coordinates of the outline are missing (bound {bound})")  # noqa: T201  # a chore
    faults = changed(outline, schema) + ([f"{count} are missing now, {bound} were"] if count > bound else [])
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
