"""How we register at a carrier and send calls to it: the keys of a trunk about the way out.

Every carrier knows customers in its own way: some by the address, some by an account that registers, and the IMS of the Chinese
carriers by an account with a domain, reached through a border controller (`outbound_proxy`). docs/trunks/ has a page for each kind.
"""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from acd.config.network import Host, host, split_port
from acd.config.types import QUOTABLE, SIP_USER, URI_USER, FilePath, Number, Part
from acd.telephone_numbers import DialAs

QUALIFY_S = 30
"""Between two OPTIONS to a way out, where nothing else is configured."""
NumberIn = Literal["from", "pai", "ppi", "rpid"]
"""The header that holds the number which the called person sees: From, P-Asserted-Identity, P-Preferred-Identity,
Remote-Party-ID."""


class TrunkOut(Part):
    """Registration and calls out."""

    host: Host = ""
    """Where we register: a host, or host:port; with an outbound proxy the carrier's domain."""
    username: Annotated[str, Field(pattern=SIP_USER)] = ""
    """The account, as 4006009500 or +8675512345678@ims.example.com."""
    password_file: FilePath | None = None
    auth_user: Annotated[str, Field(pattern=QUOTABLE)] = ""
    """The name with which we answer for the password; else `username`."""
    realm: Annotated[str, Field(pattern=QUOTABLE)] = ""
    """The only realm in which the password is used; else whatever the carrier names."""
    expires: Annotated[int, Field(ge=60, le=86400)] = 3600
    """For how many seconds we ask to be registered; the carrier may grant less."""
    outbound_proxy: Host = ""
    """Through this host every request goes, whatever its address says."""
    outbound: Host = ""
    """Where outgoing calls go: callbacks, and callers who are sent to another number. Else `host`, else the first of
    `addresses` that is no network. Trunks are tried in their order in the file."""
    from_user: Annotated[str, Field(pattern=URI_USER)] = ""
    """The user in From on calls out. Else the number that is shown, or the account where `number_in` is another header."""
    from_domain: Host = ""
    """The domain in From on calls out. Else that of `username`, else `host`; where we do not register our own address."""
    number_in: NumberIn = "from"
    """Where the number stands that the called person sees."""
    caller_number: Number | None = None
    """The number that the called person sees, as the carrier wants it written; else the one of ours that was dialled."""
    dial_as: DialAs = "national"
    """How the called number is written: as people in `hotline.country` dial it (a number abroad with its plus), "e164" with plus and
    country code, "digits" the same without the plus, "00" with 00 in its place."""
    qualify_s: Annotated[int, Field(ge=0, le=3600)] | None = None
    """So often the way out is asked by OPTIONS whether it answers; 0: never. Else each 30 s where we register or `outbound`
    stands."""

    @field_validator("username")
    @classmethod
    def _at_a_domain(cls, username: str) -> str:
        host(username.partition("@")[2])
        return username

    @property
    def watched_s(self) -> int:
        """Seconds between two OPTIONS to the way out; 0: none are sent."""
        if self.qualify_s is not None:
            return self.qualify_s
        return QUALIFY_S if self.host or self.outbound or self.outbound_proxy else 0

    @model_validator(mode="after")
    def _fits(self) -> "TrunkOut":
        if self.host and not (self.username and self.password_file):
            raise ValueError("a trunk that registers needs `username` and `password_file` beside `host`")
        if self.username and not self.password_file:
            raise ValueError("`username` needs `password_file` beside it: a file that holds the password alone")
        if self.password_file and not self.username:
            raise ValueError("`password_file` needs `username` beside it: the account that the password belongs to")
        for key in ("auth_user", "realm"):
            if getattr(self, key) and not self.username:
                raise ValueError(f"`{key}` needs `username` and `password_file` beside it")
        if self.outbound_proxy and not (self.host or self.outbound):
            raise ValueError(
                "`outbound_proxy` needs `host` beside it, the carrier's domain; where the proxy's address is all that "
                "the carrier has given, write it as `outbound`"
            )
        if self.number_in != "from" and not self.caller_number:
            raise ValueError(
                f'number_in = "{self.number_in}" needs `caller_number` beside it: the number that the carrier lets this account show'
            )
        if split_port(self.from_domain)[1] is not None:
            raise ValueError("from_domain has a port. Write the domain alone")
        return self
