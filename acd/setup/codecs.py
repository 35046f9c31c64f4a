"""Which codecs of the configuration the Asterisk that is used has no module for."""

from collections.abc import Iterator
from pathlib import Path

from acd.config import Config
from acd.pbx.conf.transports import CODEC_MODULES
from acd.pbx.install.runtime import operators_asterisk

NOT_FETCHED = frozenset({"g729"})
"""Codecs that the packages which a first start fetches do not have (docs/decisions/0024)."""


def codec_mistakes(config: Config) -> list[str]:
    """A sentence for each codec that the Asterisk which a start would use can't turn into sound. Nothing is fetched for it."""
    if not any(codec in CODEC_MODULES for media in _places(config).values() for codec in media):
        return []
    moddir = _moddir(config)
    lacking = list(without_module(config, moddir))
    if moddir is None:
        return [
            f"{place}: the Asterisk that is fetched can't turn {codec} into sound. Take it out, or name an Asterisk of your own that "
            f"has {module}: `asterisk` under [pbx]."
            for place, codec, module in lacking
        ]
    return [
        f"{place}: this Asterisk can't turn {codec} into sound. Take it out, or put {module} of its maker into {moddir}."
        for place, codec, module in lacking
    ]


def without_module(config: Config, moddir: Path | None) -> Iterator[tuple[str, str, str]]:
    """Key, codec and the file that is missing. `moddir`: where Asterisk's modules lie; None: those of the fetched packages."""
    for place, codecs in _places(config).items():
        for codec in codecs:
            names = CODEC_MODULES.get(codec, ())
            there = codec not in NOT_FETCHED if moddir is None else any((moddir / name).exists() for name in names)
            if names and not there:
                yield f"{place}.codecs", codec, names[0]


def _places(config: Config) -> dict[str, list[str]]:
    found = {"sip.agents": config.sip.agents, **{f"trunks.{name}": trunk for name, trunk in config.trunks.items()}}
    return {place: [str(codec) for codec in media.codecs] for place, media in found.items()}


def _moddir(config: Config) -> Path | None:
    """Of the operator's Asterisk, where a start would take it; None: a start fetches one, or has."""
    verdict = operators_asterisk(str(config.pbx.asterisk or ""))
    return verdict.moddir if verdict is not None and verdict.taken else None
