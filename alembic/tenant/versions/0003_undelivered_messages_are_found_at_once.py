"""undelivered messages are found at once"""

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAME = "ix_outbox_undelivered"
UNDELIVERED = sa.text("delivered_at IS NULL")


def upgrade() -> None:
    op.create_index(NAME, "outbox", ["id"], sqlite_where=UNDELIVERED, postgresql_where=UNDELIVERED)


def downgrade() -> None:
    op.drop_index(NAME, table_name="outbox")
