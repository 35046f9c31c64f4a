"""The table [survey] against the rest of the configuration."""

from collections.abc import Iterator

from acd.config.messages import near
from acd.config.schema import Config
from acd.config.surveys.table import OwnSurvey, SurveyTable


def survey_mistakes(config: Config) -> Iterator[str]:
    """A sentence for everything that can't be."""
    table = config.survey
    for place, names, known, what in (
        ("survey.queues", table.queues, config.queues, "queue"),
        ("survey.brands", table.brands, config.brands, "brand"),
    ):
        for name in names:
            if name not in known:
                yield f"{place}.{name}: there is no {what} {name!r}{near(name, list(known))}. Name one of [{what}s]."
    places = {
        "survey": table.low_queue,
        **{f"survey.queues.{name}": own.low_queue for name, own in table.queues.items()},
    }
    places |= {f"survey.brands.{name}": own.low_queue for name, own in table.brands.items()}
    for place, queue in places.items():
        if queue is not None and queue not in config.queues:
            yield f"{place}.low_queue: there is no queue {queue!r}{near(queue, list(config.queues))}. Name one of [queues]."
    tables: dict[str, SurveyTable | OwnSurvey] = {"survey": table, **_own(config)}
    for place, own in tables.items():
        if own.when_left == "webhook" and table.webhook is None:
            yield f'{place}.when_left: there is nobody to tell. Add [survey.webhook] with `url` and `secret_file`, or write "".'
        if own.when_left == "call" and not any(trunk.dials_out for trunk in config.trunks.values()):
            remedy = "Give one `outbound`" if config.trunks else "Add one under [trunks]"
            yield f'{place}.when_left: there is no trunk to call by. {remedy}, or write "".'
        if own.on and own.questions == []:
            yield f'{place}.questions: there is none, so nothing can be asked. Name at least "satisfied", or write on = false.'


def _own(config: Config) -> dict[str, OwnSurvey]:
    table = config.survey
    queues = {f"survey.queues.{name}": own for name, own in table.queues.items()}
    return queues | {f"survey.brands.{name}": own for name, own in table.brands.items()}
