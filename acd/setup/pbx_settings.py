"""What Asterisk's files and the link to it are made of: the same for the supervisor and the daemon."""

from pathlib import Path

from acd.config import Config
from acd.errors import SanxiangError
from acd.pbx.conf.settings import PbxAgent, PbxGuest, PbxQueue, PbxSettings, PbxTrunk, Secrets
from acd.setup.installation import Installation
from acd.setup.start_plan import StartPlan


class SecretUnreadable(SanxiangError):
    """{place}: {file} can't be read: {why}. Put the password into it and let only the user of Sanxiang read it."""


def pbx_settings(installation: Installation, config: Config, plan: StartPlan, secrets: Secrets) -> PbxSettings:
    """The settings for this configuration and start. Raises SecretUnreadable; makes the secrets of agents who have none."""
    kept = installation.with_secrets_for(list(config.agents))
    return PbxSettings(
        run_folder=installation.run / "asterisk",
        moddir=Path(plan.moddir),
        datadir=Path(plan.datadir),
        sounds_folder=Path(plan.sounds),
        moh_folder=Path(plan.sounds) / "music",
        recordings_folder=Path(plan.recordings),
        agi_folder=installation.run / "agi",
        secrets=secrets,
        sip_port=plan.sip_port,
        ami_port=plan.ami_port,
        agi_port=plan.agi_port,
        rtp_start=plan.rtp_start,
        rtp_end=plan.rtp_end,
        bind=plan.bind,
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
        guests=tuple(PbxGuest(name, password) for name, password in plan.guests.items()),
        agents=tuple(
            PbxAgent(agent, kept["agents"][agent]["password"], profile.name, profile.outside or "")
            for agent, profile in config.agents.items()
        ),
        queues=tuple(PbxQueue(name, int(queue.wrap_up_s)) for name, queue in config.queues.items()),
        numbers=dict(config.hotline.numbers),
        numbering=config.numbering,
        calls_per_number=config.hotline.calls_per_number,
        calls_out=config.calls_out_rules(),
        ask_key=config.calls_out.ask_key,
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
