"""Theory against published tables, and the engine against theory: a small proof (the large one: `bench simulate`)."""

import math

import pytest

from acd.simulation.erlang import erlang_a, erlang_b, erlang_c, load_for, mean_wait_c
from acd.simulation.intervals import batch_means, interval, student_t
from tests.bench.simulate import simulated

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("lines", "blocked", "load"),
    [  # Erlang B tables as every telephone handbook has them: lines, blocking, erlangs
        (5, 0.01, 1.361), (10, 0.01, 4.461), (15, 0.01, 8.108), (20, 0.01, 12.03), (100, 0.01, 84.06),
        (10, 0.02, 5.084), (20, 0.02, 13.18), (30, 0.05, 24.80), (50, 0.001, 32.51),
    ],
)  # fmt: skip
def test_erlang_b_is_that_of_the_tables(lines: int, blocked: float, load: float):
    assert erlang_b(lines, load) == pytest.approx(blocked, rel=5e-3)


def test_erlang_c_is_the_single_servers_and_the_sum_of_its_states():
    assert erlang_c(1, 0.7) == pytest.approx(0.7)  # one server: he is busy
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)
    states = [8.0**n / math.factorial(n) for n in range(10)]
    waiting = 8.0**10 / math.factorial(10) / (1 - 0.8)
    assert erlang_c(10, 8.0) == pytest.approx(waiting / (sum(states) + waiting))
    assert erlang_c(10, 11) == 1.0 and mean_wait_c(10, 11, 60) == math.inf


def test_the_floor_of_garnett_mandelbaum_and_reiman():
    """Table 1 of "Designing a call center with impatient customers": 50 agents, 48 calls a minute, talks of a minute,
    patience of two: 20.8 s without abandonment; with it 3.1 % give up, 3.7 s, agents 93 % occupied."""
    assert mean_wait_c(50, 48, 60) == pytest.approx(20.8, abs=0.05)
    impatient = erlang_a(50, 48, 60, 120)
    assert impatient.abandons == pytest.approx(0.031, abs=0.0005)
    assert impatient.mean_wait_s == pytest.approx(3.7, abs=0.05)
    assert impatient.occupancy == pytest.approx(0.93, abs=0.005)


def test_erlang_a_lies_between_b_and_c():
    patient, hasty = erlang_a(20, 18, 180, 1e7), erlang_a(20, 18, 180, 0.01)
    assert patient.waits == pytest.approx(erlang_c(20, 18), rel=1e-3)
    assert patient.mean_wait_s == pytest.approx(mean_wait_c(20, 18, 180), rel=1e-2)
    assert hasty.abandons == pytest.approx(erlang_b(20, 18), rel=1e-3)
    for occupancy in (0.5, 0.8, 0.9, 0.97):
        load = load_for(occupancy, 20, 180, 180)
        assert erlang_a(20, load, 180, 180).occupancy == pytest.approx(occupancy)


def test_students_quantiles_are_those_of_the_tables():
    for freedom, t95, t99 in ((1, 12.706, 63.657), (2, 4.303, 9.925), (9, 2.262, 3.250), (19, 2.093, 2.861)):
        assert student_t(0.95, freedom) == pytest.approx(t95, abs=6e-4)
        assert student_t(0.99, freedom) == pytest.approx(t99, abs=6e-4)
    assert math.isnan(interval([3.0]).half_width)
    assert interval([1.0, 2.0, 3.0]).half_width == pytest.approx(4.303 / math.sqrt(3), abs=1e-3)
    assert batch_means([1, 3, 2, 4, 3, 5], 3).mean == 3.0


@pytest.mark.parametrize("patience_s", [None, 180.0])
def test_the_engines_waits_are_those_of_theory(patience_s: float | None):
    """10 agents, 80 % occupied, 20 batches of 600 calls after the first 600; the seed is 1."""
    run = simulated(0.8, patience_s, seed=1, agents=10, batch=600, batches=20)
    assert run.waits.holds(run.theory_waits), run
    assert run.mean_wait_s.holds(run.theory_mean_wait_s), run
    assert run.mean_wait_s.half_width < 0.5 * run.theory_mean_wait_s
