"""`rateLimit`: what the caller may still ask for in this minute."""

from datetime import datetime

import strawberry
from strawberry.types import Info

from api.access import Access, holds
from api.context import Context
from api.fields import query


@holds(Access.ANYONE)
@strawberry.type(
    description="What the caller may ask for in a minute, in points: every field one, times the page sizes above it."
)
class RateLimit:
    limit: int = strawberry.field(description="Points in a minute.")
    cost: int = strawberry.field(description="Points of this request.")
    remaining: int = strawberry.field(
        description="Points that are left until `resetAt`, this request taken off."
    )
    reset_at: datetime = strawberry.field(description="When all of `limit` is there again.")


@strawberry.type
class RateLimitQueries:
    @query(Access.ANYONE)
    async def rate_limit(self, info: Info[Context, None]) -> RateLimit | None:
        allowance = info.context.allowance
        if allowance is None:
            return None
        return RateLimit(
            limit=allowance.limit,
            cost=allowance.cost,
            remaining=allowance.remaining,
            reset_at=allowance.reset_at,
        )
