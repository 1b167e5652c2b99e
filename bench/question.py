"""The one question that both servers are asked, and how far the portal may stay behind."""

from __future__ import annotations

import orjson

PAGE = 50
PATH = "/graphql"
FLOORS = {"PostgreSQL": 0.07, "SQLite": 0.05}
"""The least share of the baseline's requests/s that the portal must reach."""

DOCUMENT = """query Page($first: Int!) {
  tickets(first: $first, orderBy: {field: NEXT_DUE_AT}) {
    nodes {
      id number subject type status environment component registeredAt
      requester { name email }
      responseClock { state dueAt }
      resolutionClock { state dueAt }
    }
  }
}"""

BODY = orjson.dumps({"query": DOCUMENT, "variables": {"first": PAGE}})
