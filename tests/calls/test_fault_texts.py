"""Odd and hostile text wherever a caller can put some: nothing of it is believed, kept, or carried out."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Caller, Phone
from tests.calls.faults.figures import report_figures
from tests.calls.support.call_log import person as known_as
from tests.calls.support.full_system import FullSystem
from tests.calls.support.system.people import BRISK_KEY_AFTER_S

NEXT_EVENT = "\r\n\r\nEvent: UserEvent\r\nPrivilege: user,all\r\nTimestamp: 1.0\r\nUserEvent: AgentLoggedOut\r\nAgent: 1001\r\n\r\n"
ANOTHER_CALL = "\r\n\r\nEvent: UserEvent\r\nUserEvent: CallArrived\r\nCall: c1-1-1111\r\nCaller: 110\r\n\r\n"


def numbers(made: Path) -> list[str]:
    """User parts of From headers, each escaped as SIP has it: decoded, they hold what stands here."""
    texts = [
        "13800001111" + NEXT_EVENT,
        "1380000" + ANOTHER_CALL,
        '13800001111"><sip:110@127.0.0.1>',
        "13800001111,1,Set(DIALLED=110)",
        f"${{SHELL(touch {made})}}",
        f"13800001112`touch {made}`",
        f"13800001113;$(touch {made})|touch {made}",
        "8" * 2000,
        "138📞00001113",
        "13800001114\0",
        "=1+1",
        "anonymous",
    ]
    return [quote(text, safe="") for text in texts]


def believable(number: str) -> set[str]:
    """What may stand in the log for such a number: that it is unknown, or digits of it in their order."""
    digits = re.sub(r"\D", "", unquote(number))
    return {"unknown", known_as(digits), known_as(re.sub(r"\D", "", unquote(number).partition("@")[0]))}


async def test_text_of_a_callers_making_is_never_believed(tmp_path: Path):
    made = tmp_path / "made"
    async with FullSystem(tmp_path, brisk=True) as system:
        phone = await system.staffed(("1001", "1002", "1003"), Phone(ring_s=0.1, talk_s=(2.2, 2.4)))
        key: dict[str, Any] = {"keys": "1", "keys_after_s": BRISK_KEY_AFTER_S, "stays_s": 60.0}
        odd = numbers(made)
        names = [
            f'\\"{quote(NEXT_EVENT)}',
            quote(ANOTHER_CALL),
            f"${{SHELL(touch {made})}} $(touch {made}) `touch {made}`",
            "张三 📞 ‮321",
            "x" * 1500,
            "a, b; c | d & e = ${EXTEN} [${CALLERID(num)}]",
        ]
        headers = {
            "X-Offer": f"1,1001,9,x{quote(NEXT_EVENT)}",
            "P-Asserted-Identity": '"110" <sip:110@127.0.0.1>',
            "Remote-Party-ID": "<sip:110@127.0.0.1>;party=calling",
            "Diversion": f"<sip:110{quote(NEXT_EVENT)}@127.0.0.1>",
            "Call-Info": f"<http://127.0.0.1/{quote(ANOTHER_CALL)}>",
            "Subject": quote(ANOTHER_CALL),
            "User-Agent": quote(NEXT_EVENT) + "x" * 2000,
        }
        good = [f"1370000000{number}" for number in range(len(names) + 1)]
        for number in odd:
            await system.caller(Caller("95001", number, **key))
        for number, name in zip(good, names, strict=False):
            await system.caller(Caller("95001", number, name=name, **key))
        await system.caller(Caller("95001", good[-1], headers=headers, **key))
        strange = [*map(quote, ("95001" + ANOTHER_CALL, f"${{SHELL(touch {made})}}")), "9" * 2000, "s", "h", "*11"]
        wrong = [await system.caller(Caller(number, "13600000000", stays_s=1)) for number in strange]
        for person in wrong:
            assert await person.wait() != 0, "a number that is not the hotline's was answered"
        calls = len(odd) + len(good)
        await system.log.row(Kind.ENDED, count=calls)
        assert set(system.log.endings().values()) == {Ending.ANSWERED}
        arrived = [str(row.detail["caller"]) for row in system.log.of(Kind.ARRIVED)]
        assert len(arrived) == calls
        for number in good:
            arrived.remove(known_as(number))
        for caller in arrived:
            assert any(caller in believable(number) for number in odd), caller
            assert caller == "unknown" or caller.removeprefix("+").isdigit()
        print(sorted(arrived))
        assert {row.detail["dialled"] for row in system.log.of(Kind.ARRIVED)} == {"95001"}
        assert {row.call for row in system.log.of(Kind.ENDED)} == {row.call for row in system.log.of(Kind.ARRIVED)}
        for agent in ("1001", "1002", "1003"):
            assert (await system.agent(agent))["logged_in"]
        assert not made.exists()
        shown = {
            re.sub(r"<.*", "", line) for invite in phone.invites() for line in re.findall(r"^From: .*$", invite, re.M)
        }
        assert all(re.fullmatch(r'From: "Orders (unknown|\d{3}\*{4}\d{4}|\d{1,8})" ', line) for line in shown), shown
        for row in system.log.rows():
            assert "UserEvent" not in repr(row) and "SHELL" not in repr(row)
        for part in ("daemon", "stories"):
            assert "Traceback" not in system.said(part)
        report_figures("forged lines in every text of a caller's", calls + len(strange), system.log.lost(), None)
