"""A trunk's sections of pjsip.conf: endpoint, password, registration, way out, and the addresses that its calls come from.

Two `identify` sections: one with the addresses of the configuration, one with those that its names had when they could last
be resolved. Asterisk throws a whole section away for one entry that it can't use, and resolves names only while it reloads; so it
never sees a name here, and the configured addresses count whatever becomes of the names.

Both names, as that of the second AOR below, have an underscore, which no trunk's name can have: Asterisk refuses the whole of
pjsip.conf where two objects of one kind have one name, and with dashes the trunks `a` and `a-watch` would have.

The way out has two AORs. Calls go by the first, which is never asked whether it answers: a carrier that passes over OPTIONS is
still dialled. The second is asked, and acd/pbx/trunk_states.py reads what came of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import quote

from acd import identifiers
from acd.calls_out import dialled_as_configured
from acd.pbx.conf.fits import ADDRESS, Fit
from acd.pbx.conf.settings import PbxSettings, PbxTrunk, numeric, without_port

HOST = re.compile(r"[A-Za-z0-9.:_\[\]-]{1,260}")
USER = re.compile(r"[A-Za-z0-9._+~*!-]{1,64}")
ACCOUNT = re.compile(r"[A-Za-z0-9._+~*!-]{1,64}(@[A-Za-z0-9.-]{1,253})?")
NUMBER = re.compile(identifiers.NUMBER)
QUOTABLE = re.compile(r"[^\x00-\x1f\x7f\"\\]{1,255}")
SECRET = re.compile(r"[^\x00-\x1f\x7f]{1,128}")
"""Any password that a carrier may give: it is written with its semicolons escaped."""
NUMBER_IN = re.compile("from|pai|ppi|rpid")
IDENTITY_HEADERS = {"pai": "P-Asserted-Identity", "ppi": "P-Preferred-Identity", "rpid": "Remote-Party-ID"}
QUALIFY_TIMEOUT_S = 3.0


def watch(trunk: PbxTrunk) -> str:
    """The AOR whose contact is asked by OPTIONS; empty where none is."""
    return f"{trunk.endpoint}_watch" if trunk.way_out and trunk.outwards.qualify_s else ""


def watched_contact(trunk: PbxTrunk, over: str = "") -> str:
    """The id under which Asterisk keeps the state of that contact (PJSIP_CONTACT)."""
    uri = _uri(trunk.way_out, over).replace("\\;", ";")
    return f"{watch(trunk)}@@{hashlib.md5(uri.encode(), usedforsecurity=False).hexdigest()}"


def registration(trunk: PbxTrunk) -> str:
    """The name of its registration; empty where it does not register."""
    return f"{trunk.endpoint}-registration" if trunk.host else ""


def account_uri(trunk: PbxTrunk, over: str = "") -> str:
    """The URI that it registers, as Asterisk's log names it."""
    user, _, domain = trunk.username.partition("@")
    return f"sip:{user}@{domain or trunk.host}{over}".replace("\\;", ";")


def sections(trunk: PbxTrunk, again_s: tuple[int, int, int], fit: Fit, *, more: str = "", over: str = "") -> str:
    """All sections of this trunk. `again_s`: seconds until a registration is tried again (PbxSettings.register_again_s); `more`:
    lines of the endpoint beside these; `over`: URI parameters that name the transport, escaped."""
    field = f"trunks.{trunk.name}"
    name = trunk.endpoint
    out = trunk.outwards
    addresses = _addresses(trunk, fit)
    if trunk.host:
        fit(f"{field}.host", trunk.host, HOST)
    if trunk.username:
        fit(f"{field}.username", trunk.username, ACCOUNT)
    proxy = fit(f"{field}.outbound_proxy", out.outbound_proxy, HOST) if out.outbound_proxy else ""
    route = f"outbound_proxy = {_uri(proxy, over)}\\;lr\n" if proxy else ""
    way_out = fit(f"{field}.outbound", trunk.way_out, HOST) if trunk.way_out else ""
    text = (
        f"[{name}](a-trunk)\ncontext = from-{name}\naors = {name}{f',{watch(trunk)}' if watch(trunk) else ''}\n{more}"
    )
    text += route + _from(trunk, fit)
    if trunk.username:
        text += f"outbound_auth = {name}\n" + _password(trunk, fit)
    if trunk.host:
        text += _registration(trunk, again_s, route, over)
    text += f"[{name}]\ntype = aor\n"
    if way_out:
        text += f"contact = {_uri(way_out, over)}{_identity(trunk, fit)}\n"
    if watch(trunk):
        text += f"[{watch(trunk)}]\ntype = aor\ncontact = {_uri(way_out, over)}\n{route}"
        text += f"qualify_frequency = {out.qualify_s}\nqualify_timeout = {QUALIFY_TIMEOUT_S}\n"
    return text + addresses


def shown_number(trunk: PbxTrunk, fit: Fit) -> str:
    """The line of [globals] with the number that calls out over this trunk show; empty where it is the one that was dialled. The
    line is always there: a reload forgets no variable that an earlier configuration had."""
    number = trunk.outwards.caller_number
    return f"SHOWN_{trunk.endpoint} = " + (fit(f"trunks.{trunk.name}.caller_number", number, NUMBER) if number else "")


def shown_for_brands(settings: PbxSettings, fit: Fit) -> str:
    """The lines of [globals] with what a brand shows over a trunk, by the number of ours that the customer had dialled. There is
    one for each trunk and number of a brand, as `shown_number` says."""
    own = settings.shown_for
    lines = []
    for brand in settings.brands:
        for trunk in settings.trunks:
            for number in brand.numbers:
                shown = own.get((trunk.endpoint, number), "")
                value = fit(f"brands.{brand.name}.caller_number.{trunk.name}", shown, NUMBER) if shown else ""
                lines.append(f"SHOWN_{trunk.endpoint}_{fit('numbers', number, NUMBER)} = {value}")
    return "\n".join(lines)


def called_numbers(trunk: PbxTrunk, settings: PbxSettings, numbers: Iterable[str], fit: Fit) -> str:
    """The lines of [globals] with the outside numbers of the configuration as this carrier wants them; one for each, as
    `shown_number` says."""
    how, rules = trunk.outwards.dial_as, settings.rules_out
    return "\n".join(
        f"TO_{trunk.endpoint}_{number} = {fit('calls_out', dialled_as_configured(rules, number, how), NUMBER)}"
        for number in numbers
    )


def _uri(host: str, over: str) -> str:
    return f"sip:{host}{over}"


def _escaped(value: str) -> str:
    """As it stands in a file of Asterisk's, where a semicolon begins a comment."""
    return value.replace(";", "\\;")


def _password(trunk: PbxTrunk, fit: Fit) -> str:
    field, out = f"trunks.{trunk.name}", trunk.outwards
    user = fit(f"{field}.auth_user", out.auth_user or trunk.username, QUOTABLE)
    text = f"[{trunk.endpoint}](a-password)\nusername = {_escaped(user)}\n"
    text += f"password = {_escaped(fit(f'{field}.password', trunk.password, SECRET))}\n"
    return text + (f"realm = {_escaped(fit(f'{field}.realm', out.realm, QUOTABLE))}\n" if out.realm else "")


def _registration(trunk: PbxTrunk, again_s: tuple[int, int, int], route: str, over: str) -> str:
    user = trunk.username.partition("@")[0]
    soon, refused, forbidden = again_s
    lines = {
        "type": "registration",
        "outbound_auth": trunk.endpoint,
        "server_uri": _uri(trunk.host, over),
        "client_uri": account_uri(trunk, over).replace(";", "\\;"),
        "contact_user": user,
        "expiration": str(trunk.outwards.expires),
        # A carrier's registrar has its bad quarters of an hour, and answers anything then: without the last four lines a
        # single 404, or 401 to the right password, ends the registration for ever.
        "retry_interval": str(soon),
        "fatal_retry_interval": str(refused),
        "forbidden_retry_interval": str(forbidden),
        "auth_rejection_permanent": "no",
        "max_retries": "1000000",
        # Asterisk would wait for up to ten seconds, at random, so that thousands of accounts do not register at once.
        "max_random_initial_delay": "1",
    }
    return f"[{registration(trunk)}]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items()) + route


def _domain(trunk: PbxTrunk) -> str:
    """The domain in From; empty: our own address stands there."""
    account = trunk.username.partition("@")[2]
    return trunk.outwards.from_domain or account or without_port(trunk.host)


def _from(trunk: PbxTrunk, fit: Fit) -> str:
    field, out = f"trunks.{trunk.name}", trunk.outwards
    in_from = fit(f"{field}.number_in", out.number_in, NUMBER_IN) == "from"
    user = out.from_user or ("" if in_from else trunk.username.partition("@")[0])
    text = f"from_user = {fit(f'{field}.from_user', user, USER)}\n" if user else ""
    domain = _domain(trunk)
    return text + (f"from_domain = {fit(f'{field}.from_domain', domain, HOST)}\n" if domain else "")


def _identity(trunk: PbxTrunk, fit: Fit) -> str:
    """The identity header, which rides on the address of the way out: so it stands in our INVITEs and in no answer of ours, where
    Asterisk's own `send_pai` would tell a carrier the extension of the agent."""
    field, out = f"trunks.{trunk.name}", trunk.outwards
    header = IDENTITY_HEADERS.get(out.number_in)
    if header is None:
        return ""
    number = fit(f"{field}.caller_number", out.caller_number, NUMBER)
    domain = fit(f"{field}.from_domain", _domain(trunk) or without_port(trunk.way_out), HOST)
    value = f"<sip:{number}@{domain}>"
    if out.number_in == "rpid":
        value += ";party=calling;screen=no;privacy=off"
    return f"?{header}={quote(value, safe='')}"


def _addresses(trunk: PbxTrunk, fit: Fit) -> str:
    """Both `identify` sections, each only where it has an address: one without any is thrown away by Asterisk, with an error."""
    return "".join(
        f"[{section}]\ntype = identify\nendpoint = {trunk.endpoint}\n"
        + "".join(f"match = {fit(f'trunks.{trunk.name}.addresses', each, ADDRESS)}\n" for each in matches)
        for section, matches in identified_by(trunk).items()
    )


def identified_by(trunk: PbxTrunk) -> dict[str, list[str]]:
    """Name of each `identify` section to its addresses."""
    configured = list(trunk.addresses)
    configured += [address] if (address := numeric(trunk.peer)) and address not in configured else []
    resolved = [each for each in trunk.resolved if each not in configured]
    both = {trunk.endpoint: configured, f"{trunk.endpoint}_names": resolved}
    return {section: addresses for section, addresses in both.items() if addresses}
