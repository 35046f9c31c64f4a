"""One call's story being performed on a line: steps in, prompts and keys on the telephone, answers back to the story.

The line is all that differs between a live call (`agi.py`) and a test (a table of keys). What a step means stands here.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from ivr.agi_protocol import LineError
from ivr.log import log, log_once
from ivr.prompts import Sounds, number_parts
from ivr.sentences import MOST_PARTS, sentence_name, varies
from ivr.step import (
    ALL_KEYS,
    PAUSE,
    Collect,
    Ending,
    Goodbye,
    GoToQueue,
    Hangup,
    Hear,
    Heard,
    Language,
    LookUp,
    Music,
    Note,
    Now,
    OwnStory,
    Play,
    PlayIn,
    Say,
    SetLanguage,
    SetVariable,
    Spoken,
    Step,
    Story,
    TurnAway,
    Wait,
    spoken,
)

PAUSE_S = 0.3
"""Of step.PAUSE."""
MOST_AHEAD = 8
"""Keys kept that were pressed before they were asked for."""


class Line(Protocol):
    """What a session needs of a telephone. Each method may raise HungUp, LineError or Unheard."""

    def stream(self, path: str, keys: str, offset: int, seconds: float) -> tuple[str, int]:
        """Plays a file from an offset (samples); the key that cut it or "", and the sample where it ended."""

    def wait_for_key(self, seconds: float) -> str:
        """The next key within so many seconds, or ""."""

    def music(self, on: bool) -> None:
        """Starts or stops music on hold."""

    def set(self, name: str, value: str) -> None:
        """Sets a channel variable."""

    def hang_up(self) -> None:
        """Hangs up."""


class Listens(Protocol):
    """See ivr.speech.hearing.Hearing."""

    def takes(self, hear: Hear) -> bool: ...

    def listen(self, ear: Any, hear: Hear, language: str, first_s: float) -> tuple[str, Heard | None] | None: ...


LookUpBy = Callable[[LookUp], dict[str, Any] | None]


class Session:
    def __init__(
        self,
        line: Line,
        sounds: Sounds,
        look_up: LookUpBy,
        language: str = "",
        call: str = "",
        clock: Callable[[], float] = monotonic,
        hearing: Listens | None = None,
    ):
        """`hearing`: recognises what callers say; None: there are keys alone."""
        self.line, self.sounds, self.look_up = line, sounds, look_up
        self.language, self.call, self.clock = language or "zh", call, clock
        self.hearing = hearing
        self.ahead: list[str] = []
        self.musical = False

    def perform(self, story: Story) -> Ending:
        """Plays the story to its end and writes the ending on the channel; answers it."""
        answer: Any = None
        try:
            while True:
                answer = self.do(story.send(answer))
        except StopIteration as stop:
            ending: Ending = stop.value
            self.write(ending)
            return ending
        finally:
            story.close()

    def write(self, ending: Ending) -> None:
        """NEXT comes last: with it the dialplan may believe the rest."""
        match ending:
            case GoToQueue(queue, skills, path, agent, wish):
                for name, value in (("WANTED", agent), ("WISH", wish)):
                    if value:
                        self.line.set(name, value)
                self.line.set("QUEUE", queue)
                self.line.set("SKILLS", ",".join(f"{skill}:{level}" for skill, level in skills))
                self.line.set("MENU_PATH", path)
                self.line.set("NEXT", "queue")
            case TurnAway(reason, path):
                self.line.set("REASON", reason)
                self.line.set("MENU_PATH", path)
                self.line.set("NEXT", "turned-away")
            case Goodbye(path):
                self.line.set("MENU_PATH", path)
                self.line.set("NEXT", "goodbye")
            case Hangup():
                self.line.hang_up()

    def do(self, step: Step) -> Any:
        match step:
            case Play(prompts, language, keys, whole):
                return self.play(spoken(prompts), language or self.language, keys, whole)
            case Say(digits, keys):
                names = tuple(f"number-{digit}" for digit in digits if digit.isdecimal())
                return self.play(names, self.language, keys)
            case Collect():
                return self.collect(step)
            case PlayIn(prompts, first_s):
                return self.choose(prompts, first_s)
            case Music(on):
                self.line.music(on)
                self.musical = on
            case Wait(seconds):
                if not self.musical:
                    self.line.music(True)
                    self.musical = True
                return self.line.wait_for_key(seconds)
            case LookUp():
                return self.look_up(step)
            case Note(sentence):
                log(sentence, self.call)
            case SetVariable(name, value):
                self.line.set(name, value)
            case SetLanguage(language):
                self.language = language
                self.line.set("LANG", language)
            case Language():
                return self.language
            case Now():
                return self.clock()
            case OwnStory(file, about):
                from ivr.own_stories import (
                    play_own_story,  # here: few houses have one, and a program pays for each import
                )

                return play_own_story(Path(file), about, self.do, self.call)
            case _:
                raise TypeError(f"the stories do not know {step!r}")
        return None

    def play(self, prompts: tuple[Spoken, ...], language: str, keys: str = ALL_KEYS, whole: bool = False) -> str:
        """The key that cut it short, or "". A prompt that cannot be played is skipped, and said once in the log."""
        for name in self.joined(prompts, language):
            if name == PAUSE:
                if key := self.breath(keys, whole):
                    return key
                continue
            for part in (name,) if isinstance(name, str) else number_parts(name, language):
                key = self.whole(part, language) if whole else self.stream(part, language, keys)[0]
                if key:
                    return key
        return ""

    def breath(self, keys: str, whole: bool) -> str:
        """A pause of PAUSE_S; the key that ended it, or ""."""
        self.musical = False
        key = self.line.wait_for_key(PAUSE_S)
        if key and whole:
            self.ahead.append(key)
        return key if key in keys and not whole else ""

    def joined(self, prompts: tuple[Spoken, ...], language: str) -> Iterator[Spoken]:
        """The same, but a number with what stands around it as one sentence, where there is such a file: no seam is heard then."""
        at = 0
        while at < len(prompts):
            end = at + 1
            for longer in range(min(len(prompts), at + MOST_PARTS), at + 1, -1):
                parts = prompts[at:longer]
                if any(map(varies, parts)) and self.sounds.has(sentence_name(parts), language):
                    end = longer
                    break
            yield sentence_name(prompts[at:end]) if end > at + 1 else prompts[at]
            at = end

    def whole(self, name: str, language: str) -> str:
        """Plays on where a key interrupted, and keeps the key. Who keeps hammering is no longer listened to."""
        offset = 0
        while True:
            keys = ALL_KEYS if len(self.ahead) < MOST_AHEAD else ""
            key, offset = self.stream(name, language, keys, offset)
            if not key:
                return ""
            self.ahead.append(key)

    def stream(self, name: str, language: str, keys: str, offset: int = 0) -> tuple[str, int]:
        path, seconds, fault = self.sounds.find(name, language)
        if fault:
            log_once(f"The prompt {language}/{name} is skipped: {fault}", self.call)
            return "", 0
        self.musical = False  # Asterisk stops the music for a prompt
        try:
            key, end = self.line.stream(path, keys, offset, seconds)
        except LineError as error:
            log_once(f"The prompt {language}/{name} is skipped: Asterisk does not play it ({error}).", self.call)
            return "", 0
        if not key and end == 0:
            log_once(f"The prompt {language}/{name} was not heard: Asterisk could not open {path}.wav.", self.call)
        return key, end

    def collect(self, step: Collect) -> str | Heard | None:
        hear = step.hear if step.hear and self.hearing and self.hearing.takes(step.hear) else None
        prompts = (*spoken(step.prompts), *(hear.say if hear else ()))
        key = self.ahead.pop(0) if self.ahead else self.play(prompts, self.language)
        if not key and hear and self.hearing:
            self.musical = False
            told = self.hearing.listen(self.line, hear, self.language, step.first_s)
            if told is not None and told[1] is not None:
                return told[1]
            key = told[0] if told is not None else self.listen(step.first_s)
        else:
            key = key or self.listen(step.first_s)
        if not key:
            return None
        entered = ""
        while key and key != step.end:
            entered += key
            if len(entered) >= step.digits:
                break
            key = self.ahead.pop(0) if self.ahead else self.line.wait_for_key(step.between_s)
        return entered

    def choose(self, prompts: tuple[tuple[str, str], ...], first_s: float) -> str:
        if self.ahead:
            return self.ahead.pop(0)
        for language, name in prompts:
            if key := self.play((name,), language):
                return key
        return self.listen(first_s)

    def listen(self, seconds: float) -> str:
        """Waits for a key, with a soft tap each second that tells the caller the line is alive; the key, or ""."""
        left = seconds
        while left > 0:
            _, long, fault = self.sounds.find("listening", "tones")
            key, end = ("", 0) if fault else self.stream("listening", "tones", ALL_KEYS)
            if key:
                return key
            if fault or end == 0:
                return self.line.wait_for_key(left)
            left -= long
        return ""
