"""The plan of a start, as a daemon of a later version reads it."""

import json
import stat
from pathlib import Path

from acd.setup.installation import Installation
from acd.setup.start_plan import StartPlan

WRITTEN = """{"config_file": "/etc/sanxiang.toml", "database_url": "postgresql://", "asterisk": ["/usr/sbin/asterisk"],
"moddir": "/modules", "datadir": "/data", "sounds": "/sounds", "page": "", "bind": "0.0.0.0", "sip_port": 5060,
"ami_port": 5038, "agi_port": 4573, "rtp_start": 10000, "rtp_end": 10999, "web_host": "::1", "web_port": 8080,
"recordings": "/recordings", "guests": {"guest": "secret"}}"""
"""As version 0.1.0 wrote it."""


def test_a_plan_of_the_first_version_is_read(tmp_path: Path):
    installation = Installation.at(tmp_path)
    (installation.run / "prepared.json").write_text(WRITTEN)
    plan = StartPlan.of(installation)
    assert (plan.sip_port, plan.guests, plan.web_url) == (5060, {"guest": "secret"}, "http://[::1]:8080")


def test_a_plan_is_kept_whole_and_private(tmp_path: Path):
    installation = Installation.at(tmp_path)
    plan = StartPlan(**json.loads(WRITTEN))
    plan.keep(installation)
    assert StartPlan.of(installation) == plan
    assert stat.S_IMODE((installation.run / "prepared.json").stat().st_mode) == 0o600
