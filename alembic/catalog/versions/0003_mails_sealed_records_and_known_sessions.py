"""mails, sealed records and known sessions"""

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WAITING = sa.text("sent_at IS NULL AND failed_at IS NULL")
UNSEALED_NAME = "ix_audit_log_unsealed"
UNSEALED = sa.text("sequence IS NULL")
SQLITE_TRIGGERS = (
    """CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
WHEN OLD.sequence IS NOT NULL OR NEW.sequence IS NULL OR NEW.seal IS NULL
  OR NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at OR NEW.event IS NOT OLD.event
  OR NEW.actor_kind IS NOT OLD.actor_kind OR NEW.actor_id IS NOT OLD.actor_id
  OR NEW.subject_type IS NOT OLD.subject_type OR NEW.subject_id IS NOT OLD.subject_id
  OR NEW.detail IS NOT OLD.detail OR NEW."before" IS NOT OLD."before" OR NEW."after" IS NOT OLD."after"
  OR NEW.address IS NOT OLD.address OR NEW.request_id IS NOT OLD.request_id
  OR EXISTS (SELECT 1 FROM audit_log WHERE sequence = NEW.sequence)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    # `OR REPLACE` deletes without asking the trigger above.
    """CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM audit_log WHERE sequence = NEW.sequence)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
)
POSTGRES_TRIGGERS = (
    """CREATE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.sequence IS NULL AND NEW.sequence IS NOT NULL AND NEW.seal IS NOT NULL
      AND to_jsonb(NEW) - 'sequence' - 'seal' - 'sealed_at' = to_jsonb(OLD) - 'sequence' - 'seal' - 'sealed_at'
    THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only';
END $$""",
    """CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON audit_log
FOR EACH ROW EXECUTE FUNCTION audit_log_append_only()""",
    """CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only()""",
)


def upgrade() -> None:
    op.add_column("operator", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("operator_session", sa.Column("address", sa.String(length=64), nullable=True))
    op.add_column("operator_session", sa.Column("user_agent", sa.String(length=200), nullable=True))
    _create_tables()
    _seal_the_audit_log()


def _create_tables() -> None:
    op.create_table(
        "operator_mailed_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["operator.id"], name=op.f("fk_operator_mailed_token_subject_id_operator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_mailed_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_operator_mailed_token_token_hash")),
    )
    op.create_index(op.f("ix_operator_mailed_token_subject_id"), "operator_mailed_token", ["subject_id"])
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
    )
    op.create_index(op.f("ix_mail_subject_id"), "mail", ["subject_id"])
    op.create_index("ix_mail_waiting", "mail", ["due_at"], sqlite_where=WAITING, postgresql_where=WAITING)


def _seal_the_audit_log() -> None:
    op.add_column("audit_log", sa.Column("before", sa.JSON(), nullable=True))
    op.add_column("audit_log", sa.Column("after", sa.JSON(), nullable=True))
    op.add_column("audit_log", sa.Column("sequence", sa.Integer(), nullable=True))
    op.add_column("audit_log", sa.Column("seal", sa.String(length=64), nullable=True))
    op.add_column("audit_log", sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_audit_log_sequence"), "audit_log", ["sequence"], unique=True)
    for statement in SQLITE_TRIGGERS if _is_sqlite() else POSTGRES_TRIGGERS:
        op.execute(statement)
    op.create_index(UNSEALED_NAME, "audit_log", ["id"], sqlite_where=UNSEALED, postgresql_where=UNSEALED)


def _is_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def downgrade() -> None:
    op.drop_index(UNSEALED_NAME, table_name="audit_log")
    if _is_sqlite():
        op.execute("DROP TRIGGER audit_log_no_replace")
        op.execute("DROP TRIGGER audit_log_no_update")
        op.execute("DROP TRIGGER audit_log_no_delete")
    else:
        op.execute("DROP TRIGGER audit_log_no_change ON audit_log")
        op.execute("DROP TRIGGER audit_log_no_truncate ON audit_log")
        op.execute("DROP FUNCTION audit_log_append_only()")
    op.drop_index(op.f("ix_audit_log_sequence"), table_name="audit_log")
    for name in ("sealed_at", "seal", "sequence", "after", "before"):
        op.drop_column("audit_log", name)
    op.drop_table("mail")
    op.drop_table("operator_mailed_token")
    op.drop_column("operator_session", "user_agent")
    op.drop_column("operator_session", "address")
    op.drop_column("operator", "erased_at")
