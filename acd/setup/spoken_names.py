"""What is spoken from the configuration: names of queues, agents and reasons, in every language of the hotline.

`whisper-<queue>`   to an agent on pick-up; the packaged queues have shorter words in ivr/prompts/*.toml
`reason-<name>`     to an agent who takes over: why, as `reason-technical-support`
`agent-<id>`        to a caller who is handed over: "technical support, Li, staff number 1 0 0 2"
`queue-<queue>`     the same where the caller goes to a queue
`house-address`     to a caller who asks where the house is (hotline.address)

A file of the operator's own (`<prompts>/<language>/<name>.wav`) wins over each.
"""

from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile

from acd.cache import cache_folder
from acd.config import Config
from acd.config.queues import Agent
from acd.engine.model import has_skills
from ivr.prompts import Texts, languages, read_texts
from ivr.voice import Speaker, VoiceError, put, read_wav, spoken, write_wav

Parts = tuple[str, ...]
"""Texts that are spoken each by itself and set one behind the other: an agent's name costs no second voice for the rest."""
_STAFF_NUMBER = {"zh": ("工号", "为您服务。"), "en": ("staff number", "")}


def texts_of(config: Config, language: str) -> dict[str, Parts]:
    """Prompt to what it says, for all that this configuration names."""
    zh = language == "zh"
    packaged = read_texts(language).prompts
    labels = {name: queue.label.zh if zh else queue.label.en for name, queue in config.queues.items()}
    named = {reason_prompt(name): (why.zh if zh else why.en,) for name, why in config.transfers.named().items()}
    address = config.hotline.address.zh if zh else config.hotline.address.en
    return {
        **({"house-address": (address,)} if address else {}),
        **{f"whisper-{name}": (label,) for name, label in labels.items() if f"whisper-{name}" not in packaged},
        **{f"queue-{name}": (label,) for name, label in labels.items()},
        **named,
        **{f"agent-{agent}": tuple(_introduced(config, agent, profile, labels, zh)) for agent, profile in config.agents.items()},
    }  # fmt: skip


def reason_prompt(name: str) -> str:
    """The prompt that says a reason."""
    return f"reason-{name.replace(' ', '-')}"


def _introduced(config: Config, agent: str, profile: Agent, labels: Mapping[str, str], chinese: bool) -> Iterator[str]:
    """The agent's queue, name, and number digit by digit."""
    able = (name for name, queue in config.queues.items() if has_skills(profile.skills, queue.skills.items()))
    if (queue := next((name for name in (*profile.queues, *able) if name in labels), "")) and labels[queue]:
        yield labels[queue]
    # A name such as "Agent 1002" would say the number twice.
    name = profile.name.replace(agent, "").strip()
    if name and (chinese or name.isascii()):
        yield name
    before, behind = _STAFF_NUMBER["zh" if chinese else "en"]
    yield before
    yield from (f"number-{digit}" for digit in agent)
    if behind:
        yield behind


def speak_labels(espeak: Speaker | list[str], config: Config, sounds: Path, was: Config | None = None) -> list[str]:
    """Puts `<sounds>/<language>/<name>.wav` for each of them; `was`: only those that sounded otherwise then.

    A sentence for each that could not be spoken: whoever should hear it hears a word less, and nothing else happens.
    """
    faults = []
    own = config.hotline.prompts
    cache = prompt_cache(sounds)
    for language in languages():
        voice = Voice(espeak, language, own / language if own else None, cache)
        before = texts_of(was, language) if was is not None else {}
        for name, parts in texts_of(config, language).items():
            if before.get(name) == parts or (own is not None and (own / language / f"{name}.wav").exists()):
                continue
            try:
                voice.put(name, parts, sounds / language / f"{name}.wav")
            except VoiceError as fault:
                faults.append(str(fault))
    return faults


def as_spoken(was: Config, config: Config) -> bool:
    """Whether nothing that is spoken of the one differs in the other."""
    return all(texts_of(was, language) == texts_of(config, language) for language in languages())


class Voice:
    """Speaks in one language. What was spoken once is kept, so that a thousand agents need no thousand digits."""

    def __init__(self, espeak: Speaker | list[str], language: str, own: Path | None, cache: Path) -> None:
        self._espeak, self._own, self._cache = espeak, own, cache
        self._texts: Texts = read_texts(language)
        self._heard: dict[tuple[str, str], array[int]] = {}

    def put(self, name: str, parts: Parts, goal: Path) -> None:
        """Raises VoiceError."""
        if len(parts) == 1:
            put(self._file(name, parts[0]), goal)
            return
        whole: array[int] = array("h")
        for part in parts:
            whole += self._samples(name, part)
        if not goal.exists() or read_wav(goal)[1] != whole:
            write_wav(whole, goal)

    def _samples(self, name: str, part: str) -> "array[int]":
        # Its length of silence goes with the kind of prompt.
        kind = (name.partition("-")[0], part)
        if kind not in self._heard:
            self._heard[kind] = read_wav(self._file(name, part))[1]
        return self._heard[kind]

    def _file(self, name: str, part: str) -> Path:
        """A number's prompt by its name, the operator's own where there is one; else the text itself."""
        if part in self._texts.numbers:
            own = self._own / f"{part}.wav" if self._own else None
            if own is not None and own.exists():
                return own
            name, part = part, self._texts.numbers[part]
        return spoken(self._espeak, self._texts, name, part, self._cache)


def prompt_cache(sounds: Path) -> Path:
    """The folder that all checkouts share; where it can't be written, as in a container, one beside `sounds`."""
    shared = cache_folder() / "prompts"
    try:
        shared.mkdir(exist_ok=True)
        with TemporaryFile(dir=shared):
            return shared
    except OSError:
        own = sounds.parent / "spoken-names"
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        return own
