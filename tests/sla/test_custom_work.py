"""Custom work is outside Qixium's agreement, unless it was agreed apart."""

from __future__ import annotations

import pytest

from sla.scope import Facts, coverage
from sla.vocabulary import TicketType
from tests.sla.agreements import policy


@pytest.mark.clause("QX-131")
@pytest.mark.parametrize("addendum", ["CUSTOM_WORK", "CUSTOM_WORK_AGREEMENT"])
def test_custom_work_has_clocks_only_with_an_agreement_of_its_own(addendum: str) -> None:
    custom = Facts(type=TicketType.INCIDENT, component="Custom")
    without = coverage(policy("qixium"), custom)
    assert (without.covered, without.clocks, without.clause.key) == (False, False, "QX-131")
    agreed = Facts(type=TicketType.INCIDENT, component="Custom", addenda=frozenset({addendum}))
    assert coverage(policy("qixium"), agreed).clocks
