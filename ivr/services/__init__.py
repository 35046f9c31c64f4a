"""Services that a menu's key may lead to: a part of a story that serves the caller without a person, or says that one is wanted.

`{ key = "1", service = "orders", queue = "orders" }`: the name of a service below, and the queue for whom it could not serve.
"""

from collections.abc import Callable
from typing import Literal

from ivr.facts import Facts
from ivr.services import hours, records
from ivr.step import Call, Part

ServiceEnd = Literal["served", "person", "back"]
"""served: the caller has got all that was wanted, hears the goodbye, and counts as connected. person: on to the queue named
beside the service. back: the menu again."""
Service = Callable[[Call, Facts], Part[ServiceEnd]]

SERVICES: dict[str, Service] = {
    "order": records.order,
    "delivery": records.delivery,
    "balance": records.balance,
    "ticket": records.ticket,
    "hours": hours.hours,
}
"""Name to service. A name is written as a queue's."""
