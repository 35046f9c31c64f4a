"""Talks that are to be graded, without drawing a week that is over."""

from acd.config.reviews.delivered import SERVICE, service_form
from acd.store.queries import reviews
from acd.store.queries.reviews import Assigned, DrawnWeek, Kind
from tests.web.support.web_server import RunningServer


async def to_grade(house: RunningServer, week: str, offers: list[str], *graders: str) -> None:
    """Each of these talks is to be graded by these, the first of whom counts."""
    form, now = service_form(), house.time.now()
    drawn = DrawnWeek(week, now, "test", "seed", 1.0, ["00:00"], "UTC", len(offers), len(offers), "")
    kinds: tuple[Kind, ...] = ("first", "second")
    async with house.store.transaction() as connection:
        talks = {
            each.offer: each
            for each in await reviews.recorded_talks(connection, house.time.now().replace(year=2000), now)
        }
        work = [
            Assigned(talks[offer], place + 1, kinds[place], grader)
            for offer in offers
            for place, grader in enumerate(graders)
        ]
        assert await reviews.keep_form(connection, SERVICE, form.version, form.model_dump(mode="json"))
        await reviews.save_week(connection, drawn, SERVICE, form.version, work)
