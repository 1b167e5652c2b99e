"""What every object with a global id has."""

import strawberry


@strawberry.interface
class Node:
    id: strawberry.ID
