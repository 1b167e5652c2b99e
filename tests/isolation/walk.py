"""Walks the schema: which fields can be reached, on which way, and a question for each."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

Questions = Mapping[str, Sequence[str]]
"""By field, such as `Query.ticket`: the arguments to ask it with, as they stand in a document."""

BY_ID = ("Query.node", "Query.nodes")
"""Not ways to anything: they are asked with every id."""


class Walk:
    """The fields of a schema, each with its questions."""

    def __init__(self, schema: GraphQLSchema, questions: Questions) -> None:
        self._schema = schema
        self._questions = questions
        self.asked: set[str] = set()

    def documents(self) -> Iterator[str]:
        """For each object type that a query reaches all of its fields; for each further question a document."""
        for kind, way in self._ways().items():
            first = [self._field(kind, name, 0) for name in kind.fields if f"{kind.name}.{name}" not in BY_ID]
            yield _along(way, " ".join(["__typename", *first]))
            for name in kind.fields:
                for number in range(1, len(self._questions.get(f"{kind.name}.{name}", ()))):
                    yield _along(way, self._field(kind, name, number))

    def node(self, kind_name: str) -> str:
        """All fields of one type of node; its id is `$id`."""
        kind = self._schema.type_map[kind_name]
        assert isinstance(kind, GraphQLObjectType)
        return f"query($id: ID!) {{ node(id: $id) {{ __typename id ... on {kind_name} {{ {self._all(kind)} }} }} }}"

    def nodes(self) -> str:
        self.asked |= set(BY_ID)
        return "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"

    def mutation(self, name: str) -> str:
        """One mutation with its input as `$input`, and all fields of its answer, three levels deep."""
        mutations = self._schema.mutation_type
        assert mutations
        self.asked.add(f"Mutation.{name}")
        field = mutations.fields[name]
        below = self._below(get_named_type(field.type), 3)
        return f"mutation($input: {field.args['input'].type}) {{ {name}(input: $input) {{ {below} }} }}"

    def _ways(self) -> dict[GraphQLObjectType, list[str]]:
        query = self._schema.query_type
        assert query
        ways: dict[GraphQLObjectType, list[str]] = {query: []}
        waiting = deque([query])
        while waiting:
            parent = waiting.popleft()
            for name, field in parent.fields.items():
                if f"{parent.name}.{name}" in BY_ID:
                    continue
                for kind in self._objects(get_named_type(field.type)):
                    if kind not in ways:
                        step = [f"{name}{self._arguments(parent, name, 0)}", f"... on {kind.name}"]
                        ways[kind] = [*ways[parent], *step]
                        waiting.append(kind)
        return ways

    def _objects(self, kind: GraphQLNamedType) -> list[GraphQLObjectType]:
        if isinstance(kind, GraphQLObjectType):
            return [kind]
        if isinstance(kind, (GraphQLUnionType, GraphQLInterfaceType)):
            return list(self._schema.get_possible_types(kind))
        return []

    def _all(self, kind: GraphQLObjectType) -> str:
        return " ".join(self._field(kind, name, 0) for name in kind.fields)

    def _field(self, parent: GraphQLObjectType, name: str, number: int) -> str:
        self.asked.add(f"{parent.name}.{name}")
        below = self._below(get_named_type(parent.fields[name].type), 1)
        return f"{name}{self._arguments(parent, name, number)}" + (f" {{ {below} }}" if below else "")

    def _below(self, kind: GraphQLNamedType, levels: int) -> str:
        """`__typename` and the leaves of an object, and of what is below it for so many levels."""
        if is_leaf_type(kind):
            return ""
        told = ["__typename"]
        for own in self._objects(kind):
            names = [self._deeper(own, name, field, levels) for name, field in own.fields.items()]
            told.append(f"... on {own.name} {{ __typename {' '.join(names)} }}")
        return " ".join(told)

    def _deeper(self, parent: GraphQLObjectType, name: str, field: GraphQLField, levels: int) -> str:
        kind = get_named_type(field.type)
        if is_leaf_type(kind):
            self.asked.add(f"{parent.name}.{name}")
            return f"{name}{self._arguments(parent, name, 0)}"
        if levels <= 1 or field.args:
            return ""
        return f"{name} {{ {self._below(kind, levels - 1)} }}"

    def _arguments(self, parent: GraphQLObjectType, name: str, number: int) -> str:
        given = self._questions.get(f"{parent.name}.{name}", ("",))
        return given[number]

    def unasked(self) -> list[str]:
        """Fields and arguments, input fields included, that no question is about."""
        found = [name for name in self._reachable() if name not in self.asked]
        for kind in self._ways():
            for name, field in kind.fields.items():
                texts = " ".join(self._questions.get(f"{kind.name}.{name}", ()))
                wanted = {f"{kind.name}.{name}({part})" for part in _parts(field) if f"{part}:" not in texts}
                found += sorted(wanted if f"{kind.name}.{name}" not in BY_ID else ())
        return found

    def _reachable(self) -> list[str]:
        kinds: list[GraphQLObjectType] = list(self._ways())
        if self._schema.mutation_type:
            kinds.append(self._schema.mutation_type)
        if (
            self._schema.subscription_type
        ):  # there is no question for one yet: the first one must be written here
            kinds.append(self._schema.subscription_type)
        return [f"{kind.name}.{name}" for kind in kinds for name in kind.fields]


def _parts(field: GraphQLField) -> Iterator[str]:
    for name, argument in field.args.items():
        yield name
        kind = get_named_type(argument.type)
        if isinstance(kind, GraphQLInputObjectType):
            yield from kind.fields


def _along(way: Sequence[str], below: str) -> str:
    return "{ " + " { ".join([*way, below]) + " }" * (len(way) + 1)
