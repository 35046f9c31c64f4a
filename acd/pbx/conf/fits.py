"""What the parts of the configuration share to check a value before it is written."""

import re
from collections.abc import Callable

Fit = Callable[[str, str, re.Pattern[str]], str]
"""Field, value and pattern to the value. Raises UnfitForConf."""
ADDRESS = re.compile(r"[0-9a-fA-F.:/]{1,50}")
"""An address or a network."""
