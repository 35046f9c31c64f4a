"""[web]: where the page is served, and which proxies and log-ins are believed."""

import ipaddress
import re
from typing import Annotated

from pydantic import Field, field_validator

from acd.config.sign_in import Oidc, SecondFactor
from acd.config.types import Part, Port


class Web(Part):
    host: str = "127.0.0.1"
    port: Port = 8080
    behind_tls: bool = False
    """A proxy in front speaks https: cookies are marked Secure, and it tells the client's address."""
    trusted_proxies: Annotated[list[str], Field(max_length=100)] = Field(default=["127.0.0.0/8", "::1/128"])
    """Addresses and networks of proxies whose X-Forwarded-For and X-Forwarded-Host are believed, where behind_tls is true."""
    public_url: Annotated[str, Field(max_length=300)] = ""
    """The page's address as browsers see it: where the proxy does not pass the Host on, for passkeys, and for `oidc`."""
    second_factor: SecondFactor = SecondFactor()
    oidc: Oidc | None = None

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, proxies: list[str]) -> list[str]:
        for proxy in proxies:
            try:
                wide = ipaddress.ip_network(proxy, strict=False).prefixlen == 0
            except ValueError:
                raise ValueError(
                    f"{proxy!r} is neither an address nor a network. Write it as 172.18.0.0/16 or 10.0.0.4"
                ) from None
            if wide:
                raise ValueError(
                    f"{proxy!r} is the whole world, and everybody could name any address. Write the proxies' own"
                )
        return proxies

    @field_validator("public_url")
    @classmethod
    def _address(cls, url: str) -> str:
        url = url.rstrip("/")
        if url and not re.fullmatch(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?", url):
            raise ValueError(
                f"{url!r} is no address of a page. Write it without a path, as https://hotline.example.com"
            )
        return url
