"""The news of a fault, as Asterisk executes it when the story server is away: `python agi_scripts/fault_news.py <stories.json>`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ivr.agi import run_once

sys.exit(run_once("fault_news", sys.argv[1]))
