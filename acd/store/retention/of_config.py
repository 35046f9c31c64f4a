"""The rules of retention, as the configuration has them."""

from acd.config import Config
from acd.config.recordings.retention import with_defaults
from acd.store.queries.recording_keeping import KeepDays
from acd.store.retention.rules import RetentionClass, Rules


def rules_of(config: Config) -> Rules:
    """For how long recordings are kept by this configuration."""
    keep = KeepDays(
        config.recordings.keep_days or 0,
        {name: brand.keep_days for name, brand in config.brands.items() if brand.keep_days is not None},
        {name: queue.keep_days for name, queue in config.queues.items() if queue.keep_days is not None},
    )
    classes = {
        name: RetentionClass(
            each.days or 0, tuple(each.queues), tuple(each.dispositions), tuple(each.lookups), tuple(each.reasons)
        )
        for name, each in with_defaults(config.recordings.retention).items()
    }
    return Rules(keep, classes, config.recordings.forget_callers)
