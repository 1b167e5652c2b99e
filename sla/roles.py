"""Who does what: the shared responsibility matrix and the RACI steps of the ticket process."""

from __future__ import annotations

from sla import messages
from sla.agreement import Policy
from sla.errors import Refused, TermMissing
from sla.service_terms import MatrixRow, WorkflowStep
from sla.vocabulary import Hosting, RefusalCode, fill


def responsibility_matrix(policy: Policy, hosting: Hosting | None) -> tuple[MatrixRow, ...]:
    """The layers with the one column of the contract's hosting form (OX-018, OX-020); the cloud's without one.

    A cell that nobody filled is None. Raises TermMissing.
    """
    matrix = policy.service.matrix
    if matrix is None:
        raise TermMissing(policy.key, "matrix")
    column = hosting or Hosting.CLOUD
    return tuple(
        MatrixRow(row.key, row.labels, row.footnote, {column: row.cells.get(column)}) for row in matrix.rows
    )


def workflow_step(policy: Policy, number: int) -> WorkflowStep:
    """The step of the ticket process; raises TermMissing."""
    for step in policy.service.workflow:
        if step.number == number:
            return step
    raise TermMissing(policy.key, f"workflow.{number}")


def may_carry_out(step: WorkflowStep, party: str) -> bool:
    """Whether the party is responsible or accountable for the step."""
    return step.raci.get(party) in {"R", "A"}


def check_carries_out(step: WorkflowStep, party: str) -> None:
    """Refuses a step to a party that is only consulted, informed or not named at all (S4-040 to S4-052)."""
    if not may_carry_out(step, party):
        able = ", ".join(sorted(who for who in step.raci if may_carry_out(step, who)))
        texts = fill(messages.STEP_IS_ANOTHERS, step=str(step.number), parties=able)
        raise Refused(RefusalCode.FORBIDDEN_BY_CONTRACT, texts, step.clause)
