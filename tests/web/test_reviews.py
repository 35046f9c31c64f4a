"""Talks that people grade, with a real PostgreSQL: the week's sample, on the command line."""

import hashlib
import json
from pathlib import Path

from sqlalchemy import text

from tests.web.support.kept_recordings import keeping_server, talk
from tests.web.test_command_line import said, sanxiang

TOML = """
[queues.orders]
label = { zh = "订单", en = "Orders" }
[reviews]
seed = "open to all"
share = 0.5
"""


async def test_the_sample_of_a_week_is_drawn_again_from_what_the_command_prints(tmp_path: Path, database: str) -> None:
    async with keeping_server(tmp_path, database, TOML) as house:
        talks = [(await talk(house))[0].offer for _ in range(3)]
        unanswered = await house.calls.offer(house.calls.arrives())
        await house.calls.written(unanswered.call)
        async with house.store.transaction() as connection:
            await connection.execute(text("UPDATE recordings SET offered_at = '2024-11-19T03:00:00Z'"))
        found = json.loads(await said(house, "review", "sample", "--week", "2024-W47", "--json"))
        assert (found["week"], found["seed"], found["share"]) == ("2024-W47", "open to all", 0.5)
        marks = sorted((hashlib.sha256(f"open to all|2024-W47|{each}".encode()).hexdigest(), each) for each in talks)
        assert [(row["digest"], row["talk"]) for row in found["talks"]] == marks
        assert [row["taken"] for row in found["talks"]] == [True, True, False]
        assert {(row["agent"], row["queue"], row["shift"]) for row in found["talks"]} == {("1001", "orders", "06:00")}

        shown = await said(house, "review", "sample", "--week", "2024-W47")
        assert "Week 2024-W47, seed open to all: 2 of 3 talks to be graded." in shown
        assert marks[0][1] in shown and marks[2][1] not in shown
        assert "3 次通话中抽取 2 次质检" in await said(
            house, "review", "sample", "--week", "2024-W47", "--language", "zh"
        )
        assert "0 of 0 talks" in await said(house, "review", "sample", "--week", "2024-W48")
        status, _, complaints = await sanxiang(house, "review", "sample", "--week", "2124-W47")
        assert status == 1 and "Week 2124-W47 is not over" in complaints

        form = await said(house, "review", "form", "--language", "zh")
        assert "服务质检表（service）" in form and "按规定核验身份" in form
        assert "[reviews.forms.service.groups.attitude]" in await said(house, "review", "form", "--toml")
