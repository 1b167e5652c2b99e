"""Changes of status that an agreement allows."""

from __future__ import annotations

from sla import messages
from sla.agreement import Policy
from sla.errors import Refused
from sla.vocabulary import RefusalCode, TicketStatus, fill


def check_transition(policy: Policy, current: TicketStatus, wanted: TicketStatus) -> None:
    """Refuses a change that the status flow does not have, with ILLEGAL_TRANSITION."""
    if wanted not in policy.next_statuses(current):
        texts = fill(messages.STATUS_NOT_ALLOWED, current=current.value, wanted=wanted.value)
        raise Refused(RefusalCode.ILLEGAL_TRANSITION, texts, policy.statuses.clause, path=("status",))
