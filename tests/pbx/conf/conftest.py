"""The rendered configuration, of settings that fit."""

from pathlib import Path

import pytest

from acd.pbx.conf.render import render
from tests.pbx.support.rendered_conf import settings_in


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    return render(settings_in(tmp_path)).parent
