"""Mails that the vendor's operators are still to get, and what became of earlier ones."""

from sqlalchemy import Index, text

from tenants.columns import MailColumns
from tenants.tables import CatalogTable, table

_WAITING = text("sent_at IS NULL AND failed_at IS NULL")


class OperatorMail(MailColumns, CatalogTable, table=True):
    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_waiting", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING),)


OPERATOR_MAILS = table(OperatorMail)
