"""The menus for the page: what is in force, a change tried by typing, and taken as a version of the configuration like any other."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from acd.config import BadConfiguration, Config
from acd.config.lookups import known_lookups
from acd.daemon.configuration.config_reload import Change, ConfigReloader
from acd.errors import SanxiangError
from acd.setup.brand_prompts import MenuInUse, emergency_queues, heard_texts, known_prompts, menus_in_use, own_stories
from acd.speech.settings import labels_of
from acd.words.menus import drawing_words
from ivr.hotline import hotline
from ivr.menu import Menus
from ivr.menu_file import MenuError, read_menus
from ivr.menus.inspect import WORDS, as_mermaid, as_text, findings, goal, missing_prompts
from ivr.menus.source import HEAD, joined, parts_of
from ivr.menus.toml_text import ENCODING
from ivr.menus.tryout import try_out
from ivr.prompts import languages
from ivr.settings import Straight
from ivr.speech.inspect import speech_findings
from ivr.step import Call, GoToQueue, LookUp, TurnAway


class NoOwnMenu(SanxiangError):
    """Callers hear the packaged menu, which is no file of yours. Copy {packaged}, name your copy in hotline.menu (or brands.NAME.menu),
    then reload."""


class MenuDesk:
    """The menus in force and their changes. What can't be is a SanxiangError."""

    def __init__(self, live: ConfigReloader) -> None:
        self._live = live

    def told(self, brand: str, language: Literal["zh", "en"] = "en") -> dict[str, Any]:
        """The menus that callers of this brand ("": of none) hear: files with their texts, the tree, each key. Raises KeyError for a
        brand that hears none of its own."""
        config, used = self._used(brand)
        text = self._text(used)
        menus = self._read(config, used, text)
        words = drawing_words(language, WORDS)
        return {
            "brand": brand,
            "file": str(self._file(brand) or used.file),
            "own": self._file(brand) is not None,
            "files": parts_of(text) or {(self._file(brand) or used.file).name: text},
            "tree": as_text(menus, words, emergency=brand in emergency_queues(config)),
            "mermaid": as_mermaid(menus),
            "warnings": list(self._warnings(config, used, menus)),
            "menus": [
                {
                    "name": name,
                    "play": " ".join(menu.prompts_all()),
                    "keys": [
                        {"key": key, "goal": goal(target, words), "why": target.note}
                        for key, targets in menu.keys.items() for target in targets
                    ],
                    "failure": goal(menu.failure, words),
                }
                for name, menu in menus.menus.items()
            ],
        }  # fmt: skip

    async def tried(
        self, brand: str, files: Mapping[str, str], language: str, keys: str, begin: str, customer_class: str
    ) -> dict[str, Any]:
        """A call that is typed: mistakes of the files, what is heard, where it ends. `files`: changed ones; empty: as in force."""
        return await asyncio.to_thread(self._tried, brand, files, language, keys, begin, customer_class)

    async def publish(self, brand: str, files: Mapping[str, str], by: str) -> Change:
        """Takes these files in the place of those in force, as a version of its own, and writes them. Raises NoOwnMenu,
        BadConfiguration, and what `ConfigReloader.take_menus` raises."""
        path = self._file(brand)
        _, used = self._used(brand)
        if path is None:
            raise NoOwnMenu(packaged=used.file)
        return await self._live.take_menus(brand, path, self._changed(used, path, files), by)

    # --- inside ---

    def _used(self, brand: str) -> tuple[Config, MenuInUse]:
        config = self._live.versions.with_menu(self._live.config, self._live.version.number)
        return config, {used.brand: used for used in menus_in_use(config)}[brand]

    def _file(self, brand: str) -> Path | None:
        """The operator's file or folder, as the configuration names it; None: callers hear the hotline's, or the packaged one."""
        config = self._live.config
        return config.brands[brand].menu if brand else config.hotline.menu

    def _text(self, used: MenuInUse) -> str:
        return used.file.read_text(encoding=ENCODING)

    def _changed(self, used: MenuInUse, path: Path, files: Mapping[str, str]) -> str:
        """The text of the menus with these files in the place of theirs. Raises BadConfiguration."""
        parts = parts_of(self._text(used))
        if parts is None:
            if set(files) - {path.name}:
                raise BadConfiguration(path, [f"the menus are one file, {path.name}. Send that one."])
            return files.get(path.name, self._text(used))
        if strange := [name for name in files if "/" in name or not name.endswith(".toml") or name.startswith(".")]:
            raise BadConfiguration(
                path, [f"{', '.join(strange)}: no name of a menu's file. Write it as after-sales.toml."]
            )
        merged = {name: text for name, text in {**parts, **files}.items() if text.strip() or name == HEAD}
        return joined(merged)

    def _read(self, config: Config, used: MenuInUse, text: str, file: Path | None = None) -> Menus:
        known = known_prompts(config, used.brand)
        every = frozenset.intersection(*(frozenset(names) for names in known.values()))
        return read_menus(file or used.file, list(config.queues), every, text, own_stories(config))

    def _warnings(self, config: Config, used: MenuInUse, menus: Menus) -> Iterator[str]:
        part = config.brands[used.brand] if used.brand else config.hotline
        also = [table.menu for table in part.number_tables.values() if table.menu is not None]
        yield from findings(menus, also, config.classes, known_lookups(config.lookups))
        yield from missing_prompts(menus, known_prompts(config, used.brand))
        yield from speech_findings(menus, labels_of(config))

    def _tried(
        self, brand: str, files: Mapping[str, str], language: str, keys: str, begin: str, customer_class: str
    ) -> dict[str, Any]:
        config, used = self._used(brand)
        path = self._file(brand) or used.file
        try:
            text = self._changed(used, path, files) if files else self._text(used)
            menus = self._read(config, used, text, path)
        except MenuError as error:
            return {"faults": error.faults, "heard": [], "goal": "", "trail": ""}
        except BadConfiguration as error:
            return {"faults": error.mistakes, "heard": [], "goal": "", "trail": ""}
        heard: list[str] = []
        pressed = iter(keys)

        def ask(question: str) -> str:
            key = next(pressed, None)
            if key is None:
                raise EOFError
            heard.append(f"> {key.strip()}")
            return key.strip()

        def answers(step: LookUp) -> dict[str, Any] | None:
            customer = {"class": customer_class} if customer_class else None
            known = {"customer": customer, "lookups": list(config.lookups)}
            return known if step.what == "caller" else {"open": True, "staffed": 1} if step.what == "queue" else None

        texts = heard_texts(config, brand)
        story = hotline(
            Call("try", "try"), menus, {"try": language}, tuple(languages()),
            straight=Straight(menu=begin), emergency=emergency_queues(config).get(brand, ""),
            labels=labels_of(config),
        )  # fmt: skip
        ending, variables = try_out(story, texts, answers, heard.append, ask)
        match ending:
            case None:
                reached = ""
            case GoToQueue(queue):
                reached = f"queue {queue}"
            case TurnAway(reason):
                reached = f"let go: {reason}"
            case _:
                reached = "goodbye"
        return {"faults": [], "heard": heard, "goal": reached, "trail": variables.get("MENU_TRAIL", "")}
