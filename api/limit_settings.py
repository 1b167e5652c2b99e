"""How often and how much: every limit of the portal as a setting, and the rules that follow from them."""

import os
from dataclasses import replace
from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings

from api.cost_budget import CostBudget
from api.limits import HttpLimits
from auth.rules import SignInRules


class LimitSettings(BaseSettings):
    """A part of `api.settings.Settings`. Units stand in the names; ranges are checked at start."""

    password_rounds: int = Field(default=220_000, ge=1_000, le=10_000_000)
    hasher_workers: int | None = Field(default=None, ge=1, le=256)
    hasher_queue: int = Field(default=64, ge=4, le=10_000)

    sign_in_tries: int = Field(default=10, ge=1, le=100_000)
    sign_in_window_minutes: int = Field(default=15, ge=1, le=1_440)
    sign_in_first_delay_seconds: int = Field(default=30, ge=1, le=3_600)
    sign_in_account_factor: int = Field(default=3, ge=1, le=100)
    sign_in_address_factor: int = Field(default=10, ge=1, le=1_000)
    sign_in_tenant_factor: int = Field(default=100, ge=1, le=100_000)
    familiar_days: int = Field(default=30, ge=1, le=365)
    challenge_minutes: int = Field(default=10, ge=1, le=60)
    challenge_tries: int = Field(default=5, ge=1, le=100)
    step_up_minutes: int = Field(default=10, ge=1, le=60)

    mailed_link_minutes: int = Field(default=60, ge=5, le=1_440)
    mails_per_account: int = Field(default=3, ge=1, le=1_000)
    mails_per_address: int = Field(default=30, ge=1, le=10_000)
    mails_per_tenant: int = Field(default=300, ge=1, le=100_000)

    request_bytes: int = Field(default=1_048_576, ge=1_024, le=104_857_600)
    request_cost: int = Field(default=10_000, ge=100, le=1_000_000)
    query_characters: int = Field(default=100_000, ge=1_000, le=10_000_000)
    query_tokens: int = Field(default=3_000, ge=100, le=100_000)
    query_comments: int = Field(default=500, ge=0, le=100_000)
    query_depth: int = Field(default=15, ge=4, le=100)
    query_aliases: int = Field(default=50, ge=0, le=1_000)
    query_duplicates: int = Field(default=200, ge=0, le=10_000)
    query_directives: int = Field(default=50, ge=0, le=1_000)
    query_fragments: int = Field(default=60, ge=0, le=1_000)
    mutations_per_request: int = Field(default=10, ge=1, le=100)
    validation_errors: int = Field(default=20, ge=1, le=1_000)

    cost_per_minute: int = Field(default=600_000, ge=100, le=1_000_000_000)
    anonymous_cost_per_minute: int = Field(default=60_000, ge=100, le=1_000_000_000)
    budgets_remembered: int = Field(default=20_000, ge=100, le=10_000_000)

    @model_validator(mode="after")
    def _budgets_hold_a_request(self) -> Self:
        """What costs more than a minute's budget would be told for ever to come again in a minute."""
        if min(self.cost_per_minute, self.anonymous_cost_per_minute) < self.request_cost:
            raise ValueError(
                "SLAPORTAL_COST_PER_MINUTE and SLAPORTAL_ANONYMOUS_COST_PER_MINUTE must be at least "
                "SLAPORTAL_REQUEST_COST"
            )
        return self


def with_limits(rules: SignInRules, settings: LimitSettings) -> SignInRules:
    """The figures of sign-in as they are set; what is no limit stays as it is in `rules`."""
    return replace(
        rules,
        challenge=timedelta(minutes=settings.challenge_minutes),
        challenge_tries=settings.challenge_tries,
        fresh=timedelta(minutes=settings.step_up_minutes),
        mailed_link=timedelta(minutes=settings.mailed_link_minutes),
        mails=settings.mails_per_account,
        mails_of_address=settings.mails_per_address,
        mails_of_tenant=settings.mails_per_tenant,
        tries=settings.sign_in_tries,
        account_factor=settings.sign_in_account_factor,
        address_factor=settings.sign_in_address_factor,
        tenant_factor=settings.sign_in_tenant_factor,
        familiar=timedelta(days=settings.familiar_days),
        window=timedelta(minutes=settings.sign_in_window_minutes),
        first_delay=timedelta(seconds=settings.sign_in_first_delay_seconds),
    )


def workers_of(settings: LimitSettings) -> int:
    """Threads that hash: by default one core is left to what serves requests."""
    return settings.hasher_workers or max(1, (os.cpu_count() or 1) - 1)


def limits_of(settings: LimitSettings) -> HttpLimits:
    """What one request may ask for."""
    return HttpLimits(
        body_bytes=settings.request_bytes,
        query_characters=settings.query_characters,
        tokens=settings.query_tokens,
        comments=settings.query_comments,
        depth=settings.query_depth,
        aliases=settings.query_aliases,
        duplicates=settings.query_duplicates,
        directives=settings.query_directives,
        fragments=settings.query_fragments,
        root_mutations=settings.mutations_per_request,
        cost=settings.request_cost,
        validation_errors=settings.validation_errors,
    )


def budget_of(settings: LimitSettings) -> CostBudget:
    """What one client may ask for in a minute."""
    return CostBudget(
        signed_in=settings.cost_per_minute,
        anonymous=settings.anonymous_cost_per_minute,
        remembered=settings.budgets_remembered,
    )
