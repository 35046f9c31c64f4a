"""What Asterisk's files and the link to it are made of: the same for the supervisor and the daemon."""

from dataclasses import replace
from pathlib import Path

from acd.config import Config
from acd.config.arrival_checks import own_number
from acd.config.brands import brand_of_queue
from acd.config.database import read
from acd.config.schema import Trunk
from acd.config.sip import Media
from acd.errors import SanxiangError
from acd.pbx.conf import trunks
from acd.pbx.conf.settings import (
    Arrivals,
    Outwards,
    PbxAgent,
    PbxBrand,
    PbxGuest,
    PbxMedia,
    PbxQueue,
    PbxSettings,
    PbxTls,
    PbxTrunk,
    Secrets,
)
from acd.setup.brand_prompts import sounds_of
from acd.setup.installation import Installation
from acd.setup.start_plan import StartPlan
from acd.setup.trunk_names import TrunkNames


class SecretUnreadable(SanxiangError):
    """{place}: {file} can't be read: {why}. Put the password into it and let only the user of Sanxiang read it."""


class SecretEmpty(SecretUnreadable):
    """{place}: {file} is empty. Put the password into it, alone on one line."""


class SecretUnfit(SecretUnreadable):
    """{place}: {file} {what}. Put the password into it, alone on one line: at most 128 printable characters, in UTF-8."""


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
        bind_also=plan.bind_also,
        external_address=plan.external_address,
        local_networks=tuple(config.sip.local_networks),
        copies_port=plan.copies_port,
        tls=tls_of(config, plan.tls_port),
        agents_media=_media(config.sip.agents),
        log_pipes=plan.log_pipes,
        control_mode="0660" if plan.users else "0600",
        trunks=trunks_of(config, TrunkNames(installation.trunk_names)),
        guests=tuple(PbxGuest(name, password) for name, password in plan.guests.items()),
        agents=tuple(
            PbxAgent(agent, kept["agents"][agent]["password"], profile.name, profile.outside or "")
            for agent, profile in config.agents.items()
        ),
        queues=tuple(PbxQueue(name, int(config.queues[name].wrap_up_s)) for name in _queues(config)),
        numbers=dict(config.numbers),
        brands=tuple(
            PbxBrand(
                name,
                tuple(brand.numbers),
                sounds_of(Path(plan.sounds), name),
                next(iter(brand.queues), "") or _queues(config)[0],
                dict(brand.caller_number),
            )
            for name, brand in config.brands.items()
        ),
        numbering=config.numbering,
        calls_per_number=config.hotline.calls_per_number,
        calls_out=config.calls_out_rules(),
        ask_key=config.calls_out.ask_key,
        calls=config.limits.calls,
        menus=config.limits.menus,
        ask_key_from=config.limits.ask_key_from,
        surveys=config.survey.any_on,
        identify_first=config.sip.identify_first,
        turned_away=tuple(number for number, known in config.nuisance.items() if known.do == "turn-away"),
        # Those with a plus are for the page: no telephone keys one.
        extensions=(*config.transfers.extensions, *(n for n in config.transfers.numbers if not n.startswith("+"))),
        record_consults=config.transfers.consult_recording == "leg",
        transfer_reasons={key: reason.en for key, reason in config.transfers.reasons.items()},
        not_ready_reasons={key: reason.en for key, reason in config.not_ready_reasons.items()},
        queue_extensions={
            extension: leads.target.removeprefix("queue:")
            for extension, leads in config.transfers.extensions.items()
            if leads.target.startswith("queue:")
        },
    )


def _queues(config: Config) -> list[str]:
    """The queues in the order of the file, those of no brand first: the first takes callers whom no story has led to one."""
    return sorted(config.queues, key=lambda queue: bool(brand_of_queue(config.brands, queue)))


def tls_of(config: Config, port: int = 0) -> PbxTls | None:
    """The TLS of this configuration; `port`: what the start has chosen. None where there is none."""
    if (tls := config.sip.tls) is None:
        return None
    return PbxTls(port or tls.port, tls.certificate, tls.key, tls.check_carriers, tls.carriers_ca)


def _media(media: Media) -> PbxMedia:
    return PbxMedia(
        media.media_encryption,
        media.keys,
        tuple(media.codecs),
        media.no_sound_s,
        media.no_sound_on_hold_s,
        media.session_timers,
    )


def _arrivals(config: Config, trunk: Trunk) -> Arrivals:
    return Arrivals(
        caller_from=tuple(trunk.caller_from),
        did_from=tuple(trunk.did_from),
        accounts=tuple(trunk.accounts),
        default_number=(own_number(config, trunk.default_number) or "") if trunk.default_number else "",
        verdict=trunk.verdict,
        answer_pause_ms=trunk.answer_pause_ms,
        calls=trunk.calls or 0,
        calls_without_number=trunk.calls_without_number,
        when_full=trunk.when_full,
    )


def trunks_of(config: Config, names: TrunkNames) -> tuple[PbxTrunk, ...]:
    """The trunks with their passwords, and with the last good addresses of their names. Raises SecretUnreadable."""
    return tuple(_trunk(config, name, trunk, names) for name, trunk in config.trunks.items())


def _trunk(config: Config, name: str, trunk: Trunk, names: TrunkNames) -> PbxTrunk:
    made = PbxTrunk(
        name,
        tuple(trunk.addresses),
        trunk.host,
        trunk.username,
        trunk_password(name, trunk),
        trunk.outbound,
        transport=trunk.transport,
        media=_media(trunk),
        arrivals=_arrivals(config, trunk),
        outwards=Outwards(
            auth_user=trunk.auth_user,
            realm=trunk.realm,
            expires=trunk.expires,
            outbound_proxy=trunk.outbound_proxy,
            from_user=trunk.from_user,
            from_domain=trunk.from_domain,
            number_in=trunk.number_in,
            caller_number=trunk.caller_number or "",
            dial_as=trunk.dial_as,
            qualify_s=trunk.watched_s,
        ),
    )
    return replace(made, resolved=names.addresses(made.names))


def trunk_password(name: str, trunk: Trunk) -> str:
    """The password that the carrier gave, whatever it is made of; empty where the trunk needs none. Raises SecretUnreadable,
    SecretEmpty, SecretUnfit."""
    place, file = f"trunks.{name}.password_file", trunk.password_file
    if file is None:
        return ""
    password = secret_of(place, file)
    if not password:
        raise SecretEmpty(place=place, file=file)
    if "\n" in password:
        raise SecretUnfit(place=place, file=file, what=f"has {len(password.splitlines())} lines")
    if not trunks.SECRET.fullmatch(password):
        what = "holds more than 128 characters" if len(password) > 128 else "holds a control character"
        raise SecretUnfit(place=place, file=file, what=what)
    return password


def secret_of(place: str, file: Path | None) -> str:
    """What the file holds; empty when none is named. Raises SecretUnreadable."""
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SecretUnreadable(place=place, file=file, why=error.strerror) from None
    except UnicodeDecodeError:
        raise SecretUnreadable(place=place, file=file, why="it is not UTF-8") from None


def open_secrets(config: Config) -> list[str]:
    """A warning for each file with a secret that others than its owner's group may read, or anybody may write."""
    url, webhook, mail = config.database.url, config.alarms.webhook, config.alarms.mail
    files = {
        "database.password_file": config.database.password_file,
        "database.url, sslkey": dict(read(url).files).get("sslkey") if url else None,
        "alarms.webhook.secret_file": webhook.secret_file if webhook else None,
        "alarms.mail.password_file": mail.password_file if mail else None,
        "sip.tls.key": config.sip.tls.key if config.sip.tls else None,
        "customers.http.token_file": config.customers.http.token_file if config.customers.http else None,
        "customers.view.url_file": config.customers.view.url_file if config.customers.view else None,
        **{f"trunks.{name}.password_file": trunk.password_file for name, trunk in config.trunks.items()},
    }
    return [
        f"{place}: {file} may be read by every user of this machine (mode {mode:o}). `chmod o-rwx {file}` closes it."
        for place, file in files.items()
        if file is not None and (mode := _mode(file)) & 0o007
    ]


def _mode(file: Path) -> int:
    """Its rights; 0 where it can't be looked at, which is told elsewhere."""
    try:
        return file.stat().st_mode & 0o777
    except OSError:
        return 0
