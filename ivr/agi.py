"""A live call in Asterisk as a line for stories. The only file that knows pyst2, and where its faults are mended.

pyst2's own start-up is left out: it sets a signal handler (which fails in a thread), believes the environment, and
prints every digit a caller keys. Its reading of answers is replaced: it takes a value for a hang-up, a usage message cut
short for endless lines, and an early answer for an error. What remains is its wording of commands.
"""

import os
import re
from pathlib import Path
from time import monotonic

from asterisk.agi import AGI

from ivr.agi_protocol import Forged, HungUp, LineError, Unheard, Wire
from ivr.backend import Backend
from ivr.log import log, log_once
from ivr.prompts import Sounds
from ivr.session import Listens, LookUpBy, Session
from ivr.settings import Settings, read_settings
from ivr.step import Call, Outcome
from ivr.stories import STORIES, sounds_of

ANSWER = re.compile(r"(\d{3})([ -])(.*)", re.DOTALL)
RESULT = re.compile(r"result=(-?\d+)(?: \((.*)\))?(?: endpos=(\d+))?\s*", re.DOTALL)
VARIABLES = (
    "CALL_ID",
    "DIALLED",
    "LANG",
    "QUEUE",
    "AGENT",
    "NOTICE",
    "POSITION_SAID",
    "CALLER",
    "WITHIN",
    "WITHHELD",
    "SURVEY",
    "SUBJECT",
    "ASK_KEY",
)
SAFE = re.compile(r"[A-Za-z0-9+@.-]{0,64}")
CALL_ID = re.compile(r"[a-z0-9-]{1,40}")
WITHIN = re.compile(r"[0-9]{1,7}")
PATIENCE_S = 5.0
"""Beyond the time a command takes by itself."""
UP = "6"


class AgiLine(AGI):  # type: ignore[misc]  # pyst2 has no types
    """One AGI session over a wire. Raises HungUp, LineError, Unheard and Forged, and nothing of pyst2's."""

    def __init__(self, wire: Wire):
        # AGI.__init__ is not called: see the head of this file.
        self.wire = wire
        self.stdin = self.stdout = wire
        self._got_sighup = False
        self.doubled_s = 0.0
        """The same key again within so long is the same press; Asterisk was told of it in two ways (RFC 4733 and INFO)."""
        self._key, self._key_at = "", 0.0

    def send_command(self, command: str, *words: object) -> None:
        """Writes one command."""
        self.wire.write(" ".join([command, *map(str, words)]) + "\n")

    def get_result(self, stdin: object = None) -> dict[str, tuple[str, str]]:
        while True:
            line = self.wire.readline()
            if line.startswith("HANGUP"):
                raise HungUp
            match = ANSWER.fullmatch(line)
            if not match:
                raise Forged("an answer that is none of Asterisk's")
            code, more, text = match.groups()
            if code == "100":
                continue  # "trying": the answer itself follows
            if code == "200":
                return self.parsed(text)
            if code == "511":
                raise HungUp  # a dead channel
            while more == "-" and not self.wire.readline().startswith(f"{code} "):
                pass  # the usage text of a 520, to its last line; the end of the stream raises HungUp
            raise LineError(f"{code} {text}")

    @staticmethod
    def parsed(text: str) -> dict[str, tuple[str, str]]:
        match = RESULT.fullmatch(text)
        if not match:
            raise LineError(f"an answer that cannot be read: {text[:80]!r}")
        return {"result": (match[1], match[2] or ""), "endpos": (match[3] or "0", "")}

    def _quote(self, text: object) -> str:
        """One word of a command. Line breaks and NUL are refused: they would be commands of their own."""
        word = str(text)
        if any(letter in word for letter in "\r\n\0"):
            raise ValueError("a line break or NUL may not go to Asterisk")
        return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def ask(self, seconds: float, *words: object) -> dict[str, tuple[str, str]]:
        """One command, given `seconds` and some patience. -1 means a dead channel or a failed command; we ask which."""
        self.wire.deadline = monotonic() + seconds + PATIENCE_S
        answer: dict[str, tuple[str, str]] = self.execute(*words)
        if answer["result"][0] == "-1":
            if self.execute("CHANNEL STATUS")["result"][0] != UP:
                raise HungUp
            raise LineError(f"{words[0]} failed")
        return answer

    def stream(self, path: str, keys: str, offset: int, seconds: float) -> tuple[str, int]:
        """See session.Line."""
        while True:
            answer = self.ask(seconds, "STREAM FILE", self._quote(path), self._quote(keys), offset)
            key, offset = key_of(answer), int(answer["endpos"][0])
            if not self._is_doubled(key):
                return key, offset

    def wait_for_key(self, seconds: float) -> str:
        """See session.Line."""
        until = monotonic() + seconds
        while True:
            key = key_of(self.ask(seconds, "WAIT FOR DIGIT", max(1, round(seconds * 1000))))
            if not self._is_doubled(key):
                return key
            seconds = max(0.0, until - monotonic())

    def listen(self, first_s: float, most_s: float) -> tuple[Outcome, str, bytes]:
        """See ivr.speech.hearing.Ear. AudioSocket ends when we say so; a key has ended it, or the caller has hung up."""
        from ivr.speech.sound import Listening  # here: few houses listen, and a program pays for each import

        try:
            with Listening(first_s, most_s) as listening:
                self.wire.deadline = monotonic() + first_s + most_s + 2 * PATIENCE_S
                words = f"{listening.id},127.0.0.1:{listening.port}"
                self.send_command("EXEC", "AudioSocket", self._quote(words))
                outcome = listening.run(self.wire.reads) if not self.wire.buffer else "failed"
                listening.finish()
                answer = self.get_result()
        except OSError as error:
            log_once(f"A caller could not be listened to ({error.strerror}).")
            return "failed", "", b""
        if answer["result"][0] not in ("0", "-1"):  # -2: Asterisk has no such application
            log_once("A caller could not be listened to: Asterisk has no AudioSocket.")
            return "failed", "", b""
        if answer["result"][0] == "-1" and self.execute("CHANNEL STATUS")["result"][0] != UP:
            raise HungUp
        self._is_doubled(listening.key)
        return outcome, listening.key, listening.endpoint.sound

    def _is_doubled(self, key: str) -> bool:
        """Whether this key is the one before, told a second time. Else it is noted."""
        now = monotonic()
        if key and key == self._key and now - self._key_at < self.doubled_s:
            return True
        if key:
            self._key, self._key_at = key, now
        return False

    def music(self, on: bool) -> None:
        """See session.Line."""
        self.ask(0, "SET MUSIC", "ON" if on else "OFF")

    def set(self, name: str, value: str) -> None:
        """See session.Line."""
        self.ask(0, "SET VARIABLE", self._quote(name), self._quote(value))

    def hang_up(self) -> None:
        """See session.Line."""
        self.ask(0, "HANGUP")

    def call(self) -> Call:
        """What the story may know. The first question of a session, with a word that nobody could have answered before:
        lines forged into the environment cannot pass for Asterisk's answer."""
        word = os.urandom(8).hex()
        wanted = "|".join([word, *(f"${{{name}}}" for name in VARIABLES)])
        values = self.ask(0, "GET FULL VARIABLE", self._quote(wanted))["result"][1].split("|")
        if values[0] != word or len(values) != len(VARIABLES) + 1:
            raise Forged("the first answer is not to our question")
        known = {
            name: value if SAFE.fullmatch(value) else "" for name, value in zip(VARIABLES, values[1:], strict=True)
        }
        return Call(
            id=known["CALL_ID"] if CALL_ID.fullmatch(known["CALL_ID"]) else "",
            dialled=known["DIALLED"],
            language=known["LANG"],
            queue=known["QUEUE"],
            agent=known["AGENT"],
            notice=known["NOTICE"],
            said=known["POSITION_SAID"],
            survey=known["SURVEY"],
            # A number that the caller withholds is not said aloud: whoever holds the telephone keys one.
            caller="unknown" if known["WITHHELD"] else known["CALLER"].removeprefix("+"),
            subject=known["SUBJECT"],
            ask_key=known["ASK_KEY"] == "1",
            within_s=int(known["WITHIN"]) if WITHIN.fullmatch(known["WITHIN"]) else 0,
        )


def key_of(answer: dict[str, tuple[str, str]]) -> str:
    """The key in an answer, or ""."""
    code = int(answer["result"][0])
    return chr(code) if code > 0 else ""


def serve(
    name: str, wire: Wire, settings: Settings, sounds: Sounds, look_up: LookUpBy, hearing: Listens | None = None
) -> bool:
    """Plays one story on one call. False when it broke; the dialplan then finds NEXT unset and helps itself."""
    call = Call()
    try:
        line = AgiLine(wire)
        line.doubled_s = settings.doubled_s
        call = line.call()
        story = STORIES[name](call, settings)
        if (brand := settings.brands.get(call.dialled)) is not None:
            sounds = sounds_of(brand.sounds)
        Session(line, sounds, look_up, call.language, call.id, hearing=hearing).perform(story)
    except HungUp:
        return True
    except Unheard:
        log(f"Asterisk did not answer a command of {name} in time; the session is given up.", call.id)
    except Forged as error:
        log(f"A session of {name} is refused: {error}.", call.id)
    except Exception as error:  # the caller must not pay for our fault: the dialplan goes on
        log(f"The story {name} broke off: {where(error)}. The call goes on in the dialplan.", call.id)
    else:
        return True
    return False


def where(error: Exception) -> str:
    """Kind and place of a fault, not its text: that could hold what a caller keyed."""
    trace = error.__traceback__
    place = "?"
    while trace:
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {place}"


def run_once(name: str, settings_file: str) -> int:
    """The story as a program that Asterisk has started; answers the exit code."""
    wire = Wire(0, 1)
    try:
        settings = read_settings(Path(settings_file))
        wire.read_environment()
    except HungUp:
        return 0
    except (Exception, Unheard) as error:
        log(f"The story {name} cannot begin: {error or type(error).__name__}.")
        return 1
    backend = Backend(settings.backend, settings.token_file)
    return 0 if serve(name, wire, settings, Sounds(settings.sounds), backend.look_up) else 1
