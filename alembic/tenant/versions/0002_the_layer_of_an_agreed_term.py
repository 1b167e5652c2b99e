"""the layer of an agreed term"""

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OLD = "uq_contract_override_contract_id_term"
NEW = "uq_contract_override_contract_id_term_layer"


def upgrade() -> None:
    with op.batch_alter_table("contract_override") as batch_op:
        batch_op.add_column(
            sa.Column("layer", sa.String(length=20), nullable=False, server_default="SPECIFIC_AGREEMENT")
        )
        batch_op.drop_constraint(batch_op.f(OLD), type_="unique")
        batch_op.create_unique_constraint(batch_op.f(NEW), ["contract_id", "term", "layer"])


def downgrade() -> None:
    with op.batch_alter_table("contract_override") as batch_op:
        batch_op.drop_constraint(batch_op.f(NEW), type_="unique")
        batch_op.create_unique_constraint(batch_op.f(OLD), ["contract_id", "term"])
        batch_op.drop_column("layer")
