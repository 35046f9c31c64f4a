"""structlog as processes that only write JSON lines need it: import this module before it.

structlog imports rich and Pygments, 66 modules and a fifteenth of a daemon's start, for coloured tracebacks where it finds them.
"""

import sys
from types import ModuleType
from typing import cast

_rich = sys.modules.get("rich")
sys.modules["rich"] = cast(ModuleType, None)  # "not found", as Python's import system says it
try:
    import structlog  # noqa: F401
finally:
    if _rich is None:
        del sys.modules["rich"]
    else:
        sys.modules["rich"] = _rich
