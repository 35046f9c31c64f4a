"""What one start has decided: ports, paths, the database. The supervisor writes it, the daemon reads it."""

import json
from dataclasses import asdict, dataclass

from acd.files import write_private
from acd.setup.installation import Installation

_FILE = "prepared.json"


@dataclass(frozen=True)
class StartPlan:
    """What was decided at this start; JSON in `run/prepared.json` (0600: the database's address may hold a password).

    A drain puts a daemon of a newer version beside the running one, and it reads the file that the older version wrote.
    So no field is renamed or taken away, and a new one has a default.
    """

    config_file: str
    database_url: str
    asterisk: list[str]
    moddir: str
    datadir: str
    sounds: str
    page: str
    bind: str
    sip_port: int
    ami_port: int
    agi_port: int
    rtp_start: int
    rtp_end: int
    web_host: str
    web_port: int
    recordings: str
    guests: dict[str, str]
    """Name to password of softphones that may dial the hotline: the demo's."""
    bind_also: str = ""
    tls_port: int = 0
    copies_port: int = 0
    external_address: str = ""
    """As configured; the address that it last had, where it is a name that could not be resolved at this start."""

    @property
    def web_url(self) -> str:
        host = f"[{self.web_host}]" if ":" in self.web_host else self.web_host
        return f"http://{host}:{self.web_port}"

    def keep(self, installation: Installation) -> None:
        """Writes the file. Raises OSError."""
        write_private(installation.run / _FILE, json.dumps(asdict(self), indent=1))

    @classmethod
    def of(cls, installation: Installation) -> "StartPlan":
        """The plan of the last start. Raises FileNotFoundError before the first."""
        return cls(**json.loads((installation.run / _FILE).read_text()))
