"""An agent logs in by telephone: the PIN by keypad, three tries. Sets LOGIN; the PIN goes to the daemon and nowhere else."""

from ivr.step import Call, Collect, Done, LookUp, Play, SetVariable, Story

TRIES = 3
MOST_DIGITS = 12


def agent_login(call: Call) -> Story:
    """Asks for the PIN, three tries, and sets LOGIN."""
    result = "wrong"
    wrong: tuple[str, ...] = ()
    for _ in range(TRIES):
        pin = yield Collect((*wrong, "agent-enter-pin"), digits=MOST_DIGITS, first_s=8, end="#")
        if pin:
            answer = yield LookUp("login", call.agent, {"pin": pin})
            result = answer.get("result", "unknown") if answer else "silent"
            if result != "wrong":
                break
        wrong = ("agent-wrong-pin",)
    spoken = {"ok": "agent-logged-in", "locked": "agent-locked", "wrong": "agent-wrong-pin", "silent": "agent-not-now"}
    yield SetVariable("LOGIN", result if result in ("ok", "wrong", "locked") else "unknown")
    yield Play(spoken.get(result, "agent-unknown"))
    return Done()
