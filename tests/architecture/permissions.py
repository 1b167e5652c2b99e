"""Which parts of the schema have no declared permission."""

from __future__ import annotations

from collections.abc import Collection

from graphql import GraphQLObjectType, GraphQLSchema, build_schema


def undeclared(sdl: str, declared: Collection[str]) -> list[str]:
    """Root fields and object types that declare no permission; the root types themselves need none."""
    schema = build_schema(sdl)
    roots = {root.name: root for root in _roots(schema)}
    needed = {f"{name}.{field}" for name, root in roots.items() for field in root.fields}
    needed |= {name for name, kind in schema.type_map.items() if _is_own_object(name, kind)} - roots.keys()
    return sorted(needed - set(declared))


def unknown(sdl: str, declared: Collection[str]) -> list[str]:
    """List the declared permissions of things that the schema has not."""
    schema = build_schema(sdl)
    known: set[str] = set()
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType):
            known |= {name} | {f"{name}.{field}" for field in kind.fields}
    return sorted(set(declared) - known)


def _roots(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    return [
        root
        for root in (schema.query_type, schema.mutation_type, schema.subscription_type)
        if root is not None
    ]


def _is_own_object(name: str, kind: object) -> bool:
    return isinstance(kind, GraphQLObjectType) and not name.startswith("__")
