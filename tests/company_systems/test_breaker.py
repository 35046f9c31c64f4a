"""A system that does not answer is left alone, and tried again by one caller now and then."""

from acd.company_systems.breaker import FAILURES, REST_S, Breaker


def test_after_five_failures_in_a_row_one_in_ten_seconds_asks_and_an_answer_closes_it():
    now = [100.0]
    breaker = Breaker(lambda: now[0])
    for _ in range(FAILURES - 1):
        assert breaker.may_ask() and not breaker.answered(well=False)
    assert not breaker.answered(well=True)  # one answer, and counting begins anew
    turned = [breaker.answered(well=False) for _ in range(FAILURES)]
    assert turned == [False] * (FAILURES - 1) + [True] and breaker.is_open
    assert not breaker.may_ask()
    now[0] += REST_S
    assert [breaker.may_ask() for _ in range(3)] == [True, False, False]
    assert not breaker.answered(well=False) and breaker.is_open
    now[0] += REST_S
    assert breaker.may_ask() and breaker.answered(well=True) and breaker.may_ask()
