"""The survey after a talk, as Asterisk executes it when the story server is away: `python agi_scripts/survey.py <stories.json>`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ivr.agi import run_once

sys.exit(run_once("survey", sys.argv[1]))
