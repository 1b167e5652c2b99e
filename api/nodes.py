"""What every object with a global id has."""

import strawberry

from api.access import Access, declare

declare("Node", Access.SIGNED_IN)


@strawberry.interface
class Node:
    id: strawberry.ID
