"""Steps 1 and 2: coming in with two factors, and seeing the own organisation and no other."""

import base64
import json
from typing import Any

import pyotp

from tests.factories.portal import PASSWORD, SIGN_IN, VERIFY, Client
from tests.main_job.job import Job, codes

ACCEPT = """mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) {
  challenge { token methods enrollmentRequired } errors { code } } }"""
ENROLL = "mutation($input: EnrollTotpInput!) { enrollTotp(input: $input) { secret uri errors { code } } }"
CONFIRM = """mutation($input: ConfirmTotpInput!) { confirmTotp(input: $input) {
  session { accessToken refreshToken viewer { ... on Account { email permissions } } }
  recoveryCodes errors { code } } }"""
SEEN = """{ viewer { ... on Account { email contact { name } } }
  organization { slug contactLimit contacts { name } hourCards { balanceHours }
    contract { tier policy { key } } } }"""


async def post(job: Job, document: str, given: dict[str, Any]) -> Any:
    """The payload of one mutation on the customer's plane, before sign-in."""
    answer = await job.house.call(document, {"input": given}, Portal_Tenant=job.customer.record.slug)
    assert "errors" not in answer, answer
    (payload,) = answer["data"].values()
    return payload


async def sign_in_with_two_factors(job: Job) -> None:
    """A password gives a challenge and nothing else; a code gives the session, once."""
    person = job.customer.owner
    wrong = await post(job, SIGN_IN, {"email": person.email, "password": f"{PASSWORD}!"})
    assert (wrong["challenge"], codes(wrong)) == (None, ["SIGN_IN_FAILED"])
    first = await post(job, SIGN_IN, {"email": person.email, "password": PASSWORD})
    token = first["challenge"]["token"]
    refused = await job.house.call("{ viewer { __typename } }", Authorization=f"Bearer {token}")
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    answer = {"method": "TOTP", "code": pyotp.TOTP(person.secret).now()}
    session = (await post(job, VERIFY, {"challengeToken": token, **answer}))["session"]
    check_token(job, session["accessToken"])
    again = await post(job, SIGN_IN, {"email": person.email, "password": PASSWORD})
    used = await post(job, VERIFY, {"challengeToken": again["challenge"]["token"], **answer})
    assert (used["session"], codes(used)) == (None, ["MFA_FAILED"])
    job.owner = Client(job.house, session["accessToken"], session["refreshToken"], None)


def check_token(job: Job, token: str) -> None:
    """`at+jwt`, Ed25519, for this tenant only, with the session's id."""
    header, claims = (
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in token.split(".")[:2]
    )
    assert (header["typ"], header["alg"]) == ("at+jwt", "Ed25519")
    assert claims["aud"] == str(job.customer.record.id)
    assert claims["sid"]


async def accept_an_invitation(job: Job) -> None:
    """A new account chooses a password, enrols a factor with the challenge token, and is in."""
    email = "bea@zonnedael.example"
    invited = {"email": email, "name": "Bea Bos", "permissions": ["READ"]}
    made = await job.owner.do("inviteAccount", invited, "account { status }")
    assert (made["account"], codes(made)) == ({"status": "INVITED"}, [])
    given = {"token": await job.invitation_of(email), "password": "groene lantaarn bij de sluis"}
    challenge = (await post(job, ACCEPT, given))["challenge"]
    assert (challenge["methods"], challenge["enrollmentRequired"]) == ([], True)
    token = challenge["token"]
    early = {"challengeToken": token, "method": "TOTP", "code": "123456"}
    assert codes(await post(job, VERIFY, early)) == ["MFA_FAILED"]
    enrolled = await post(job, ENROLL, {"challengeToken": token})
    assert enrolled["uri"].startswith("otpauth://totp/")
    code = pyotp.TOTP(enrolled["secret"]).now()
    confirmed = await post(job, CONFIRM, {"challengeToken": token, "code": code})
    assert confirmed["session"]["viewer"] == {"email": email, "permissions": ["READ"]}
    assert len(set(confirmed["recoveryCodes"])) == 10
    assert codes(await post(job, ACCEPT, given)) == ["NOT_FOUND"]


async def see_the_own_organization(job: Job) -> None:
    """The tenant of the token, whatever else is named."""
    assert await job.owner.data(SEEN) == {
        "viewer": {"email": job.customer.owner.email, "contact": {"name": "Anna de Vries"}},
        "organization": {
            "slug": "zonnedael",
            "contactLimit": 3,
            "contacts": [{"name": "Anna de Vries"}],
            "hourCards": [{"balanceHours": "12"}],
            "contract": {"tier": "SUPPORT", "policy": {"key": "qixium"}},
        },
    }
    elsewhere = Client(job.house, job.owner.token, "", job.stranger.record.slug)
    answer = await elsewhere.call("{ organization { slug } }")
    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
