"""What Open2Bizz takes on: parts of Odoo, addenda, the test environment, other people's work."""

from __future__ import annotations

import pytest

from sla.errors import Refused
from sla.scope import Facts, coverage
from sla.vocabulary import Environment, ProblemKind, TicketType
from tests.sla.agreements import policy

KEY = "open2bizz"
TEST, ACCEPTANCE = Environment.TEST, Environment.ACCEPTANCE


def of(component: str | None, *addenda: str, **given: object) -> Facts:
    return Facts(
        type=TicketType.INCIDENT,
        component=component,
        addenda=frozenset(addenda),
        **given,  # type: ignore[arg-type] # named words
    )


def outcome(facts: Facts) -> tuple[str, str]:
    """Covered, outside or refused, and the clause that says so."""
    try:
        found = coverage(policy(KEY), facts)
    except Refused as refusal:
        return "refused", refusal.clause.key if refusal.clause else ""
    return ("covered" if found.covered else "outside"), found.clause.key


@pytest.mark.clause("OB-008", "OB-009", "OB-010", "OB-011", "OB-012", "OB-014", "OB-015", "OB-023", "OB-024")
@pytest.mark.parametrize(
    ("component", "expected"),
    [
        ("Odoo users", ("covered", "OB-008")),
        ("Odoo rights", ("covered", "OB-009")),
        ("Odoo navigation", ("covered", "OB-010")),
        ("Odoo settings", ("covered", "OB-011")),
        ("Odoo languages", ("covered", "OB-012")),
        ("Enterprise update", ("refused", "OB-014")),
        ("Ubuntu update", ("covered", "OB-015")),
        ("Ubuntu upgrade", ("outside", "OB-015")),
        ("Major upgrade", ("outside", "OB-023")),
        ("Custom", ("outside", "OB-024")),
        ("Third party", ("outside", "OB-024")),
        ("Community", ("outside", "OB-024")),
    ],
)
def test_parts_of_odoo(component: str, expected: tuple[str, str]) -> None:
    assert outcome(of(component)) == expected


@pytest.mark.clause("OB-014")
@pytest.mark.parametrize("addendum", ["ODOO_ENTERPRISE", "ENTERPRISE"])
def test_enterprise_updates_come_with_an_enterprise_contract(addendum: str) -> None:
    assert outcome(of("Enterprise update", addendum))[0] == "covered"


METABASE = {
    "Metabase connectivity": ("covered", "OB-046"),
    "Metabase integration": ("covered", "OB-047"),
    "Metabase performance": ("covered", "OB-048"),
    "Metabase queries": ("refused", "OB-049"),
}


@pytest.mark.clause("OB-046", "OB-047", "OB-048", "OB-049")
@pytest.mark.parametrize("component", METABASE)
@pytest.mark.parametrize("addendum", ["METABASE", "METABASE_ADDENDUM"])
def test_metabase_is_supported_with_its_addendum_in_three_things(component: str, addendum: str) -> None:
    assert outcome(of(component, addendum)) == METABASE[component]
    assert outcome(of(component)) == ("refused", "OB-046")


@pytest.mark.clause("OB-046", "OB-049")
def test_metabase_as_a_whole_is_supported_for_its_technical_side() -> None:
    technical, functional = ProblemKind
    assert outcome(of("Metabase", "METABASE", problem_kind=technical))[0] == "covered"
    assert outcome(of("Metabase", "METABASE", problem_kind=functional)) == ("refused", "OB-049")
    assert outcome(of("Metabase")) == ("refused", "OB-046")
    assert outcome(of("Odoo users", problem_kind=functional)) == ("covered", "OB-008")
    assert outcome(of(None, problem_kind=functional))[0] == "covered"


PBX = {
    "PBX connectivity": ("covered", "OB-050"),
    "PBX troubleshooting": ("covered", "OB-051"),
    "PBX advice": ("covered", "OB-052"),
    "PBX operation": ("covered", "OB-053"),
    "PBX Asterisk": ("refused", "OB-054"),
}


@pytest.mark.clause("OB-050", "OB-051", "OB-052", "OB-053", "OB-054")
@pytest.mark.parametrize("component", PBX)
@pytest.mark.parametrize("addendum", ["PBX", "PBX_ADDENDUM"])
def test_the_pbx_is_supported_with_its_addendum_in_four_things(component: str, addendum: str) -> None:
    assert outcome(of(component, addendum)) == PBX[component]
    assert outcome(of(component)) == ("refused", "OB-050")
    assert outcome(of("PBX")) == ("refused", "OB-050")


@pytest.mark.clause("OB-055", "OB-057", "OB-059", "OB-060")
@pytest.mark.parametrize("environment", [TEST, ACCEPTANCE])
@pytest.mark.parametrize("addendum", ["TEST_ENVIRONMENT", "TEST_ENV", "TEST_ENV_ADDENDUM", "TEST"])
def test_the_test_environment_comes_with_its_addendum(environment: Environment, addendum: str) -> None:
    def there(component: str | None = None, kind: ProblemKind | None = None) -> tuple[str, str]:
        return outcome(of(component, addendum, environment=environment, problem_kind=kind))

    assert outcome(of(None, environment=environment)) == ("refused", "OB-055")
    assert there() == ("covered", "OB-057")
    assert coverage(policy(KEY), of(None, addendum, environment=environment)).best_effort
    for component in ("Custom", "Third party", "Community"):
        assert there(component) == ("refused", "OB-059")
    assert there(kind=ProblemKind.FUNCTIONAL) == ("outside", "OB-060")
