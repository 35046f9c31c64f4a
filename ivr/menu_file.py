"""Reads the menus (a TOML file, or a folder of them) and says all that is wrong at once: file and line, place, why, and the remedy."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from ivr.facts import ALWAYS, CONDITION_KEYS, Condition
from ivr.menu import PERSON, EmergencyKey, Menu, Menus, Sentence, Target, When, Wish
from ivr.menus.source import Source, SourceError, read_source
from ivr.step import ALL_KEYS, Skills

MOST_PHRASES, LONGEST_PHRASE = 20, 40
ENDS = ("goodbye", "repeat", "back")
THEN = ("wait", "goodbye", "ask")
WISHES: tuple[Wish, ...] = ("message", "callback")
LEADS = ("menu", "service", "story", "queue", "end")
TOP = {"start", "notice", "welcome", "languages", "closed", "unstaffed", "menus", "person", "emergency", "speech"}
OF_MENU = {"play", "keys", "failure", "tries", "wait_s", "invalid", "timeout", "when", "person", "speech"}


class MenuError(Exception):
    """The menus cannot be used; the message holds a sentence for each fault."""

    def __init__(self, faults: list[str]):
        super().__init__("\n".join(faults))
        self.faults = faults


def read_menus(
    path: Path,
    queues: Collection[str] | None = None,
    prompts: Collection[str] | None = None,
    text: str | None = None,
    stories: Collection[str] | None = None,
) -> Menus:
    """The menus of the file or folder, or MenuError. `queues`, `prompts` and `stories`: the names that exist, where they are known.
    `text`: of the file, or the bundle of the folder, where it has been read already."""
    try:
        source = read_source(path, text)
    except SourceError as error:
        raise MenuError([str(error)]) from None
    if source.faults:
        raise MenuError(source.faults)
    return Reader(source, queues, prompts, stories).menus()


class Reader:
    """One reading of one source. Faults are collected, and raised together at the end."""

    def __init__(
        self,
        source: Source,
        queues: Collection[str] | None,
        prompts: Collection[str] | None,
        stories: Collection[str] | None = None,
    ):
        self.source, self.data = source, source.data
        self.queues, self.prompts, self.stories = queues, prompts, stories
        self.faults: list[str] = []

    def fault(self, place: str, sentence: str) -> None:
        """Notes a mistake with its file, line and place."""
        where = self.source.where("" if place == "the top level" else place)
        self.faults.append(f"{where}: {place}: {sentence}")

    def menus(self) -> Menus:
        self.only(self.data, "the top level", TOP)
        names = self.table(self.data, "menus", "the top level")
        menus = {name: self.menu(name, self.table(names, name, "menus")) for name in names}
        start, starts = self.start(menus)
        languages, language_prompts = self.languages()
        result = Menus(
            start=start,
            starts=starts,
            notice=self.prompt_list(self.data, "notice", "the top level"),
            welcome=self.prompt_list(self.data, "welcome", "the top level", needed=False),
            menus=menus,
            languages=languages,
            language_prompts=language_prompts,
            closed=self.when("closed"),
            unstaffed=self.when("unstaffed"),
            person=self.person(menus, start),
            emergency=self.emergency(),
        )
        self.loops(menus)
        if self.faults:
            raise MenuError(self.faults)
        return result

    def start(self, menus: dict[str, Menu]) -> tuple[str, tuple[tuple[Condition, str], ...]]:
        """The first menu, and those that go before it for some callers."""
        written = self.data.get("start")
        rows = written if isinstance(written, list) else [{"menu": written}]
        starts: list[tuple[Condition, str]] = []
        for number, row in enumerate(rows, 1):
            place = f"start[{number}]" if isinstance(written, list) else "start"
            if not isinstance(row, dict):
                self.fault(place, 'must be a menu\'s name, or rows as { menu = "gold", when = { class = "gold" } }.')
                continue
            self.only(row, place, {"menu", "when", "why"})
            name = row.get("menu")
            if not isinstance(name, str) or name not in menus:
                self.fault(place, f"names the menu {name!r}, which is not there. Menus: {listed(menus)}.")
                continue
            starts.append((self.condition(row, place), name))
        unmet = [number for number, (when, _) in enumerate(starts, 1) if when.always]
        if starts and (not unmet or unmet[0] != len(starts)):
            if not unmet:
                self.fault(
                    "start",
                    "leaves callers without a menu for whom no condition holds. End it with a row without `when`.",
                )
            else:
                self.fault(
                    f"start[{unmet[0] + 1}]", f"is never reached: row {unmet[0]} holds for every caller. Move it up."
                )
        return (starts[-1][1] if starts else ""), tuple(starts[:-1])

    def menu(self, name: str, table: dict[str, Any]) -> Menu:
        place = f"menus.{name}"
        self.only(table, place, OF_MENU)
        keys = self.keys(table, place)
        given = self.table(table, "failure", place)
        failure = self.target(given, f"{place}.failure", {"why"}) if "failure" in table else Target()
        if failure.end in ("repeat", "back"):
            self.fault(f"{place}.failure", "must lead on (menu, queue or goodbye), or a silent caller goes in circles.")
        return Menu(
            name=name,
            play=self.plays(table, place),
            keys=keys,
            failure=failure,
            tries=int(self.number(table, "tries", place, 3, 1, 9)),
            wait_s=self.number(table, "wait_s", place, 5, 1, 60),
            invalid=self.prompt_list(table, "invalid", place, needed=False),
            timeout=self.prompt_list(table, "timeout", place, needed=False),
            when=self.condition(table, place),
            person=self.person_key(table, place, keys, failure),
            speech=self.flag(table, place, self.flag(self.data, "the top level", False)),
        )

    def keys(self, table: dict[str, Any], place: str) -> dict[str, tuple[Target, ...]]:
        keys: dict[str, tuple[Target, ...]] = {}
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
            target = self.target(entry, where, {"key", "why", "when"})
            before = keys.get(key, ())
            if before and before[-1].when.always:
                self.fault(where, f"the key {key} is already taken in this menu, for every caller. Each key may stand once, or once for "
                           "each `when`, the one without last.")  # fmt: skip
            keys[key] = (*before, target)
        return keys

    def person_key(
        self, table: dict[str, Any], place: str, keys: dict[str, tuple[Target, ...]], failure: Target
    ) -> str:
        """The key of a person in this menu; every caller has one, or comes to a person by the menu's failure."""
        person = table.get("person", PERSON)
        own = keys.get(PERSON, ())
        taken = bool(own) and not (all(each.queue and not each.end for each in own) and own[-1].when.always)
        if person is False:
            if not failure.queue:
                self.fault(f"{place}.person", "is false, and the failure leads to no queue: nobody here would reach a person. Give the "
                           'failure a queue, or write person = "9" and give that key one.')  # fmt: skip
            return ""
        if not isinstance(person, str) or len(person) != 1 or person not in ALL_KEYS:
            self.fault(
                f"{place}.person", f'is {person!r}; must be the key that leads to a person here, as "9", or false.'
            )
            return PERSON
        there = keys.get(person, ())
        if person != PERSON and not (there and there[-1].queue and there[-1].when.always):
            self.fault(
                f"{place}.person",
                f"says that the key {person} leads to a person, and it leads to no queue for every caller.",
            )
        elif person == PERSON and taken:
            number = next(
                (n for n, entry in enumerate(table.get("keys", []), 1) if isinstance(entry, dict) and entry.get("key") == PERSON), 1
            )  # fmt: skip
            self.fault(f"{place}.keys[{number}]", "takes 0 away from callers who want a person. Lead it to a queue, or say which key does "
                       'here: person = "9".')  # fmt: skip
        return person

    def person(self, menus: dict[str, Menu], start: str) -> Target:
        """Where 0 leads: `person` of the top level; else where 0 of the first menu leads, or its failure, or any queue at all."""
        if "person" in self.data:
            person = self.data["person"]
            if person is False:
                return Target()
            if not isinstance(person, str):
                self.fault("person", f"is {person!r}; must be the queue behind 0, or false.")
                return Target()
            self.is_queue(person, "person")
            return Target(queue=person)
        first = menus.get(start)
        found = [*(first.keys.get(PERSON, ())[-1:] if first else ()), *([first.failure] if first else [])]
        found += [target for menu in menus.values() for target in menu.targets()]
        for target in found:
            if target.queue and not target.end:
                return Target(queue=target.queue, skills=target.skills)
        if menus and not self.faults:
            self.fault(
                "person",
                'no key leads to a queue, so nobody reaches a person. Write person = "general" (a queue), or person = false.',
            )
        return Target()

    def emergency(self) -> EmergencyKey | None:
        value = self.data.get("emergency", False)
        if value is False:
            return None
        if not isinstance(value, dict):
            self.fault("emergency", 'must be a table as { key = "9", say = "menu-emergency" }, or false.')
            return None
        self.only(value, "emergency", {"key", "say", "queue"})
        key, queue = value.get("key", "9"), value.get("queue", "")
        if not isinstance(key, str) or len(key) != 1 or key not in ALL_KEYS or key in "0*#":
            self.fault("emergency.key", f"is {key!r}; must be a key of a telephone, and not 0, * or #.")
            key = "9"
        if queue:
            self.is_queue(queue, "emergency.queue")
        return EmergencyKey(key, self.prompt_list(value, "say", "emergency", needed=False), str(queue))

    def target(self, table: dict[str, Any], place: str, also: set[str]) -> Target:
        self.only(table, place, {*LEADS, "language", "say", "skills", "owner", "phrases", "named"} | also)
        chosen = [name for name in LEADS if name in table]
        beside = [name for name in chosen if name != "queue"]
        if len(chosen) != 1 and not (len(chosen) == 2 and len(beside) == 1 and beside[0] in ("service", "story")):
            self.fault(
                place, f"names {listed(chosen) if chosen else 'nothing'}; needs exactly one of {listed(LEADS)} (a queue may stand beside "
                "a service or a story)."
            )  # fmt: skip
        menu, queue, end, service, story = (
            table.get(name, "") for name in ("menu", "queue", "end", "service", "story")
        )
        known = self.data.get("menus", {})
        if menu and (not isinstance(menu, str) or menu not in known):
            self.fault(f"{place}.menu", f"leads to the menu {menu!r}, which is not there. Menus: {listed(known)}.")
        if queue:
            self.is_queue(queue, f"{place}.queue")
        if end and end not in ENDS:
            self.fault(f"{place}.end", f"end = {end!r} is not known. One of {listed(ENDS)}.")
            end = "goodbye"
        if service:
            from ivr.services import SERVICES  # here: few menus have one, and a program pays for each import

            if not isinstance(service, str) or service not in SERVICES:
                self.fault(
                    f"{place}.service",
                    f"names the service {service!r}, which is not there. Services: {listed(SERVICES)}.",
                )
                service = ""
        if story and self.stories is not None and (not isinstance(story, str) or story not in self.stories):
            self.fault(f"{place}.story", f"names the story {story!r}, which is not in the stories' folder (hotline.stories). Stories: "
                       f"{listed(self.stories)}.")  # fmt: skip
        language = table.get("language", "")
        if language and (not isinstance(language, str) or language not in self.data.get("languages", {})):
            self.fault(f"{place}.language", f"language = {language!r} is not among the file's [languages].")
        owner = table.get("owner", False)
        if not isinstance(owner, bool) or (owner and not queue):
            self.fault(f"{place}.owner", f"is {owner!r}; must be true or false, beside a queue.")
        return Target(
            menu=str(menu),
            queue=str(queue),
            end=end,
            language=str(language),
            say=self.prompt_list(table, "say", place, needed=False),
            skills=self.skills(table, place),
            service=str(service),
            story=str(story),
            owner=owner is True,
            when=self.condition(table, place),
            note=str(table.get("why", ""))[:200],
            phrases=self.phrases(table, place),
            named="".join(self.prompt_list(table, "named", place, needed=False)[:1]),
        )

    def flag(self, table: dict[str, Any], place: str, default: bool) -> bool:
        """Whether callers may speak: `speech` of this table."""
        value = table.get("speech", default)
        if not isinstance(value, bool):
            self.fault(
                "speech" if place == "the top level" else f"{place}.speech", f"is {value!r}; must be true or false."
            )
            return default
        return value

    def phrases(self, table: dict[str, Any], place: str) -> tuple[str, ...]:
        """What callers may say for a key."""
        value = table.get("phrases", [])
        if value == []:
            return ()
        from ivr.speech.matching import words  # here: few menus have any, and a program pays for each import
        from ivr.speech.pinyin import syllables

        if not isinstance(value, list) or not all(isinstance(each, str) for each in value) or len(value) > MOST_PHRASES:
            self.fault(
                f"{place}.phrases", f'must be a list of at most {MOST_PHRASES} phrases as ["查询订单", "order status"].'
            )
            return ()
        for each in value:
            if len(each) > LONGEST_PHRASE or not (syllables(each) or words(each)):
                self.fault(
                    f"{place}.phrases",
                    f"holds {each!r}; a phrase has words or Chinese characters, and at most {LONGEST_PHRASE} letters.",
                )
                return ()
        return tuple(value)

    def is_queue(self, queue: object, place: str) -> None:
        """Notes a queue that is not there."""
        if not isinstance(queue, str) or (self.queues is not None and queue not in self.queues):
            self.fault(
                place, f"names the queue {queue!r}, which is not configured. Queues: {listed(self.queues or ())}."
            )

    def condition(self, table: dict[str, Any], place: str) -> Condition:
        """The `when` of a table; without one it always holds."""
        if "when" not in table:
            return ALWAYS
        where, value = f"{place}.when", table["when"]
        if not isinstance(value, dict) or not value:
            self.fault(where, 'must be a table as { class = "gold", known = true }.')
            return ALWAYS
        self.only(value, where, set(CONDITION_KEYS))

        def flag(name: str) -> bool | None:
            given = value.get(name)
            if given is not None and not isinstance(given, bool):
                self.fault(f"{where}.{name}", f"is {given!r}; must be true or false.")
                return None
            return given

        def words(name: str) -> tuple[str, ...]:
            given = value.get(name, [])
            several = [given] if isinstance(given, str) else given
            if not isinstance(several, list) or not all(isinstance(word, str) and word for word in several):
                self.fault(f"{where}.{name}", f"is {given!r}; must be a word, or a list of words.")
                return ()
            return tuple(several)

        return Condition(
            known=flag("known"), classes=words("class"), languages=words("language"), areas=words("area"),
            complaint=flag("complaint"), fault=flag("fault"), verified=flag("verified"), open=flag("open"),
            lookups=words("lookup"),
        )  # fmt: skip

    def plays(self, table: dict[str, Any], place: str) -> tuple[str | Sentence, ...]:
        """What a menu says: names of prompts, and rows `{ say = …, when = … }` that only some callers hear."""
        value = table.get("play")
        if not isinstance(value, list) or not any(isinstance(each, dict) for each in value):
            return self.prompt_list(table, "play", place)
        found: list[str | Sentence] = []
        for number, each in enumerate(value, 1):
            where = f"{place}.play[{number}]"
            if isinstance(each, dict):
                self.only(each, where, {"say", "when", "why"})
                found.append(Sentence(self.prompt_list(each, "say", where), self.condition(each, where)))
            else:
                found.extend(self.prompt_list({"play": each}, "play", place))
        if all(isinstance(each, Sentence) and not each.when.always for each in found):
            self.fault(
                f"{place}.play", "callers for whom no condition holds would hear nothing. Name a prompt without `when`."
            )
        return tuple(found)

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
        known = (*THEN, "offer") if name == "closed" else THEN
        self.only(table, name, {"say", "then", "ask"} | ({"offer"} if name == "closed" else set()))
        then = table.get("then", "wait")
        if then not in known:
            self.fault(f"{name}.then", f"then = {then!r} is not known. One of {listed(known)}.")
            then = "wait"
        offer = table.get("offer", [])
        if not isinstance(offer, list) or any(each not in WISHES for each in offer) or len(set(offer)) < len(offer):
            self.fault(f"{name}.offer", f"is {offer!r}; must be a list of {listed(WISHES)}, each once.")
            offer = []
        elif bool(offer) != (then == "offer"):
            self.fault(name, 'then = "offer" and the list `offer` belong together: write both, or neither.')
        return When(
            self.prompt_list(table, "say", name),
            then,
            self.prompt_list(table, "ask", name, needed=then == "ask"),
            tuple(offer),
        )

    def loops(self, menus: dict[str, Menu]) -> None:
        """Keys and failures that lead back into a menu above: said once for each ring, with its way round."""
        done: set[str] = set()

        def walk(name: str, trail: list[str]) -> None:
            if name in trail:
                ring = [*trail[trail.index(name) :], name]
                self.fault(f"menus.{name}", f'goes in a circle: {" > ".join(ring)}. To go up, use end = "back".')
                return
            if name in done or name not in menus or len(trail) > MOST_DEEP:
                return
            for target in menus[name].targets():
                if target.menu:
                    walk(target.menu, [*trail, name])
            done.add(name)

        for name in menus:
            walk(name, [])

    def only(self, table: dict[str, Any], place: str, known: set[str]) -> None:
        for name in table:
            if name not in known:
                where = name if place == "the top level" else f"{place}.{name}"
                self.faults.append(
                    f"{self.source.where(where)}: {place}: {name!r} is not known here. Known: {listed(sorted(known))}."
                )

    def table(self, data: dict[str, Any], name: str, place: str) -> dict[str, Any]:
        value = data.get(name)
        if isinstance(value, dict):
            return value
        self.fault(place, f"the table {name!r} is missing." if value is None else f"{name!r} must be a table.")
        return {}

    def prompt_list(self, data: dict[str, Any], name: str, place: str, needed: bool = True) -> tuple[str, ...]:
        value = data.get(name, [])
        at = name if place == "the top level" else f"{place}.{name}"
        prompts = [value] if isinstance(value, str) else value
        if not isinstance(prompts, list) or not all(isinstance(prompt, str) for prompt in prompts):
            self.fault(at, "must be a prompt's name, or a list of them.")
            return ()
        if needed and not prompts:
            self.fault(at, "is missing: the caller would hear nothing. Name a prompt.")
        texts = "zh.toml and en.toml of the folder that hotline.prompts names"
        for prompt in prompts:
            if self.prompts is not None and prompt not in self.prompts:
                self.fault(at, f"the prompt {prompt!r} has no words. Mend its name, or write its words into {texts}.")
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


MOST_DEEP = 100
"""Menus below each other; a caller could not come so far (ivr.menu.MOST_VISITS)."""


def listed(names: Collection[str]) -> str:
    """Names with commas between them; "none" for no names."""
    return ", ".join(map(str, names)) or "none"
