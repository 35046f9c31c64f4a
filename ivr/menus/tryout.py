"""A call that is typed instead of dialled: the hotline's story with what a caller would hear as text, and keys from a keyboard; in menus
that listen also words.

The story, the session and their rules are those of a live call; only the line is another.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ivr.agi_protocol import HungUp
from ivr.prompts import Sounds
from ivr.session import Session
from ivr.step import ALL_KEYS, Ending, Hear, Heard, LookUp, Story

Say = Callable[[str], None]
Ask = Callable[[str], str]
"""Asks for keys; what was typed; "" is silence. Raises EOFError when the caller hangs up."""


class Spoken(Sounds):
    """Every prompt is there, as its name."""

    def __init__(self) -> None:
        """Nothing is looked up on the disk."""

    def find(self, name: str, language: str) -> tuple[str, float, str]:
        """See Sounds."""
        return f"{language}/{name}", 1.0, ""


class TypedLine:
    """See session.Line. Keys typed at once are pressed one after the other, as a hasty caller does."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]], say: Say, ask: Ask) -> None:
        """`texts`: language to the words of each prompt."""
        self.texts, self.say, self.ask = texts, say, ask
        self.typed: list[str] = []
        self.variables: dict[str, str] = {}

    def stream(self, path: str, keys: str, offset: int, seconds: float) -> tuple[str, int]:
        """Says the prompt; in the silence of a menu asks for keys."""
        language, _, name = path.partition("/")
        if language == "tones":
            return self._next(), 8000
        if not offset:
            self.say(f"[{language}] {self.texts.get(language, {}).get(name, f'({name})')}")
        if self.typed and self.typed[0] in keys:
            return self.typed.pop(0), 4000
        return "", 8000

    def _next(self) -> str:
        if not self.typed:
            try:
                typed = self.ask("key> ")
            except EOFError:
                raise HungUp from None
            self.typed = [letter for letter in typed.upper() if letter in ALL_KEYS]
        return self.typed.pop(0) if self.typed else ""

    def wait_for_key(self, seconds: float) -> str:
        """The next key that was typed, or silence."""
        return self.typed.pop(0) if self.typed else ""

    def music(self, on: bool) -> None:
        """Music is not written."""

    def set(self, name: str, value: str) -> None:
        """Keeps what the dialplan would read."""
        self.variables[name] = value

    def hang_up(self) -> None:
        """The story has hung up."""
        self.say("(hung up)")


class TypedWords:
    """What is typed in the place of what is said: keys where it is keys alone, else words. See session.Listens."""

    def __init__(self, line: TypedLine) -> None:
        self._line = line

    def takes(self, hear: Hear) -> bool:
        """Whatever may be said may be typed."""
        return True

    def listen(self, ear: Any, hear: Hear, language: str, first_s: float) -> tuple[str, Heard | None]:
        """The next key that was typed, or words."""
        line = self._line
        if not line.typed:
            try:
                typed = line.ask("key or words> ").strip()
            except EOFError:
                raise HungUp from None
            if any(letter not in ALL_KEYS for letter in typed.upper()):
                return "", Heard(typed)
            line.typed = list(typed.upper())
        return (line.typed.pop(0) if line.typed else ""), None


def try_out(
    story: Story,
    texts: Mapping[str, Mapping[str, str]],
    answers: Callable[[LookUp], dict[str, Any] | None],
    say: Say,
    ask: Ask,
) -> tuple[Ending | None, dict[str, str]]:
    """Plays the story; its ending (None: the caller hung up), and the variables that the dialplan would have got."""
    line = TypedLine(texts, say, ask)
    session = Session(line, Spoken(), answers, call="try", hearing=TypedWords(line))
    # In the silence of a menu one tap is enough: whoever types has all the time they want.
    session.listen = lambda seconds: line.stream("tones/listening", ALL_KEYS, 0, seconds)[0]  # type: ignore[method-assign]
    try:
        return session.perform(story), line.variables
    except HungUp:
        return None, line.variables
