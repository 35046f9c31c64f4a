"""What one start has decided: ports, paths, the database. The supervisor writes it, the daemon reads it."""

import json
from dataclasses import asdict, dataclass, fields

from acd.files import write_private
from acd.setup.installation import Installation

_FILE = "prepared.json"


@dataclass(frozen=True)
class StartPlan:
    """What was decided at this start; JSON in `run/prepared.json` (0600: the guests of a demo have passwords).

    A drain puts a daemon of a newer version beside the running one, and it reads the file that the older version wrote.
    So no field is renamed or taken away, and a new one has a default.
    """

    config_file: str
    database_url: str
    """Without a password where the configuration names the database; a demo's has one."""
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
    stories_port: int = 0
    """Where the story server asks the daemon, on 127.0.0.1; 0: at `web_port`, which is open there too."""

    log_pipes: bool = False
    """Whether the supervisor reads Asterisk's logs from pipes. Without one there would be no reader, and Asterisk would not start."""
    speech_port: int = 0
    """Of the process that recognises speech, on 127.0.0.1; 0: there is none."""
    users: str = ""
    """SANXIANG_USERS at the start (acd/setup/users.py); empty: all processes run as one user."""

    @property
    def listens(self) -> list[tuple[str, int]]:
        """Host and port of each place where the daemon listens: page and API, and the stories' own where those are elsewhere."""
        own = [("127.0.0.1", self.stories_port)] if self.stories_port else []
        return [(self.web_host, self.web_port), *own]

    @property
    def stories_url(self) -> str:
        """Where the story server asks the daemon: on this machine, whatever address the page has."""
        return f"http://127.0.0.1:{self.stories_port or self.web_port}"

    @property
    def web_url(self) -> str:
        host = f"[{self.web_host}]" if ":" in self.web_host else self.web_host
        return f"http://{host}:{self.web_port}"

    def keep(self, installation: Installation) -> None:
        """Writes the file. Raises OSError."""
        write_private(installation.run / _FILE, json.dumps(asdict(self), indent=1))

    @classmethod
    def of(cls, installation: Installation) -> "StartPlan":
        """The plan of the last start. Raises FileNotFoundError before the first. What a newer version has added to it is left out, so that a
        drain may also go back."""
        said = json.loads((installation.run / _FILE).read_text())
        return cls(**{field.name: said[field.name] for field in fields(cls) if field.name in said})
