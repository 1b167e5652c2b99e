"""Which schemas of a customer's database this version of the portal works with."""

TENANT_HEAD = "0005"
"""The newest revision of `alembic/tenant`; a test compares it with the files."""

SERVED_REVISIONS = frozenset({"0004", TENANT_HEAD})
"""A customer at another revision is told to come back later, and nobody else.

With an expanding revision the one before it stays in here until every customer is past it (docs/operations.md).
"""
