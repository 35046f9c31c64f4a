"""How often a property is tried."""

import os


def examples(number: int) -> int:
    """So many examples in the whole suite, a twentieth of them for `./sanxiang test --fast`, but 20 at least.

    SANXIANG_FEW_EXAMPLES is set by tests/run.py.
    """
    return max(min(20, number), number // 20) if "SANXIANG_FEW_EXAMPLES" in os.environ else number
