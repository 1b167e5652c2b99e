import pytest

from auth.permissions import OperatorRole, Permission, grants_text, permissions_of, roles_of


def test_rights_and_roles_come_back_as_they_were_written() -> None:
    rights = frozenset({Permission.READ, Permission.MANAGE_ACCOUNTS})
    roles = frozenset(OperatorRole)
    assert permissions_of(grants_text(rights)) == rights
    assert roles_of(grants_text(roles)) == roles
    assert permissions_of(grants_text(frozenset[Permission]())) == frozenset()


def test_a_word_that_is_no_right_is_refused() -> None:
    with pytest.raises(ValueError, match="ADMINISTRATOR"):
        permissions_of("ADMINISTRATOR")
