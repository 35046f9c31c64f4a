"""The whole product on every address of both families, with TLS: `bind = "::"`."""

import asyncio
import ssl
from pathlib import Path

from acd.pbx.probe import Probe
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.support.certificates import made


async def test_sip_answers_on_both_families_and_over_tls_and_health_says_so(tmp_path: Path):
    files = made(tmp_path / "tls", "house")
    tls = f'[sip.tls]\nport = 0\ncertificate = "{files.certificate}"\nkey = "{files.key}"\n'
    system = FullSystem(tmp_path, ("1001",), brisk=True, more=tls)
    text = system.config_file.read_text("utf-8")
    assert 'bind = "127.0.0.1"' in text
    system.config_file.write_text(text.replace('bind = "127.0.0.1"', 'bind = "::"'), "utf-8")
    async with system:
        assert (system.prepared.bind, system.prepared.bind_also) == ("0.0.0.0", "::")
        assert (await system.checks())["sip"]
        for host in ("127.0.0.1", "::1"):
            assert (await Probe(system.prepared.sip_port, host=host).look()).why == ""
            shown = await asyncio.to_thread(ssl.get_server_certificate, (host, system.prepared.tls_port), timeout=10)
            assert shown == files.certificate.read_text()
        # A call goes as before.
        await system.staffed("1001", Phone(ring_s=0.3, talk_s=(1.5, 1.5)))
        await system.asks("1", "13800000001")
        call = await system.log.call_of("13800000001")
        assert (await system.log.ending_of(call)).detail["ending"] == "answered"
        code, said, _ = await system.sanxiang("doctor", "--config", str(system.config_file))
        assert "sip.tls" in said and "good until" in said, (code, said)
