"""Classes of customers as the engine knows them: what a class gives, and in which queue its callers wait."""

from collections.abc import Collection, Mapping

from acd.engine.model import CallerClass, Queue, Rules


def class_of(rules: Rules, name: str) -> CallerClass | None:
    """The class of that name; None: there is none, as for a caller of no class ("")."""
    return next((known for known in rules.classes if known.name == name), None) if name else None


def queue_for(
    rules: Rules, name: str, asked: str, queues: Mapping[str, Queue], closed: Collection[str], brand: str
) -> str:
    """Where a caller of class `name` waits who asks for the queue `asked`.

    `asked` itself where the class has no queue, or not for it; where it is an emergency queue; and where the class's queue is not
    configured, is closed by an operator, or belongs to another brand than the call.
    """
    known = class_of(rules, name)
    if known is None or not known.queue or (known.instead_of and asked not in known.instead_of):
        return asked
    own = queues.get(known.queue)
    if own is None or known.queue in closed or own.brand not in ("", brand):
        return asked
    if asked in queues and queues[asked].emergency:
        return asked
    return known.queue
