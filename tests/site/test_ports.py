"""The table of ports is that of the configuration."""

import re

from acd.config.schema import Config, Ports
from acd.config.sip import Sip, Tls
from acd.config.web import Web
from tests.site.documents import rows, section, text

PAGE = text("network.md")
TABLE = rows(section(PAGE, "## Ports"))


def test_every_port_of_the_configuration_is_in_the_table_with_its_default():
    defaults: dict[str, str] = {
        "sip.port": str(Sip().port),
        "sip.tls.port": str(Tls.model_fields["port"].default),
        "sip.rtp_start": f"{Sip().rtp_start}-{Sip().rtp_end}",
        "web.port": str(Web().port),
        "ports.ami": "any free one" if Ports().ami == 0 else str(Ports().ami),
        "ports.agi": "any free one" if Ports().agi == 0 else str(Ports().agi),
    }
    assert {re.findall(r"`([^`]+)`", row[2])[0]: row[0] for row in TABLE} == defaults


def test_no_port_is_left_out():
    """Each key that ends in "port", or lies in [ports], or is an end of the RTP ports."""
    named = {key for row in TABLE for key in re.findall(r"`([^`]+)`", row[2])}
    known = {f"{table}.{key}" for table in ("sip", "web") for key in Config.model_fields[table].default.model_dump()}
    wanted = {key for key in known if re.search(r"\.(port|rtp_start|rtp_end)$", key)}
    assert named == wanted | {"sip.tls.port"} | {f"ports.{key}" for key in Ports.model_fields}


def test_the_rules_for_a_firewall_open_these_ports_and_no_others():
    rules = section(PAGE, "## Firewall")
    opened = set(re.findall(r"dport (?:\{ )?([\d, -]+)", rules))
    assert {port for one in opened for port in re.findall(r"\d+(?:-\d+)?", one)} == {
        *("22", "443"),
        *(str(Sip().port), str(Tls.model_fields["port"].default), f"{Sip().rtp_start}-{Sip().rtp_end}"),
    }
