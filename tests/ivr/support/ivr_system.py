"""A small real house for tests: Asterisk with a dialplan of a few lines, the story server, and a daemon that answers."""

import contextlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from acd.pbx.install.ports import free_port
from acd.pbx.install.runtime import Pbx, ensure_pbx
from tests.support.waiting import eventually_blocking

ROOT = Path(__file__).parents[3]
MODULES = """
    res_sorcery_config res_sorcery_memory res_sorcery_astdb res_timing_timerfd res_pjproject res_pjsip
    res_pjsip_session res_pjsip_sdp_rtp res_rtp_asterisk res_pjsip_pubsub chan_pjsip res_pjsip_endpoint_identifier_ip
    res_pjsip_caller_id codec_ulaw codec_resample format_wav format_pcm res_musiconhold bridge_simple pbx_config
    res_speech res_agi func_rand app_playback app_stack app_verbose app_mixmonitor app_userevent app_read
    app_senddtmf app_exec func_callerid func_channel
    res_audiosocket app_audiosocket func_global func_logic func_strings func_cut func_timeout
"""
RESULT = (
    "Log(NOTICE,RESULT {what} ${CALL_ID} next=${NEXT} queue=${QUEUE} skills=${SKILLS} lang=${LANG} path=${MENU_PATH}"
)
RESULT += " login=${LOGIN} reason=${REASON} said=${POSITION_SAID} callback=${CALLBACK} agi=${AGISTATUS})"


class StubDaemon:
    """What the stories ask. `queues` and `calls` are its answers, `pins` its agents; `asked` what it was asked."""

    def __init__(self) -> None:
        self.queues: dict[str, dict[str, Any]] = {}
        self.calls: dict[str, dict[str, Any]] = {}
        self.pins: dict[str, str] = {}
        self.barred: set[str] = {"110"}
        """Numbers that nobody may be called back at."""
        self.asked: list[str] = []
        self.raw: bytes | None = None
        """Sent instead of an answer."""
        self.slow_s = 0.0
        daemon = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                daemon.asked.append(self.path)
                kind, name = self.path.partition("?")[0].split("/")[2:4]
                everyone = {"open": True, "staffed": 3, "waiting": 0, "longest_wait_s": 0.0}
                if kind == "queue":
                    self.answer(daemon.queues.get(name, everyone))
                elif kind == "callback":
                    number = self.path.partition("number=")[2]
                    self.answer({"possible": number not in daemon.barred, "number": number, "why": "emergency"})
                else:
                    self.answer(daemon.calls.get(name, daemon.calls.get("*")))

            def do_POST(self) -> None:
                daemon.asked.append(self.path)
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                pin = daemon.pins.get(asked["agent"])
                self.answer({"result": "unknown" if pin is None else "ok" if pin == asked["pin"] else "wrong"})

            def answer(self, value: Any) -> None:
                time.sleep(daemon.slow_s)
                if daemon.raw is not None:
                    with contextlib.suppress(OSError):
                        self.wfile.write(daemon.raw)
                    return
                if self.headers["Authorization"] != "Bearer word-of-the-house":
                    self.send_error(401)
                    return
                if value is None:
                    with contextlib.suppress(OSError):  # A story that has waited long enough is gone.
                        self.send_error(404)
                    return
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class IvrSystem:
    """Asterisk and the story server, ready. Extensions of the dialplan: see `dialplan`."""

    __test__ = False

    def __init__(self, folder: Path, sounds: Path):
        self.folder, self.sounds = folder, sounds
        self.pbx: Pbx = ensure_pbx()
        self.daemon = StubDaemon()
        self.sip_port = free_port("udp")
        self.agi_port = free_port("tcp")
        self.ami_port = free_port("tcp")
        self.settings = folder / "stories.json"
        self.stories: subprocess.Popen[bytes] | None = None
        self.write_settings()
        self.write_asterisk()
        self.asterisk = subprocess.Popen(
            [*self.pbx.asterisk, "-C", str(folder / "asterisk.conf"), "-f"],
            stdout=subprocess.DEVNULL,
            stderr=(folder / "asterisk.err").open("wb"),
            stdin=subprocess.DEVNULL,
        )
        try:
            eventually_blocking(lambda: self.command("core waitfullybooted", quiet=True), "Asterisk is up")
            self.start_stories()
        except BaseException:
            self.close()
            raise

    def write_settings(self, **changes: Any) -> None:
        token = self.folder / "token"
        token.write_text("word-of-the-house\n")
        numbers = {"95001": "zh", "95002": "en", "95000": "ask", "script": "zh"}
        menu = str(ROOT / "ivr/menus/hotline.toml")
        values: dict[str, Any] = {
            "backend": self.daemon.address,
            "token_file": str(token),
            "sounds": str(self.sounds),
            "menu": menu,
        }
        values |= {"languages": ["zh", "en"], "numbers": numbers, "agi_port": self.agi_port, **changes}
        self.settings.write_text(json.dumps(values))

    def dialplan(self) -> str:
        """9500x: the hotline, served; 9600x: the same executed; 9700x: waiting, goodbye, log-in, by name."""
        for story in ("hotline", "waiting_room", "callback_offer", "goodbye", "agent_login"):
            script = self.folder / "agi" / story
            script.parent.mkdir(exist_ok=True)
            command = [sys.executable, str(ROOT / "agi_scripts" / f"{story}.py"), str(self.settings)]
            script.write_text(f"#!/bin/sh\nexec {shlex.join(command)}\n")
            script.chmod(0o755)
        served, executed = f"agi://127.0.0.1:{self.agi_port}", f"{self.folder}/agi"
        lines = ["[arrive]"]

        def extension(number: str, agi: str, *before: str) -> None:
            story = agi.rpartition("/")[2]
            lines.append(f"exten => {number},1,Set(__CALL_ID=c{number}-${{EPOCH}}-${{RAND(1000,9999)}})")
            steps = ["Set(DIALLED=" + number.replace("960", "950") + ")", "Answer()", *before]
            steps += ["Log(NOTICE,BEGIN ${CALL_ID} ${CHANNEL})", "Set(AGIEXITONHANGUP=yes)", f"AGI({agi})"]
            steps += [RESULT.replace("{what}", story), "Hangup(16)"]
            lines.extend(f" same => n,{step}" for step in steps)

        for language in "012":
            extension(f"9500{language}", f"{served}/hotline")
            extension(f"9600{language}", f"{executed}/hotline")
        extension("97001", f"{served}/waiting_room", "Set(LANG=zh)", "Set(QUEUE=orders)")
        extension("97002", f"{served}/waiting_room", "Set(LANG=en)", "Set(QUEUE=orders)")
        extension("97003", f"{served}/goodbye", "Set(LANG=zh)")
        extension("97004", f"{served}/agent_login", "Set(LANG=zh)", "Set(AGENT=1001)")
        extension("97005", f"{served}/no_such_story")
        extension("97011", f"{executed}/waiting_room", "Set(LANG=zh)", "Set(QUEUE=orders)")
        extension("97014", f"{executed}/agent_login", "Set(LANG=zh)", "Set(AGENT=1001)")
        offered = ("Set(LANG=en)", "Set(CALLER=13800001111)", "Set(WITHIN=5400)")
        extension("97006", f"{served}/callback_offer", *offered)
        extension("97016", f"{executed}/callback_offer", *offered)
        lines.append("exten => h,1,Log(NOTICE,GONE ${CALL_ID} next=${NEXT})")
        lines += ["[rescued]", "exten => s,1,Log(NOTICE,RESCUED ${CALL_ID} next=${NEXT})"]
        lines += [f" same => n,Playback({self.sounds}/zh/please-hold)", " same => n,Hangup(16)"]
        return "\n".join(lines) + "\n"

    def write_asterisk(self) -> None:
        conf, run = self.folder / "conf", self.folder / "run"
        conf.mkdir()
        run.mkdir()
        files = {
            "../asterisk.conf": f"[directories]\nastetcdir={conf}\nastmoddir={self.pbx.moddir}\n"
            f"astvarlibdir={run}\nastdbdir={run}\nastkeydir={run}\nastdatadir={self.pbx.datadir}\nastagidir={self.folder}\n"
            f"astspooldir={run}\nastrundir={run}\nastlogdir={run}\nastsbindir=/nowhere\n[options]\nverbose=0\n",
            "modules.conf": "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in MODULES.split()),
            "logger.conf": "[general]\n[logfiles]\nmessages => notice,warning,error\n",
            "manager.conf": f"[general]\nenabled=yes\nport={self.ami_port}\nbindaddr=127.0.0.1\n"
            "[test]\nsecret=test\nread=call\nwrite=call,originate,reporting\n",
            "musiconhold.conf": f"[general]\n[default]\nmode=files\ndirectory={self.sounds}/music\nsort=alpha\n",
            "rtp.conf": "[general]\nrtpstart=20000\nrtpend=29999\nicesupport=no\n",
            "pjsip.conf": f"[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{self.sip_port}\n"
            "[trunk]\ntype=endpoint\ncontext=arrive\ndisallow=all\nallow=ulaw\ndtmf_mode=rfc4733\ncallerid=unknown <000>\n"
            "[trunk]\ntype=identify\nendpoint=trunk\nmatch=127.0.0.1\n",
            "extensions.conf": "[general]\nautofallthrough=no\n" + self.dialplan(),
        }
        for name, text in files.items():
            (conf / name).resolve().write_text(text, encoding="utf-8")

    def start_stories(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.stories = subprocess.Popen(
            [sys.executable, "-m", "ivr.server", str(self.settings)],
            env=environment,
            stderr=(self.folder / "stories.log").open("ab"),
            stdin=subprocess.DEVNULL,
        )
        eventually_blocking(self.stories_listen, "the story server listens")

    def stories_listen(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.agi_port), 1):
            return True
        return False

    def stop_stories(self) -> int:
        assert self.stories
        self.stories.send_signal(signal.SIGCONT)
        self.stories.terminate()
        return self.stories.wait(20)

    def stories_log(self) -> str:
        return (self.folder / "stories.log").read_text(encoding="utf-8")

    def command(self, words: str, quiet: bool = False) -> str:
        """What Asterisk's console says to a command; "" when it cannot be reached."""
        ran = subprocess.run(
            [*self.pbx.asterisk, "-C", str(self.folder / "asterisk.conf"), "-rx", words],
            capture_output=True,
            text=True,
            check=False,
        )
        if quiet and ran.returncode:
            return ""
        return ran.stdout or ("done" if ran.returncode == 0 else "")

    def messages(self) -> str:
        log = self.folder / "run" / "messages"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""

    def told(self, kind: str, after: int = 0) -> list[str]:
        """The dialplan's lines of a kind (BEGIN, RESULT, GONE, RESCUED), in order."""
        return re.findall(rf"(?m){kind} (.*)$", self.messages()[after:])

    def sessions(self) -> int:
        """Threads of the story server beyond its first: the sessions it holds."""
        assert self.stories
        return len(list(Path(f"/proc/{self.stories.pid}/task").iterdir())) - 1

    def programs(self) -> list[str]:
        """The stories that Asterisk has started as programs and that still run."""
        found = []
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = process.read_bytes().decode(errors="replace").split("\0")
                if str(self.settings) in words and any("agi_scripts" in word for word in words):
                    found.append(" ".join(words))
        return found

    def close(self) -> None:
        if self.stories and self.stories.poll() is None:
            self.stories.kill()
            self.stories.wait()
        self.asterisk.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.asterisk.wait(10)
        if self.asterisk.poll() is None:
            self.asterisk.kill()
            self.asterisk.wait()
        self.daemon.close()


def redirect(port: int, channel: str, context: str) -> None:
    """One AMI Redirect, as the daemon takes a caller out of a story."""
    with socket.create_connection(("127.0.0.1", port), 5) as link:
        link.sendall(
            b"Action: Login\r\nUsername: test\r\nSecret: test\r\nEvents: off\r\n\r\n"
            + f"Action: Redirect\r\nChannel: {channel}\r\nContext: {context}\r\nExten: s\r\nPriority: 1\r\n\r\n".encode()
            + b"Action: Logoff\r\n\r\n"
        )
        said = b""
        while b"Goodbye" not in said and (some := link.recv(4096)):
            said += some
        assert b"Redirect successful" in said, said


@contextlib.contextmanager
def test_house(folder: Path, sounds: Path) -> Iterator[IvrSystem]:
    house = IvrSystem(folder, sounds)
    try:
        yield house
    finally:
        house.close()


test_house.__test__ = False  # type: ignore[attr-defined]
