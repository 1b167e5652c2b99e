"""The first catalog schema"""

import sqlalchemy as sa

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("subject_type", sa.String(length=40), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_log_at"), ["at"], unique=False)

    op.create_table(
        "operator",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("roles", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator")),
        sa.UniqueConstraint("email", name=op.f("uq_operator_email")),
    )
    op.create_table(
        "operator_throttle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("window_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_throttle")),
        sa.UniqueConstraint("key", name=op.f("uq_operator_throttle_key")),
    )
    op.create_table(
        "tenant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("server", sa.String(length=40), nullable=False),
        sa.Column("database_name", sa.String(length=63), nullable=False),
        sa.Column("policy_key", sa.String(length=40), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attention_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant")),
        sa.UniqueConstraint("database_name", name=op.f("uq_tenant_database_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenant_slug")),
    )
    with op.batch_alter_table("tenant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tenant_attention_at"), ["attention_at"], unique=False)

    op.create_table(
        "operator_challenge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["operator.id"], name=op.f("fk_operator_challenge_subject_id_operator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_challenge")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_operator_challenge_token_hash")),
    )
    with op.batch_alter_table("operator_challenge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_operator_challenge_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "operator_factor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("secret", sa.String(length=300), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["operator.id"], name=op.f("fk_operator_factor_subject_id_operator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_factor")),
    )
    with op.batch_alter_table("operator_factor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_operator_factor_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "operator_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["operator.id"], name=op.f("fk_operator_invitation_subject_id_operator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_operator_invitation_token_hash")),
    )
    with op.batch_alter_table("operator_invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_operator_invitation_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "operator_recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["operator.id"], name=op.f("fk_operator_recovery_code_subject_id_operator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_operator_recovery_code_code_hash")),
    )
    with op.batch_alter_table("operator_recovery_code", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_operator_recovery_code_subject_id"), ["subject_id"], unique=False
        )

    op.create_table(
        "operator_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=30), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["operator.id"], name=op.f("fk_operator_session_subject_id_operator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_session")),
    )
    with op.batch_alter_table("operator_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_operator_session_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "work_queue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=30), nullable=False),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.Column("priority_key", sa.String(length=30), nullable=True),
        sa.Column("priority_rank", sa.Integer(), nullable=True),
        sa.Column("response_state", sa.String(length=20), nullable=False),
        sa.Column("response_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution_state", sa.String(length=20), nullable=False),
        sa.Column("resolution_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_work_queue_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_queue")),
        sa.UniqueConstraint("tenant_id", "ticket_id", name=op.f("uq_work_queue_tenant_id_ticket_id")),
    )
    with op.batch_alter_table("work_queue", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_queue_next_due_at"), ["next_due_at"], unique=False)

    op.create_table(
        "operator_refresh_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["operator_session.id"],
            name=op.f("fk_operator_refresh_token_session_id_operator_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_refresh_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_operator_refresh_token_token_hash")),
    )
    with op.batch_alter_table("operator_refresh_token", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_operator_refresh_token_session_id"), ["session_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("operator_refresh_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_operator_refresh_token_session_id"))

    op.drop_table("operator_refresh_token")
    with op.batch_alter_table("work_queue", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_queue_next_due_at"))

    op.drop_table("work_queue")
    with op.batch_alter_table("operator_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_operator_session_subject_id"))

    op.drop_table("operator_session")
    with op.batch_alter_table("operator_recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_operator_recovery_code_subject_id"))

    op.drop_table("operator_recovery_code")
    with op.batch_alter_table("operator_invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_operator_invitation_subject_id"))

    op.drop_table("operator_invitation")
    with op.batch_alter_table("operator_factor", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_operator_factor_subject_id"))

    op.drop_table("operator_factor")
    with op.batch_alter_table("operator_challenge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_operator_challenge_subject_id"))

    op.drop_table("operator_challenge")
    with op.batch_alter_table("tenant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tenant_attention_at"))

    op.drop_table("tenant")
    op.drop_table("operator_throttle")
    op.drop_table("operator")
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_log_at"))

    op.drop_table("audit_log")
