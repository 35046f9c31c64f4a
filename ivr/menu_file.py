"""Reads a menu file (TOML) and says all that is wrong with it at once: file, place, why, and the remedy."""

import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from ivr.menu import Menu, Menus, Target, When
from ivr.step import ALL_KEYS, Skills

ENDS = ("goodbye", "repeat", "back")
THEN = ("wait", "goodbye", "ask")


class MenuError(Exception):
    """The menu file cannot be used; the message holds a sentence for each fault."""

    def __init__(self, faults: list[str]):
        super().__init__("\n".join(faults))
        self.faults = faults


def read_menus(
    path: Path,
    queues: Collection[str] | None = None,
    prompts: Collection[str] | None = None,
    text: str | None = None,
) -> Menus:
    """The menus of the file, or MenuError. `queues` and `prompts`: the names that exist, where they are known. `text`: of
    the file, where it has been read already."""
    try:
        text = path.read_text(encoding="utf-8") if text is None else text
    except (OSError, UnicodeDecodeError) as error:
        raise MenuError([f"{path}: cannot be read ({error}). It must be a text file in UTF-8."]) from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MenuError([f"{path}: is not TOML: {error}. Mend that place; a name may stand only once."]) from None
    return Reader(str(path), data, queues, prompts).menus()


class Reader:
    """One reading of one file. Faults are collected, and raised together at the end."""

    def __init__(
        self, file: str, data: dict[str, Any], queues: Collection[str] | None, prompts: Collection[str] | None
    ):
        self.file, self.data, self.queues, self.prompts = file, data, queues, prompts
        self.faults: list[str] = []

    def fault(self, place: str, sentence: str) -> None:
        """Notes a mistake with its place in the file."""
        self.faults.append(f"{self.file}: {place}: {sentence}")

    def menus(self) -> Menus:
        known = {"start", "notice", "welcome", "languages", "closed", "unstaffed", "menus"}
        self.only(self.data, "the top level", known)
        names = self.table(self.data, "menus", "the top level")
        menus = {name: self.menu(name, self.table(names, name, "menus")) for name in names}
        start = self.data.get("start")
        if start not in menus:
            self.fault("start", f"names the menu {start!r}, which is not there. Menus: {listed(menus)}.")
        languages, language_prompts = self.languages()
        result = Menus(
            start=str(start),
            notice=self.prompt_list(self.data, "notice", "the top level"),
            welcome=self.prompt_list(self.data, "welcome", "the top level", needed=False),
            menus=menus,
            languages=languages,
            language_prompts=language_prompts,
            closed=self.when("closed"),
            unstaffed=self.when("unstaffed"),
        )
        self.loops(menus)
        if self.faults:
            raise MenuError(self.faults)
        return result

    def menu(self, name: str, table: dict[str, Any]) -> Menu:
        place = f"menus.{name}"
        self.only(table, place, {"play", "keys", "failure", "tries", "wait_s", "invalid", "timeout"})
        keys: dict[str, Target] = {}
        entries = table.get("keys", [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self.fault(f"{place}.keys", 'must be a list as [{ key = "1", queue = "orders" }].')
            entries = []
        if not entries:
            self.fault(f"{place}.keys", "a menu needs at least one key.")
        for number, entry in enumerate(entries, 1):
            where = f"{place}.keys[{number}]"
            key = entry.get("key")
            if not isinstance(key, str) or len(key) != 1 or key not in ALL_KEYS:
                self.fault(where, f'key = {key!r} is no key of a telephone. One of "0" to "9", "*", "#".')
                key = f"?{number}"
            target = self.target(entry, where, {"key", "why"})
            if key in keys:
                self.fault(where, f"the key {key} is already taken in this menu. Each key may stand once.")
            keys.setdefault(key, target)
        failure = self.target(self.table(table, "failure", place), f"{place}.failure", {"why"})
        if failure.end in ("repeat", "back"):
            self.fault(f"{place}.failure", "must lead on (menu, queue or goodbye), or a silent caller goes in circles.")
        return Menu(
            name=name,
            play=self.prompt_list(table, "play", place),
            keys=keys,
            failure=failure,
            tries=int(self.number(table, "tries", place, 3, 1, 9)),
            wait_s=self.number(table, "wait_s", place, 5, 1, 60),
            invalid=self.prompt_list(table, "invalid", place, needed=False),
            timeout=self.prompt_list(table, "timeout", place, needed=False),
        )

    def target(self, table: dict[str, Any], place: str, also: set[str]) -> Target:
        self.only(table, place, {"menu", "queue", "end", "language", "say", "skills"} | also)
        chosen = [name for name in ("menu", "queue", "end") if name in table]
        if len(chosen) != 1:
            self.fault(
                place, f"names {listed(chosen) if chosen else 'nothing'}; needs exactly one of menu, queue, end."
            )
        menu, queue, end = (table.get(name, "") for name in ("menu", "queue", "end"))
        if menu and menu not in self.data.get("menus", {}):
            self.fault(place, f"leads to the menu {menu!r}, which is not there. Menus: {listed(self.data['menus'])}.")
        if queue and self.queues is not None and queue not in self.queues:
            self.fault(place, f"names the queue {queue!r}, which is not configured. Queues: {listed(self.queues)}.")
        if end and end not in ENDS:
            self.fault(place, f"end = {end!r} is not known. One of {listed(ENDS)}.")
            end = "goodbye"
        language = table.get("language", "")
        if language and language not in self.data.get("languages", {}):
            self.fault(place, f"language = {language!r} is not among the file's [languages].")
        return Target(
            menu=str(menu),
            queue=str(queue),
            end=end,
            language=str(language),
            say=self.prompt_list(table, "say", place, needed=False),
            skills=self.skills(table, place),
        )

    def languages(self) -> tuple[dict[str, Skills], dict[str, str]]:
        skills: dict[str, Skills] = {}
        prompts: dict[str, str] = {}
        languages = self.table(self.data, "languages", "the top level")
        for code in languages:
            place = f"languages.{code}"
            table = self.table(languages, code, "languages")
            self.only(table, place, {"choose", "skills"})
            prompts[code] = "".join(self.prompt_list(table, "choose", place)[:1])
            skills[code] = self.skills(table, place)
        if not skills:
            self.fault("languages", "needs at least one language as [languages.zh].")
        return skills, prompts

    def when(self, name: str) -> When:
        table = self.table(self.data, name, "the top level")
        self.only(table, name, {"say", "then", "ask"})
        then = table.get("then", "wait")
        if then not in THEN:
            self.fault(name, f"then = {then!r} is not known. One of {listed(THEN)}.")
            then = "wait"
        return When(
            self.prompt_list(table, "say", name), then, self.prompt_list(table, "ask", name, needed=then == "ask")
        )

    def loops(self, menus: dict[str, Menu]) -> None:
        """Keys and failures that lead back into a menu above: said once for each ring, with its way round."""
        done: set[str] = set()

        def walk(name: str, trail: list[str]) -> None:
            if name in trail:
                ring = [*trail[trail.index(name) :], name]
                self.fault(f"menus.{name}", f'goes in a circle: {" > ".join(ring)}. To go up, use end = "back".')
                return
            if name in done or name not in menus:
                return
            for target in (*menus[name].keys.values(), menus[name].failure):
                if target.menu:
                    walk(target.menu, [*trail, name])
            done.add(name)

        for name in menus:
            walk(name, [])

    def only(self, table: dict[str, Any], place: str, known: set[str]) -> None:
        for name in table:
            if name not in known:
                self.fault(place, f"{name!r} is not known here. Known: {listed(sorted(known))}.")

    def table(self, data: dict[str, Any], name: str, place: str) -> dict[str, Any]:
        value = data.get(name)
        if isinstance(value, dict):
            return value
        self.fault(place, f"the table {name!r} is missing." if value is None else f"{name!r} must be a table.")
        return {}

    def prompt_list(self, data: dict[str, Any], name: str, place: str, needed: bool = True) -> tuple[str, ...]:
        value = data.get(name, [])
        prompts = [value] if isinstance(value, str) else value
        if not isinstance(prompts, list) or not all(isinstance(prompt, str) for prompt in prompts):
            self.fault(f"{place}.{name}", "must be a prompt's name, or a list of them.")
            return ()
        if needed and not prompts:
            self.fault(f"{place}.{name}", "is missing: the caller would hear nothing. Name a prompt.")
        for prompt in prompts:
            if self.prompts is not None and prompt not in self.prompts:
                self.fault(f"{place}.{name}", f"the prompt {prompt!r} has no text. Add it to ivr/prompts/*.toml.")
        return tuple(prompts)

    def number(self, data: dict[str, Any], name: str, place: str, default: float, least: float, most: float) -> float:
        value = data.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            self.fault(f"{place}.{name}", f"is {value!r}; must be a number from {least:g} to {most:g}.")
            return default
        return float(value)

    def skills(self, data: dict[str, Any], place: str) -> Skills:
        value = data.get("skills", {})
        if not isinstance(value, dict):
            self.fault(f"{place}.skills", "must be a table as { en = 1 }.")
            return ()
        for skill, level in value.items():
            if isinstance(level, bool) or not isinstance(level, int) or not 1 <= level <= 9:
                self.fault(f"{place}.skills.{skill}", f"is {level!r}; a level is a whole number from 1 to 9.")
        return tuple(sorted((skill, level) for skill, level in value.items() if isinstance(level, int)))


def listed(names: Collection[str]) -> str:
    """Names with commas between them; "none" for no names."""
    return ", ".join(names) or "none"
