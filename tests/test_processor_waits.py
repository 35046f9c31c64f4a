"""What excuses a test is counted: a processor that was busy, and not a thread that slept."""

import os
import subprocess
import sys
import time

import pytest

from tests.support.processor_waits import ProcessorWaits

pytestmark = pytest.mark.slow
BUSY = "import os,time\nos.sched_setaffinity(0,{%d})\nend=time.process_time()+%s\nwhile time.process_time()<end: pass\n"


def waited_s(*programs: str) -> float:
    waits = ProcessorWaits()
    waits.start()
    running = [subprocess.Popen([sys.executable, "-c", program]) for program in programs]
    for each in running:
        each.wait()
    waits.stop()
    return waits.longest_s()


def test_two_that_want_one_processor_wait_for_each_other():
    cpu = min(os.sched_getaffinity(0))
    # Looked at once a second: the last part of a second may be missing.
    assert waited_s(BUSY % (cpu, 2.0), BUSY % (cpu, 2.0)) > 0.5


def test_who_sleeps_does_not_wait():
    waits = ProcessorWaits()
    waits.start()
    time.sleep(0.2)
    waits.stop()
    assert set(waits._first) == set(waits._latest) != set()
    with subprocess.Popen(["sleep", "600"]) as sleeper:
        waits = ProcessorWaits(sleeper.pid)
        waits.start()
        time.sleep(1.2)
        waits.stop()
        assert waits.longest_s() < 1.2
        sleeper.kill()
