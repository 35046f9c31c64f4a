"""What was decided at a start, and what Asterisk's files are made of: the same for the supervisor and the daemon."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from acd.config import Config
from acd.errors import SanxiangError
from acd.pbx.conf.settings import PbxAgent, PbxGuest, PbxQueue, PbxSettings, PbxTrunk, Secrets
from acd.setup.installation import Installation, write_private


class SecretUnreadable(SanxiangError):
    """{place}: {file} can't be read: {why}. Put the password into it and let only the user of Sanxiang read it."""


@dataclass(frozen=True)
class Prepared:
    """What was decided at this start; JSON in `run/prepared.json` (0600: the database's address may hold a password)."""

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

    @property
    def web_url(self) -> str:
        host = f"[{self.web_host}]" if ":" in self.web_host else self.web_host
        return f"http://{host}:{self.web_port}"

    def keep(self, installation: Installation) -> None:
        write_private(installation.run / "prepared.json", json.dumps(asdict(self), indent=1))

    @classmethod
    def of(cls, installation: Installation) -> "Prepared":
        return cls(**json.loads((installation.run / "prepared.json").read_text()))


def pbx_settings(installation: Installation, config: Config, prepared: Prepared, secrets: Secrets) -> PbxSettings:
    """What Asterisk's files and the link to it are made of; the same for supervisor and daemon."""
    kept = installation.with_secrets_for(list(config.agents))
    return PbxSettings(
        run_folder=installation.run / "asterisk",
        moddir=Path(prepared.moddir),
        datadir=Path(prepared.datadir),
        sounds_folder=Path(prepared.sounds),
        moh_folder=Path(prepared.sounds) / "music",
        recordings_folder=Path(prepared.recordings),
        agi_folder=installation.run / "agi",
        secrets=secrets,
        sip_port=prepared.sip_port,
        ami_port=prepared.ami_port,
        agi_port=prepared.agi_port,
        rtp_start=prepared.rtp_start,
        rtp_end=prepared.rtp_end,
        bind=prepared.bind,
        trunks=tuple(
            PbxTrunk(
                name,
                tuple(trunk.addresses),
                trunk.host,
                trunk.username,
                secret_of(f"trunks.{name}.password_file", trunk.password_file),
                trunk.outbound,
            )
            for name, trunk in config.trunks.items()
        ),
        guests=tuple(PbxGuest(name, password) for name, password in prepared.guests.items()),
        agents=tuple(
            PbxAgent(agent, kept["agents"][agent]["password"], profile.name) for agent, profile in config.agents.items()
        ),
        queues=tuple(PbxQueue(name, int(queue.wrap_up_s)) for name, queue in config.queues.items()),
        numbers=dict(config.hotline.numbers),
        calls_per_number=config.hotline.calls_per_number,
        never_dial=tuple(config.routing.never_dial),
        # Those with a plus are for the page: no telephone keys one.
        extensions=(*config.transfers.extensions, *(n for n in config.transfers.numbers if not n.startswith("+"))),
        record_consults=config.transfers.consult_recording == "leg",
        transfer_reasons={key: reason.en for key, reason in config.transfers.reasons.items()},
        not_ready_reasons={key: reason.en for key, reason in config.not_ready_reasons.items()},
    )


def secret_of(place: str, file: Path | None) -> str:
    """What the file holds; empty when none is named. Raises SecretUnreadable."""
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SecretUnreadable(place=place, file=file, why=error.strerror) from None
