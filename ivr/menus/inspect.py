"""What may be meant so, or not: menus nobody reaches, callers who are let go, words that one language lacks. And menus drawn.

What can't be is refused by `ivr.menu_file`; here are the findings of `sanxiang menu check` beside it, and `menu draw`.
"""

from collections.abc import Collection, Iterator, Mapping

from ivr.facts import Condition
from ivr.menu import Menu, Menus, Sentence, Target

WORDS: Mapping[str, str] = {
    "menu": "menu {}",
    "service": "service {}",
    "story": "story {}",
    "queue": "queue {}",
    "owner": " (owner of the complaint first)",
    "repeat": "again",
    "back": "back",
    "goodbye": "goodbye",
    "tries": "(after {} tries)",
    "note": "({})",
    "unreached": "(nobody reaches) {}",
    "everywhere": "everywhere:  0  {},  *  back,  #  again",
    "emergency": ",  {}  emergency queue",
    "not": "not {}",
}
"""What drawings are written with; in Chinese: `acd.words.menus`. The words of a condition may stand in it too, as "known"."""


def prompts_of(menus: Menus) -> dict[str, str]:
    """Each prompt that callers may hear, and the place that names it first."""
    found: dict[str, str] = {}

    def note(place: str, names: Collection[str]) -> None:
        for name in names:
            found.setdefault(name, place)

    note("notice", menus.notice)
    note("welcome", menus.welcome)
    for code, prompt in menus.language_prompts.items():
        note(f"languages.{code}.choose", (prompt,))
    for name, when in (("closed", menus.closed), ("unstaffed", menus.unstaffed)):
        note(name, (*when.say, *when.ask))
    if menus.emergency is not None:
        note("emergency", menus.emergency.say)
    for menu in menus.menus.values():
        place = f"menus.{menu.name}"
        for each in menu.play:
            note(f"{place}.play", each.say if isinstance(each, Sentence) else (each,))
        note(f"{place}.invalid", menu.invalid)
        note(f"{place}.timeout", menu.timeout)
        for key, targets in menu.keys.items():
            for target in targets:
                note(f"{place}, key {key}", target.say)
        note(f"{place}.failure", menu.failure.say)
    return found


def missing_prompts(menus: Menus, known: Mapping[str, Collection[str]]) -> Iterator[str]:
    """A sentence for each prompt that a language lacks. `known`: language to the prompts that it has."""
    for name, place in prompts_of(menus).items():
        lacking = [language for language in menus.languages if name not in known.get(language, ())]
        if lacking:
            yield f"{place}: the prompt {name!r} has no words in {' and '.join(lacking)}; its callers hear nothing there."


def reached(menus: Menus, also: Collection[str] = ()) -> set[str]:
    """The menus that a caller can come to. `also`: where numbers lead."""
    found: set[str] = set()
    left = [menus.start, *(menu for _, menu in menus.starts), *also]
    while left:
        name = left.pop()
        if name in found or name not in menus.menus:
            continue
        found.add(name)
        left += [target.menu for target in menus.menus[name].targets() if target.menu]
    return found


def findings(
    menus: Menus,
    also: Collection[str] = (),
    classes: Collection[str] | None = None,
    lookups: Collection[str] | None = None,
) -> Iterator[str]:
    """A sentence for each place that may be a mistake. `also`: menus to which numbers lead. `classes`: of customers, where they are
    known. `lookups`: names that a look-up has or may have, where they are known."""
    there = reached(menus, also)
    for when, menu_named in menus.starts:
        yield from _strange_classes("start", f"the menu {menu_named} begins for nobody", when, classes)
    for name, menu in menus.menus.items():
        place = f"menus.{name}"
        yield from _strange_classes(f"{place}.when", "nobody comes here", menu.when, classes)
        for each in menu.play:
            if isinstance(each, Sentence):
                yield from _strange_classes(f"{place}.play", "nobody hears it", each.when, classes)
        if name not in there:
            yield f"{place}: no key and no number leads here, so no caller hears it. Lead a key to it, or take it away."
            continue
        if not menu.failure.queue and not menu.failure.menu:
            yield f"{place}.failure: a caller who presses no key is let go with a goodbye. Lead it to a queue if that is not meant."
        if not menu.person:
            yield f"{place}.person: nobody can ask for a person here; the tries must be over first."
        if all(target.end for target in menu.targets()):
            yield f"{place}: is a dead end: every key only repeats, goes back or says goodbye."
        yield from _conditions(place, menu, menus, classes, lookups)
    if not menus.person.queue:
        yield "person: 0 leads nowhere at the question for the language, and in menus that do not use it."


def _conditions(
    place: str, menu: Menu, menus: Menus, classes: Collection[str] | None, lookups: Collection[str] | None
) -> Iterator[str]:
    for key, targets in menu.keys.items():
        for target in targets:
            where = f"{place}, key {key}"
            below = menus.menus.get(target.menu)
            yield from _strange_classes(where, "nobody can choose it", target.when, classes)
            if lookups is not None and (strange := [each for each in target.when.lookups if each not in lookups]):
                yield f"{where}: there is no look-up {', '.join(strange)}. Look-ups: {', '.join(lookups)}."
            if below is not None and _contradict(target.when, below.when):
                yield f"{where}: its condition and that of the menu {target.menu} never hold both, so nobody can choose it."


def _strange_classes(place: str, so: str, when: Condition, classes: Collection[str] | None) -> Iterator[str]:
    """A sentence where a condition names a class that is not configured, so that no customer is of it."""
    if classes is not None and (strange := [each for each in when.classes if each not in classes]):
        yield f"{place}: no customer is of class {', '.join(strange)}, so {so}. Add [classes.{strange[0]}], or mend the name."


def _contradict(one: Condition, other: Condition) -> bool:
    flags = (
        (one.known, other.known),
        (one.complaint, other.complaint),
        (one.fault, other.fault),
        (one.open, other.open),
    )
    words = ((one.classes, other.classes), (one.languages, other.languages), (one.areas, other.areas))
    return any(a is not None and b is not None and a != b for a, b in flags) or any(
        a and b and not set(a) & set(b) for a, b in words
    )


def condition_words(when: Condition, words: Mapping[str, str] = WORDS) -> str:
    """The condition as it is written, without braces; empty where it always holds."""
    flags = (
        ("known", when.known),
        ("complaint", when.complaint),
        ("fault", when.fault),
        ("verified", when.verified),
        ("open", when.open),
    )
    lists = (("class", when.classes), ("language", when.languages), ("area", when.areas), ("lookup", when.lookups))
    said = [f"{words.get(name, name)} = {'|'.join(each)}" for name, each in lists if each]
    for name, flag in flags:
        if flag is not None:
            said.append(words.get(name, name) if flag else words["not"].format(words.get(name, name)))
    return ", ".join(said)


def goal(target: Target, words: Mapping[str, str] = WORDS) -> str:
    """Where a target leads, in words."""
    what = next(
        (
            words[kind].format(name)
            for kind, name in (("menu", target.menu), ("service", target.service), ("story", target.story))
            if name
        ),
        "",
    )
    queue = words["queue"].format(target.queue) + (words["owner"] if target.owner else "") if target.queue else ""
    found = " -> ".join(each for each in (what, queue) if each) or words[target.end or "goodbye"]
    when = condition_words(target.when, words)
    return f"{found}{f' [{when}]' if when else ''}"


def as_text(menus: Menus, words: Mapping[str, str] = WORDS, *, emergency: bool = True) -> str:
    """The menus as a tree. `emergency`: there is a queue behind the key for emergencies."""
    lines: list[str] = []

    def draw(name: str, depth: int, trail: tuple[str, ...]) -> None:
        menu = menus.menus[name]
        pad = "  " * depth
        when = condition_words(menu.when, words)
        lines.append(f"{pad}{name}{f' [{when}]' if when else ''}")
        for key, targets in menu.keys.items():
            for target in targets:
                note = f"   {words['note'].format(target.note)}" if target.note else ""
                lines.append(f"{pad}  {key}  {goal(target, words)}{note}")
                if target.menu and target.menu not in trail:
                    draw(target.menu, depth + 2, (*trail, target.menu))
        lines.append(f"{pad}  -  {goal(menu.failure, words)}   {words['tries'].format(menu.tries)}")
        if menu.failure.menu and menu.failure.menu not in trail:
            draw(menu.failure.menu, depth + 2, (*trail, menu.failure.menu))

    for name in dict.fromkeys((*(menu for _, menu in menus.starts), menus.start)):
        draw(name, 0, (name,))
    for name in menus.menus.keys() - reached(menus):
        lines.append(words["unreached"].format(name))
    key = menus.emergency.key if menus.emergency is not None and emergency else ""
    lines.append(
        words["everywhere"].format(goal(menus.person, words)) + (words["emergency"].format(key) if key else "")
    )
    return "\n".join(lines)


def edges(menus: Menus) -> Iterator[tuple[str, str, str]]:
    """(menu, key with its condition, goal) of each way; the goal is "menu:NAME", "queue:NAME", "service:NAME", "story:NAME", "goodbye"."""
    for menu in menus.menus.values():
        ways = [(key, target) for key, targets in menu.keys.items() for target in targets]
        for key, target in [*ways, ("no key", menu.failure)]:
            when = condition_words(target.when)
            kinds = (
                ("menu", target.menu),
                ("service", target.service),
                ("story", target.story),
                ("queue", target.queue),
            )
            to = next((f"{kind}:{name}" for kind, name in kinds if name), "goodbye")
            if target.end in ("repeat", "back"):
                continue
            yield menu.name, f"{key}{f' [{when}]' if when else ''}", to


def as_mermaid(menus: Menus) -> str:
    """The menus as a Mermaid flowchart."""
    ids: dict[str, str] = {}

    def node(name: str) -> str:
        return ids.setdefault(name, f"n{len(ids)}")

    lines = ["flowchart TD", f"  start((call)) --> {node(f'menu:{menus.start}')}"]
    lines += [f"  start -->|{_plain(condition_words(when))}| {node(f'menu:{menu}')}" for when, menu in menus.starts]
    lines += [f"  {node(f'menu:{menu}')} -->|{_plain(key)}| {node(to)}" for menu, key, to in edges(menus)]
    shapes = {"menu": '["{}"]', "queue": '(["{}"])', "service": '[["{}"]]', "story": '[["{}"]]', "goodbye": '("{}")'}
    for name, each in ids.items():
        lines.append(f"  {each}{shapes[name.partition(':')[0]].format(_plain(name.replace(':', ' ')))}")
    return "\n".join(lines)


def as_dot(menus: Menus) -> str:
    """The menus for Graphviz."""
    shapes = {"menu": "box", "queue": "oval", "service": "component", "story": "component", "goodbye": "plaintext"}
    names = dict.fromkeys([*(f"menu:{name}" for name in menus.menus), *(to for _, _, to in edges(menus))])
    lines = ["digraph menus {", "  rankdir=LR;"]
    lines += [f'  "{_plain(name)}" [shape={shapes[name.partition(":")[0]]}];' for name in names]
    lines += [f'  "menu:{_plain(menu)}" -> "{_plain(to)}" [label="{_plain(key)}"];' for menu, key, to in edges(menus)]
    return "\n".join([*lines, "}"])


def _plain(text: str) -> str:
    """Without what ends a label of Mermaid or DOT."""
    return "".join(
        letter if letter.isalnum() or letter in " -_:*=,." else {"#": "#35;"}.get(letter, " ") for letter in text
    )
