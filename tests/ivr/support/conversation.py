"""A conversation without a telephone: a story, the keys a caller presses at each prompt, and what he hears and gets."""

from collections.abc import Mapping, Sequence
from typing import Any

from ivr.agi_protocol import HungUp
from ivr.prompts import Sounds
from ivr.session import Session
from ivr.step import Ending, Hear, Heard, LookUp, Story


class Spoken(Sounds):
    """Every prompt is there and one second long, but those named missing; of whole sentences with numbers only those named."""

    def __init__(self, missing: tuple[str, ...] = (), whole: tuple[str, ...] = ()):
        self.missing, self.whole = missing, whole

    def has(self, name: str, language: str) -> bool:
        return f"{language}/{name}" in self.whole

    def find(self, name: str, language: str) -> tuple[str, float, str]:
        if f"{language}/{name}" in self.missing:
            return "", 0.0, f"{language}/{name}.wav is missing."
        return f"{language}/{name}", 1.0, ""


class Says:
    """In the place of the process that recognises speech: what the caller says at each listening. "." is silence, "key 1" a key, None a
    recogniser that does not answer; with "?" behind it the recogniser is not certain of the text."""

    def __init__(self, said: Sequence[str | None]):
        self.said = list(said)
        self.listened: list[Hear] = []

    def takes(self, hear: Hear) -> bool:
        return True

    def listen(self, ear: Any, hear: Hear, language: str, first_s: float) -> tuple[str, Heard | None] | None:
        self.listened.append(hear)
        text = self.said.pop(0) if self.said else "."
        if text is None:
            return None
        if text == "." or text.startswith("key "):
            return text[4:], None
        likely = not text.endswith("?")
        return "", Heard(text.rstrip("?"), 0.9 if likely else 0.2)


class Conversation:
    """Performs the story at once.

    `keys`: prompt to the keys pressed when it is heard the first, second, … time; "." is no key. "listening" is the
    tap of a menu that waits, "wait" the silence between digits and the music.
    `answers`: what the daemon says to (what, key); a list gives one after the other; missing or None: it is silent.
    `says`: what the caller says, one thing after the other; None: nobody recognises speech.
    """

    def __init__(
        self,
        story: Story,
        keys: Mapping[str, str] | None = None,
        answers: Mapping[tuple[str, str], Any] | None = None,
        language: str = "",
        missing: tuple[str, ...] = (),
        hangs_up_after: int | None = None,
        whole: tuple[str, ...] = (),
        says: Sequence[str | None] | None = None,
    ):
        self.keys = {prompt: list(pressed) for prompt, pressed in (keys or {}).items()}
        self.answers = dict(answers or {})
        self.heard: list[str] = []
        self.variables: dict[str, str] = {}
        self.asked: list[LookUp] = []
        self.said_at: list[tuple[float, str]] = []
        self.now = 1000.0
        self.music_is_on = False
        self.hung_up = False
        self.left = hangs_up_after
        self.ending: Ending | None = None
        self.hearing = None if says is None else Says(says)
        session = Session(
            self, Spoken(missing, whole), self.look_up, language, "c1", lambda: self.now, hearing=self.hearing
        )
        try:
            self.ending = session.perform(story)
        except HungUp:
            self.hung_up = True

    def command(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise HungUp

    def pressed(self, at: str, keys: str) -> str:
        waiting = self.keys.get(at, [])
        key = waiting.pop(0) if waiting else "."
        return key if key in keys else ""

    def stream(self, path: str, keys: str, offset: int, seconds: float) -> tuple[str, int]:
        self.command()
        self.music_is_on = False
        name = "listening" if path == "tones/listening" else path
        if not offset:
            self.heard.append(name)
            self.said_at.append((self.now, name))
        key = self.pressed(name, keys)
        self.now += seconds / 2 if key else seconds
        return key, offset + (4000 if key else 8000)

    def wait_for_key(self, seconds: float) -> str:
        self.command()
        key = self.pressed("wait", "0123456789*#ABCD")
        self.now += 0.1 if key else seconds
        return key

    def music(self, on: bool) -> None:
        self.command()
        self.music_is_on = on

    def set(self, name: str, value: str) -> None:
        self.command()
        self.variables[name] = value

    def hang_up(self) -> None:
        self.hung_up = True

    def look_up(self, step: LookUp) -> dict[str, Any] | None:
        self.asked.append(step)
        answer: Any = self.answers.get((step.what, step.key))
        if isinstance(answer, list):
            answer = answer.pop(0) if answer else None
        return answer if answer is None or isinstance(answer, dict) else None

    @property
    def spoken(self) -> list[str]:
        """What was heard, without the taps of the listening menu."""
        return [name for name in self.heard if name != "listening"]
