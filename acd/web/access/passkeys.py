"""Passkeys (WebAuthn): what the browser is asked for, and whether its answer holds. The library `webauthn` does the checking.

* They belong to the host of `web.public_url`: without one there are none, and another host makes all of them void.
* The device must verify its user, by finger, face or PIN. So a passkey is two factors, and logs in without a password.
* A challenge is used once, within five minutes.
* A device that counts its signatures must count on: one that does not go on was copied, and is refused.
"""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field

from acd.web.access.accounts import Account
from acd.web.access.second_factors import Passkey
from acd.web.access.short_lived import ShortLived
from acd.web.server.api_model import ApiModel

CHALLENGE_WITHIN = timedelta(minutes=5)
_LONGEST = 20_000
"""Characters of a field; the keys themselves have some hundred."""
Long = Annotated[str, Field(max_length=_LONGEST)]


class CredentialResponse(ApiModel):
    """What the device has answered, in base64url. Fields that browsers add are not looked at."""

    model_config = ConfigDict(extra="ignore")
    clientDataJSON: Long
    attestationObject: Long | None = None
    authenticatorData: Long | None = None
    signature: Long | None = None
    userHandle: Annotated[str, Field(max_length=200)] | None = None


class Credential(ApiModel):
    """A PublicKeyCredential as the browser's `toJSON` writes it."""

    model_config = ConfigDict(extra="ignore")
    id: Annotated[str, Field(min_length=1, max_length=2_000)]
    rawId: Annotated[str, Field(max_length=2_000)]
    type: Annotated[str, Field(max_length=20)]
    response: CredentialResponse


class NotProven(Exception):
    """The browser's answer does not hold. Its text is for the log, in the library's words."""


@dataclass(frozen=True, slots=True)
class _Challenge:
    account: str
    """Who registers a key; empty: somebody logs in."""


class Passkeys:
    """The challenges that are under way, and the checks."""

    def __init__(self, public_url: str, hotline: str, now: Callable[[], datetime]) -> None:
        self._now, self._name = now, hotline
        self.host = urlsplit(public_url).hostname or ""
        """What the passkeys belong to; empty: there are none here."""
        self._challenges: ShortLived[_Challenge] = ShortLived(now, CHALLENGE_WITHIN)

    def options_to_register(self, account: Account, handle: str, known: tuple[Passkey, ...]) -> dict[str, Any]:
        """For `navigator.credentials.create`. `handle`: the account's towards passkeys; `known`: those that it has."""
        from webauthn import generate_registration_options
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            PublicKeyCredentialDescriptor,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        return _as_json(
            generate_registration_options(
                rp_id=self.host,
                rp_name=self._name,
                user_id=_bytes(handle),
                user_name=account.name,
                challenge=self._new_challenge(account.name),
                authenticator_selection=AuthenticatorSelectionCriteria(
                    resident_key=ResidentKeyRequirement.REQUIRED,
                    user_verification=UserVerificationRequirement.REQUIRED,
                ),
                exclude_credentials=[PublicKeyCredentialDescriptor(id=_bytes(key.id)) for key in known],
            )
        )

    def options_to_log_in(self) -> dict[str, Any]:
        """For `navigator.credentials.get`: any passkey of this host."""
        from webauthn import generate_authentication_options
        from webauthn.helpers.structs import UserVerificationRequirement

        return _as_json(
            generate_authentication_options(
                rp_id=self.host,
                challenge=self._new_challenge(""),
                user_verification=UserVerificationRequirement.REQUIRED,
            )
        )

    def registered(self, account: Account, name: str, credential: Credential, origin: str) -> Passkey:
        """The new key. `origin`: of the page that has sent it. Raises NotProven."""
        from webauthn import verify_registration_response

        challenge = self._challenge_of(credential, account.name)
        try:
            found = verify_registration_response(
                credential=credential.model_dump(exclude_none=True),
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=origin,
                require_user_verification=True,
            )
        except (
            Exception
        ) as error:  # a stranger's bytes go through several parsers; whatever they say of them, it is no passkey
            raise NotProven(f"{type(error).__name__}: {error}") from error
        return Passkey(
            _text(found.credential_id), name, self._now(), None, _text(found.credential_public_key), found.sign_count
        )

    def used(self, key: Passkey, handle: str, credential: Credential, origin: str) -> int:
        """How many signatures the device has made with this key by now. Raises NotProven."""
        from webauthn import verify_authentication_response

        challenge = self._challenge_of(credential, "")
        said = credential.response.userHandle
        if said is not None and said.rstrip("=") != handle:
            raise NotProven("the passkey is another account's")
        try:
            return verify_authentication_response(
                credential=credential.model_dump(exclude_none=True),
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=origin,
                credential_public_key=_bytes(key.public_key),
                credential_current_sign_count=key.count,
                require_user_verification=True,
            ).new_sign_count
        except Exception as error:  # as above
            raise NotProven(f"{type(error).__name__}: {error}") from error

    def _new_challenge(self, account: str) -> bytes:
        return _bytes(self._challenges.put(_Challenge(account)))

    def _challenge_of(self, credential: Credential, account: str) -> bytes:
        """The challenge that was answered, which is over now. Raises NotProven when it is not one of ours, or another's."""
        try:
            said = json.loads(_bytes(credential.response.clientDataJSON))["challenge"]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise NotProven("clientDataJSON can't be read") from error
        kept = self._challenges.take(said) if isinstance(said, str) else None
        if kept is None or kept.account != account:
            raise NotProven("the challenge is not one of ours, or it is over")
        return _bytes(said)


def _as_json(options: Any) -> dict[str, Any]:
    from webauthn import options_to_json

    made: dict[str, Any] = json.loads(options_to_json(options))
    return made


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise NotProven("no base64url") from error


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
