"""Names of what is written on the audit log, from the OWASP logging vocabulary.

The vocabulary has no words of its own for second factors and invitations; those follow its style.
"""

from __future__ import annotations

from enum import StrEnum


class AuthEvent(StrEnum):
    LOGIN_SUCCESS = "authn_login_success"
    LOGIN_FAIL = "authn_login_fail"
    LOGIN_LOCK = "authn_login_lock"
    PASSWORD_OK = "authn_password_success"  # noqa: S105  the name of an event
    PASSWORD_CHANGE_FAIL = "authn_password_change_fail"  # noqa: S105  the name of an event
    PASSWORD_RESET_ASKED = "authn_password_reset_asked"  # noqa: S105  the name of an event
    PASSWORD_CHANGE = "authn_password_change"  # noqa: S105  the name of an event
    MFA_SUCCESS = "authn_mfa_success"
    MFA_FAIL = "authn_mfa_fail"
    MFA_ENROLLED = "authn_mfa_enrolled"
    MFA_CODES_RENEWED = "authn_mfa_codes_renewed"
    EMAIL_CHANGE_ASKED = "authn_email_change_asked"
    TOKEN_REUSE = "authn_token_reuse"  # noqa: S105  the name of an event
    TOKEN_REVOKED = "authn_token_revoked"  # noqa: S105  the name of an event
    SESSION_USE_AFTER_EXPIRE = "session_use_after_expire"
    USER_CREATED = "user_created"
    USER_UPDATED = "user_updated"
