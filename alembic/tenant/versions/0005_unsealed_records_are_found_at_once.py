"""unsealed records are found at once"""

import sqlalchemy as sa

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME = "ix_audit_log_unsealed"
UNSEALED = sa.text("sequence IS NULL")


def upgrade() -> None:
    op.create_index(NAME, "audit_log", ["id"], sqlite_where=UNSEALED, postgresql_where=UNSEALED)


def downgrade() -> None:
    op.drop_index(NAME, table_name="audit_log")
