"""The survey in a call back, as Asterisk executes it when the story server is away: `python agi_scripts/survey_call.py <stories.json>`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ivr.agi import run_once

sys.exit(run_once("survey_call", sys.argv[1]))
