"""Plays a menu that was written as data. A menu has four outcomes: match, invalid, timeout, and failure after its tries.

The data come from `menu_file.py`, which has refused what could go round in circles: keys lead only to menus further
down, or back up by `back`, and that is counted. So every caller arrives somewhere, even one who never presses a key.

In every menu, whatever its keys are: 0 a person, * back, # the menu again, and the emergency key where the house has one. A menu that
uses such a key itself has its own way there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from ivr.facts import ALWAYS, Condition, Facts, FaultsHeard
from ivr.speech.doubts import Doubts
from ivr.speech.phrases import Expected, Labels, Meant, expected
from ivr.step import Call, Collect, OwnStory, Part, Play, SetLanguage, SetVariable, Skills, Spoken

MOST_VISITS = 20
"""Menus one call may enter, services included; then it is the first menu's failure. A caller who goes up and down wants a person."""
_ODD = re.compile(r"[^A-Za-z0-9_-]")
MOST_TRAIL = 400
"""Letters of the trail; further steps are not noted."""
PERSON, BACK, REPEAT = "0", "*", "#"
NO_KEY, WRONG = "-", "!"
"""In a trail: nothing was pressed in time; the key behind it leads nowhere."""


Wish = Literal["message", "callback"]
"""What callers of a closed queue may choose: to leave a message, to be called back when it is open."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a key, or a failure, leads: exactly one of menu, service, story, queue, end; a queue may stand beside a service or a
    story, for callers whom it could not serve."""

    menu: str = ""
    queue: str = ""
    end: Literal["", "goodbye", "repeat", "back"] = ""
    language: str = ""
    """Chosen with the same key."""
    say: tuple[str, ...] = ()
    skills: Skills = ()
    service: str = ""
    """A name of `ivr.services.SERVICES`."""
    story: str = ""
    """A story of the house's own: a file in the operator's folder, without its ending."""
    owner: bool = False
    """The agent who owns the caller's open complaint is asked first, in the complaint's queue where it has one."""
    when: Condition = ALWAYS
    """For other callers the key is not there."""
    note: str = ""
    """The operator's own words on it (`why`)."""
    phrases: tuple[str, ...] = ()
    """What callers may say for it, in both languages, beside the usual."""
    named: str = ""
    """The prompt that names it when what was said is asked back."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Prompts of a menu that only some callers hear."""

    say: tuple[str, ...]
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Menu:
    name: str
    play: tuple[str | Sentence, ...]
    keys: dict[str, tuple[Target, ...]]
    """Key to its targets: the first whose condition holds is taken."""
    failure: Target
    tries: int = 3
    wait_s: float = 5.0
    invalid: tuple[str, ...] = ()
    timeout: tuple[str, ...] = ()
    when: Condition = ALWAYS
    """For other callers the keys that lead here are not there."""
    person: str = PERSON
    """The key of a person here; empty: there is none, and the menu's failure leads to one."""
    speech: bool = False
    """Whether callers may say here what they want, where speech is recognised."""

    def targets(self) -> Iterator[Target]:
        """All places to which it leads, its failure last."""
        for targets in self.keys.values():
            yield from targets
        yield self.failure

    def prompts_all(self) -> tuple[str, ...]:
        """All that some caller hears."""
        return tuple(prompt for each in self.play for prompt in ((each,) if isinstance(each, str) else each.say))

    def prompts(self, facts: Facts) -> tuple[str, ...]:
        """What this caller hears."""
        return tuple(
            prompt
            for each in self.play
            for prompt in ((each,) if isinstance(each, str) else each.say if each.when.holds(facts) else ())
        )


@dataclass(frozen=True, slots=True)
class When:
    """What a caller hears whose queue cannot serve the call, and what happens then."""

    say: tuple[str, ...]
    then: Literal["wait", "goodbye", "ask", "offer"]
    """ask: 1 to wait, any other key to be let go; who keys nothing waits. offer (of a closed queue): a key for each of `offer`, and who
    keys nothing is let go."""
    ask: tuple[str, ...] = ()
    offer: tuple[Wish, ...] = ()


@dataclass(frozen=True, slots=True)
class EmergencyKey:
    """The key that leads to the house's emergency queue from every menu that does not use it itself."""

    key: str = "9"
    say: tuple[str, ...] = ()
    """Said behind the first menu, where the house has such a queue."""
    queue: str = ""
    """Empty: the queue that the configuration marks `emergency = true`."""


@dataclass(frozen=True, slots=True)
class Menus:
    """A whole menu file, or folder of menus."""

    start: str
    notice: tuple[str, ...]
    welcome: tuple[str, ...]
    menus: dict[str, Menu]
    languages: dict[str, Skills]
    """Language to the skills its callers need, in the order they are offered."""
    language_prompts: dict[str, str]
    closed: When
    unstaffed: When
    starts: tuple[tuple[Condition, str], ...] = ()
    """Menus with which some callers begin; the first whose condition holds, else `start`."""
    person: Target = field(default_factory=Target)
    """Where 0 leads in every menu, and at the language question."""
    emergency: EmergencyKey | None = None

    def first(self, facts: Facts) -> str:
        """The menu with which this caller begins."""
        return next((menu for when, menu in self.starts if when.holds(facts)), self.start)


Outcome = tuple[Target, str]
"""Where the caller goes, and the keys that led there ("2/1")."""


@dataclass(slots=True)
class Walk:
    """One caller's way through the menus: what is known of them, and what they pressed."""

    call: Call = field(default_factory=Call)
    facts: Facts = field(default_factory=Facts)
    emergency: str = ""
    """The house's emergency queue; empty: it has none."""
    language: str = ""
    stories: str = ""
    """The folder of the house's own stories."""
    labels: Labels = field(default_factory=dict)
    """Of the queues, by which they may be asked for."""
    doubts: Doubts = field(default_factory=Doubts)
    heard: FaultsHeard = field(default_factory=FaultsHeard)
    trail: str = ""
    """For the figures: "main:!7-2 after-sales:1" is a wrong key, silence and 2 in one menu, then 1 in the next."""

    def enter(self, menu: str) -> None:
        """The caller is in this menu now."""
        self._note(f"{' ' if self.trail else ''}{_ODD.sub('_', menu)}:")

    def press(self, key: str, known: bool) -> None:
        """The caller has pressed a key there, or none in time; `known`: it leads somewhere."""
        self._note(key if known else f"{WRONG}{key}" if key else NO_KEY)

    def _note(self, text: str) -> None:
        if len(self.trail) + len(text) <= MOST_TRAIL:
            self.trail += text

    def told(self) -> SetVariable:
        """The trail on the channel, which is read when the caller hangs up in the middle of it."""
        return SetVariable("MENU_TRAIL", f"{self.language or 'zh'} {self.trail}")


def play_menu(menus: Menus, walk: Walk | None = None, start: str = "") -> Part[Outcome]:
    """The target the caller reached and the path of the keys; "-" in the path is a failure. `start`: other than the file's."""
    walk = walk or Walk()
    trail = [start or menus.first(walk.facts)]
    before: tuple[Spoken, ...] = menus.welcome  # one breath with the menu: a key during the welcome is not lost
    path: list[str] = []
    for _ in range(MOST_VISITS):
        menu = menus.menus[trail[-1]]
        key, target = yield from one_menu(menus, menu, walk, before, top=len(trail) == 1)
        before = ()
        path.append(key or NO_KEY)
        if walk.facts.faults and (away := (yield from told_of_fault(menus, walk, target, "/".join(path)))) is not None:
            return away, "/".join(path)
        if target.language:
            walk.language = target.language
            yield SetLanguage(target.language)
        if target.say:
            yield Play(target.say)
        if target.service or target.story:
            ended = yield from serve(target, walk)
            if ended == "served":
                return Target(end="goodbye"), "/".join(path)
            if ended == "person":
                queue = target.queue or menus.person.queue
                return Target(queue=queue, skills=target.skills, owner=target.owner), "/".join(path)
            path.pop()
        elif target.end == "back":
            path.pop()
            if len(trail) > 1:
                trail.pop()
                path.pop()
        elif target.menu:
            trail.append(target.menu)
        else:
            return target, "/".join(path)
    failure = menus.menus[menus.start].failure
    while failure.menu:
        failure = menus.menus[failure.menu].failure
    if failure.service or failure.story:
        failure = Target(queue=failure.queue or menus.person.queue, skills=failure.skills)
    return failure, "/".join([*path, NO_KEY])


def told_of_fault(menus: Menus, walk: Walk, target: Target, path: str) -> Part[Target | None]:
    """A fault may be told at this key; where the caller goes then, None: on. Nobody is kept from the emergency queue."""
    from ivr.fault import at_key, tell_faults  # here: faults are rare, and a program pays for each import

    emergency = emergency_queue(menus, walk)
    if target.queue and target.queue == emergency:
        return None
    key = emergency_key(menus, walk)
    after = yield from tell_faults(walk.call, walk.heard, at_key(walk.facts, path), emergency=key)
    if after == "person":
        return menus.person if menus.person.queue else target
    if after == "emergency":
        return Target(queue=emergency)
    return Target(end="goodbye") if after == "goodbye" else None


def serve(target: Target, walk: Walk) -> Part[str]:
    """How the target's service, or story of the house's own, ended."""
    if target.story:
        facts, call = walk.facts, walk.call
        about = {"dialled": call.dialled, "language": walk.language, "caller": call.caller, "known": facts.known, "name": facts.name,
                 "customer_class": facts.customer_class, "area": facts.area, "complaint": facts.complaint_ticket}  # fmt: skip
        told: str = yield OwnStory(f"{walk.stories}/{target.story}.py", about)
        return told
    from ivr.services import SERVICES  # here: Asterisk may execute the menu, and a program pays for each import

    ended: str = yield from SERVICES[target.service](walk.call, walk.facts)
    return ended


def one_menu(
    menus: Menus, menu: Menu, walk: Walk, before: tuple[Spoken, ...] = (), *, top: bool = False
) -> Part[tuple[str, Target]]:
    """The key and its target; "" and the failure's target after the menu's tries. `top`: there is nothing to go back to."""
    tried = 0
    repeats = 0
    walk.enter(menu.name)
    yield walk.told()
    while tried < menu.tries:
        said = (*menu.prompts(walk.facts), *emergency_prompts(menus, menu, walk, top))
        if menu.speech:
            from ivr.speech.asking import choice  # here: few menus listen, and a program pays for each import

            key = yield from choice(said, menu.wait_s, may_say(menus, menu, walk), walk.doubts, before)
        else:
            key = yield Collect((*before, *said), first_s=menu.wait_s)
        target = target_of(menus, menu, key or "", walk)
        walk.press(key or "", target is not None)
        if target is None:
            tried += 1
            before = menu.invalid if key else menu.timeout
            yield walk.told()
        elif (target.end == "repeat" or (top and target.end == "back")) and repeats < MOST_VISITS:
            repeats += 1
            before = ()
        elif target.end == "repeat" or (top and target.end == "back"):
            break
        else:
            return key, target
    return "", menu.failure


def target_of(menus: Menus, menu: Menu, key: str, walk: Walk) -> Target | None:
    """Where this key leads this caller here; None: nowhere."""
    own = menu.keys.get(key, ())
    for target in own:
        below = menus.menus.get(target.menu)
        if target.when.holds(walk.facts) and (below is None or below.when.holds(walk.facts)):
            return target
    if own:
        return None
    if key == PERSON and menu.person:
        return menus.person
    if key == BACK:
        return Target(end="back")
    if key == REPEAT:
        return Target(end="repeat")
    queue = emergency_queue(menus, walk)
    if queue and menus.emergency is not None and key == menus.emergency.key:
        return Target(queue=queue)
    return None


def may_say(menus: Menus, menu: Menu, walk: Walk) -> dict[str, Expected]:
    """What this caller may say here, for each key that leads somewhere."""
    keys = dict.fromkeys((*menu.keys, PERSON, BACK, REPEAT, menus.emergency.key if menus.emergency else PERSON))
    found: dict[str, Expected] = {}
    for key in keys:
        target = target_of(menus, menu, key, walk)
        if target is not None and (each := expected(key, meant(menus, menu, key, target), walk.labels)).phrases:
            found[key] = each
    return found


def meant(menus: Menus, menu: Menu, key: str, target: Target) -> Meant:
    """What a key of this menu leads to, as far as it can be said."""
    own = key in menu.keys
    return Meant(
        queue=target.queue,
        service=target.service,
        end=target.end,
        person=key == menu.person and (not own or not target.end),
        emergency=not own and menus.emergency is not None and key == menus.emergency.key,
        phrases=target.phrases,
        named=target.named,
    )


def emergency_queue(menus: Menus, walk: Walk) -> str:
    """The queue behind the emergency key; empty: there is no such key."""
    return (menus.emergency.queue or walk.emergency) if menus.emergency is not None else ""


def emergency_key(menus: Menus, walk: Walk) -> str:
    """The key that leads there; empty: there is none."""
    return menus.emergency.key if menus.emergency is not None and emergency_queue(menus, walk) else ""


def emergency_prompts(menus: Menus, menu: Menu, walk: Walk, top: bool) -> tuple[str, ...]:
    """What is said of the emergency key: in the first menu alone, where the key leads there."""
    if not top or menus.emergency is None or menus.emergency.key in menu.keys or not emergency_queue(menus, walk):
        return ()
    return menus.emergency.say
