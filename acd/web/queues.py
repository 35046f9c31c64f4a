"""The queues as they stand."""

from pydantic import BaseModel

from acd.web.routes import BOTH, Asked, Route
from acd.web.state import LiveQueue, look


class Queues(BaseModel):
    queues: list[LiveQueue]


async def queues(asked: Asked) -> Queues:
    return Queues.model_validate({"queues": look(asked.house)["queues"]})


ROUTES = [Route("GET", "/api/queues", queues, BOTH, "Every queue: waiting, staffed, available", answer=Queues)]
