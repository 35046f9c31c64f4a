"""How a call over a trunk finds the number it is for: the contexts of extensions_arrival.conf, rendered.

    [from-trunk-NAME]   what the request's URI may hold: the trunk's accounts, one by one, and the next two
    [any-writing]       the hotline's numbers, in each writing that carriers use (telephone_numbers.writings)
    [any-digits]        any other number, by patterns of fixed length made of digits
    [number-NAME]       looks for the number in To, Diversion or P-Called-Party-ID, as `did_from` says; else the default number

[any-writing] is included only where the first `did_from` is "uri"; else the URI is not believed until its turn comes.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from acd.identifiers import NAME, NUMBER
from acd.pbx.conf.fits import Fit
from acd.pbx.conf.settings import PbxSettings, PbxTrunk
from acd.telephone_numbers import LONGEST, writings

_NAME = re.compile(NAME)
_NUMBER = re.compile(NUMBER)
_ACCOUNT = re.compile(r"[A-Za-z0-9+][A-Za-z0-9._+-]{1,63}")
_LANGUAGE = re.compile("zh|en|ask")
_WHOLE = re.compile("[0-9]{1,5}")
_FULL = re.compile("503|486|sentence")
DEAD_ENDS = (
    "exten => i,1,Hangup(1)\nexten => t,1,Hangup(102)\n"
    'exten => h,1,ExecIf($["${CHANNEL(checkhangup)}" != "1"]?Hangup(1))\n'
)
"""The three extensions that Asterisk goes to by itself. An INVITE can name them, too: `sip:h@…` is answered as any unknown number is."""

CALLERS = {"from": "From", "pai": "P-Asserted-Identity", "ppi": "P-Preferred-Identity", "rpid": "Remote-Party-ID"}
"""Word of `caller_from` to the header."""
CALLED = {"to": "To", "diversion": "Diversion", "p-called-party-id": "P-Called-Party-ID"}
"""Word of `did_from` to the header; "uri" is none."""
_OF_A_KIND = {"diversion": 4}
"""Headers of one kind that are looked at. A call that was diverted twice has two, the newest first."""


def placeholders(settings: PbxSettings, fit: Fit) -> dict[str, str]:
    """The values of the @{placeholders} of extensions_arrival.conf. Raises what `fit` raises."""
    if settings.calls is not None:
        fit("limits.calls", str(settings.calls), re.compile(r"[1-9][0-9]{0,4}"))
    fit("limits.menus", str(settings.menus), _WHOLE)
    fit("limits.ask_key_from", str(settings.ask_key_from), _WHOLE)
    if settings.calls_per_number is not None:
        fit("hotline.calls_per_number", str(settings.calls_per_number), _WHOLE)
    branded = {number for brand in settings.brands for number in brand.numbers}
    return {
        "any_digits": "".join(
            f"exten => _{plus}{'X' * digits},1,Set(IN_URI=${{FILTER(0-9+,${{EXTEN}})}})\n same => n,Goto(number-${{TRUNK}},s,1)\n"
            for plus in ("", "+")
            for digits in range(1, LONGEST + 1)
        ).rstrip(),
        "numbers": "".join(
            _dialled(number, number, language, branded, fit) for number, language in settings.numbers.items()
        ).rstrip(),
        "other_writings": "".join(
            _dialled(each, number, settings.numbers[number], branded, fit)
            for each, number in other_writings(settings).items()
        ).rstrip(),
        "trunk_contexts": "\n".join(
            [
                *(_trunk(trunk, settings, fit) for trunk in settings.trunks),
                "[from-guests]\ninclude => hotline\n" + DEAD_ENDS,
            ]
        ),
        "stand_ins": _named("hotline.stand_ins", sorted(settings.numbering.nobody), settings, fit),
        "turned_away": _named("nuisance", settings.turned_away, settings, fit),
        "calls": str(settings.capacity.calls),
        "menus": str(settings.menus),
        "ask_key_from": str(settings.ask_key_from),
        "calls_of_a_number": str(settings.calls_of_a_number),
        "sentences": str(settings.capacity.spare),
        "last_wall": str(settings.capacity.last_wall),
    }


def other_writings(settings: PbxSettings) -> dict[str, str]:
    """Each writing of a number of the hotline, but for those in the configuration, to the number. What would be the writing of
    two goes to the first."""
    found: dict[str, str] = {}
    for number in settings.numbers:
        for each in writings(number, settings.numbering.country):
            if each not in settings.numbers:
                found.setdefault(each, number)
    return found


def variables(trunk: PbxTrunk, settings: PbxSettings, fit: Fit) -> str:
    """The lines `set_var` of a trunk's endpoint, which its calls begin with: what [arrive] reads."""
    how = trunk.arrivals
    without = settings.capacity.calls_without_number if how.calls_without_number is None else how.calls_without_number
    values = {
        "TRUNK": fit("trunk", trunk.name, _NAME),
        "CALLER_FROM": "|".join(CALLERS[word] for word in how.caller_from),
        "VERDICT": str(int(how.verdict)),
        "PAUSE_S": f"{int(fit(f'trunks.{trunk.name}.answer_pause_ms', str(how.answer_pause_ms), _WHOLE)) / 1000:g}",
        "TRUNK_CALLS": fit(f"trunks.{trunk.name}.calls", str(how.calls), _WHOLE),
        "UNKNOWN_CALLS": fit(f"trunks.{trunk.name}.calls_without_number", str(without), _WHOLE),
        "WHEN_FULL": fit(f"trunks.{trunk.name}.when_full", how.when_full, _FULL),
    }
    return "".join(f"set_var = {name}={value}\n" for name, value in values.items())


def _trunk(trunk: PbxTrunk, settings: PbxSettings, fit: Fit) -> str:
    name = fit("trunk", trunk.name, _NAME)
    by_uri = trunk.arrivals.did_from[0] == "uri"
    default = trunk.arrivals.default_number or next(iter(settings.numbers), "")
    return (
        f"[from-trunk-{name}]\n"
        + "".join(
            f"exten => {account},1,Set(IN_URI=)\n same => n,Goto(number-{name},s,1)\n"
            for account in _accounts(trunk, settings, fit)
        )
        + ("include => any-writing\n" if by_uri else "")
        + f"include => any-digits\n{DEAD_ENDS}"
        + f"[number-{name}]\nexten => s,1,Set(SEEN=${{IN_URI}})\n"
        + "".join(_looked_for(word) for word in trunk.arrivals.did_from[1 if by_uri else 0 :])
        + ' same => n,Set(UNLISTED=${IF($["${SEEN}" != ""]?${SEEN}:none)})\n'
        + (f" same => n,Goto(hotline,{fit(f'trunks.{name}.default_number', default, _NUMBER)},1)\n" if default else "")
        + " same => n,Hangup(1)\n"
        + DEAD_ENDS
    )


def _looked_for(word: str) -> str:
    if word == "uri":
        return " same => n,Set(NUMBER=${IN_URI})\n" + _GO_THERE
    lines = ""
    for count in range(1, _OF_A_KIND.get(word, 1) + 1):
        # What is not one of ours is still worth an alarm that names it: rather than the account, the first number that was found.
        first = ' same => n,ExecIf($["${NUMBER}" != "" & "${SEEN}" = "${IN_URI}"]?Set(SEEN=${NUMBER}))\n'
        lines += f" same => n,Gosub(header-number,s,1({CALLED[word]},{count}))\n" + _GO_THERE + first
    return lines


_GO_THERE = ' same => n,GotoIf($["${NUMBER}" != "" & "${DIALPLAN_EXISTS(any-writing,${NUMBER},1)}" = "1"]?any-writing,${NUMBER},1)\n'


def _accounts(trunk: PbxTrunk, settings: PbxSettings, fit: Fit) -> list[str]:
    """What the URI may hold in the place of a number, beside numbers: the user of the registration's Contact is such an account."""
    own = trunk.username.partition("@")[0]
    named = [fit(f"trunks.{trunk.name}.accounts", each, _ACCOUNT) for each in trunk.arrivals.accounts]
    named += [own] if _ACCOUNT.fullmatch(own) else []
    ours = {*settings.numbers, *other_writings(settings)} if trunk.arrivals.did_from[0] == "uri" else set[str]()
    return [each for each in dict.fromkeys(named) if each not in ours]


def _dialled(writing: str, number: str, language: str, branded: Container[str], fit: Fit) -> str:
    fit("numbers", number, _NUMBER)
    fit(f"numbers.{number}", language, _LANGUAGE)
    of_a_brand = f" same => n,Gosub(brand,{number},1)\n" if number in branded else ""
    return f"exten => {writing},1,Set(DIALLED={number})\n same => n,Set(LANG={language})\n{of_a_brand} same => n,Goto(arrive,s,1)\n"


def _named(field: str, numbers: Iterable[str], settings: PbxSettings, fit: Fit) -> str:
    """Extensions that do nothing: each number in every writing, with and without a plus. What is no number is left out."""
    every = [fit(field, each, _NUMBER) for number in numbers for each in writings(number, settings.numbering.country)]
    every += [each.removeprefix("+") for each in every]
    return "".join(f"exten => {each},1,NoOp()\n" for each in dict.fromkeys(every)).rstrip()
