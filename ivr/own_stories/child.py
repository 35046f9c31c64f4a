"""The process in which a story of the house's own runs: `python -I child.py FILE`. It knows nothing of calls, secrets and the network of
the hotline; what it wants is a line of JSON on standard output, what came of it one on standard input.

What the story itself prints goes nowhere, so that it can't be taken for a step.
"""

import json
import os
import resource
import runpy
import sys
from types import SimpleNamespace
from typing import Any

MEMORY = 512 * 1024 * 1024
CPU_S = 20


def bounded() -> None:
    """This process may take so much and no more."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 1_000_000),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.nice(5)


def say(*prompts: str | int) -> dict[str, Any]:
    """Plays prompts, by name; a whole number from 0 to 9999 is said as a number. Answers the key that cut it short, or ""."""
    return {"do": "say", "prompts": list(prompts)}


def say_digits(digits: object) -> dict[str, Any]:
    """Says a text of digits one by one."""
    return {"do": "digits", "digits": str(digits)}


def ask(*prompts: str | int, digits: int = 1, wait_s: float = 5, end: str = "") -> dict[str, Any]:
    """Plays prompts and takes digits; answers them, or None when no key came within `wait_s`. `end`: the key that ends the entry."""
    return {"do": "ask", "prompts": list(prompts), "digits": digits, "wait_s": wait_s, "end": end}


def main(path: str) -> None:
    """Runs the story to its end."""
    lines, out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)

    def tell(said: Any) -> None:
        out.write(json.dumps(said).encode() + b"\n")

    try:
        bounded()
        about = json.loads(lines.readline())
        names = runpy.run_path(path, {"say": say, "say_digits": say_digits, "ask": ask}, "story")
        steps = names["story"](SimpleNamespace(**about))
        answer = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as stop:
                tell({"do": "end", "end": stop.value})
                return
            tell(step)
            answer = json.loads(lines.readline())
    except BaseException as error:
        trace, place = error.__traceback__, ""
        while trace:
            if trace.tb_frame.f_code.co_filename == path:
                place = f" at line {trace.tb_lineno}"
            trace = trace.tb_next
        # Kind and place, not the text: that could hold what a caller keyed.
        tell({"do": "end", "end": "", "why": f"{type(error).__name__}{place}"})


if __name__ == "__main__":
    main(sys.argv[1])
