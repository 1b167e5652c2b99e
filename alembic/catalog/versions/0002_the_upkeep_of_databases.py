"""the upkeep of databases: provisioning, migrations, moves, backups"""

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tenant") as batch_op:
        batch_op.add_column(sa.Column("revision", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("protected_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("failure", sa.String(length=300), nullable=True))
    op.create_table(
        "provisioning_order",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.String(length=30), nullable=False),
        sa.Column("administrator_email", sa.String(length=254), nullable=False),
        sa.Column("administrator_name", sa.String(length=200), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_provisioning_order_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_provisioning_order")),
    )
    op.create_table(
        "side_database",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("server", sa.String(length=40), nullable=False),
        sa.Column("database_name", sa.String(length=63), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("status_before", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("keep_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_side_database_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_side_database")),
        sa.UniqueConstraint("database_name", name=op.f("uq_side_database_database_name")),
    )
    with op.batch_alter_table("side_database") as batch_op:
        batch_op.create_index(batch_op.f("ix_side_database_tenant_id"), ["tenant_id"], unique=False)
    op.create_table(
        "migration_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration_run")),
    )
    op.create_table(
        "migration_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["migration_run.id"], name=op.f("fk_migration_item_run_id_migration_run")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_migration_item_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration_item")),
        sa.UniqueConstraint("run_id", "tenant_id", name=op.f("uq_migration_item_run_id_tenant_id")),
    )
    with op.batch_alter_table("migration_item") as batch_op:
        batch_op.create_index("ix_migration_item_run_id_state", ["run_id", "state"], unique=False)
    op.create_table(
        "backup",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_backup_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup")),
        sa.UniqueConstraint("file", name=op.f("uq_backup_file")),
    )
    with op.batch_alter_table("backup") as batch_op:
        batch_op.create_index("ix_backup_tenant_id_taken_at", ["tenant_id", "taken_at"], unique=False)
    op.create_table(
        "idempotency_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("mutation", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint(
            "principal_id", "mutation", "key", name=op.f("uq_idempotency_key_principal_id_mutation_key")
        ),
    )


def downgrade() -> None:
    for name in (
        "idempotency_key",
        "backup",
        "migration_item",
        "migration_run",
        "side_database",
        "provisioning_order",
    ):
        op.drop_table(name)
    with op.batch_alter_table("tenant") as batch_op:
        for column in ("failure", "marked_at", "protected_at", "revision"):
            batch_op.drop_column(column)
