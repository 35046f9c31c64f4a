"""Bad configurations, as operators write them: each gets one sentence with its place, the reason and the remedy, no more.

A row is what was done to a good file, the place that is named, and words of the sentence.
"""

import re
from pathlib import Path

import pytest

from acd.config import BadConfiguration, load, warnings
from acd.config.arrival_checks import own_number
from acd.config.messages import near
from acd.config.source_lines import line_of

GOOD = """
[hotline]
timezone = "Asia/Shanghai"
hours = ["mon-fri 08:00-20:00"]

[hotline.numbers]
95001 = "zh"

[sip]
port = 5060

[trunks.carrier]
addresses = ["192.0.2.10"]

[routing]
priority_s = 30

[queues.orders]
label = { zh = "订单", en = "Orders" }
skills = { orders = 3 }
overflow = [
  { after_s = 30, do = "lower-skill", to = 2, why = "w" },
]

[queues.general]
label = { zh = "人工", en = "General" }

[queues.vip]
label = { zh = "贵宾", en = "VIP" }
prefers = { orders = 5 }

[agents.1001]
name = "One"
skills = { zh = 5, en = 5, orders = 5 }

[agents.1002]
skills = { zh = 5, en = 5 }
"""
ROW = '{ after_s = 30, do = "lower-skill", to = 2, why = "w" }'
ROWS = "queues.orders.overflow"

Case = tuple[str, str, str, str]


def row(text: str, words: str, place: str = f"{ROWS} (row 1)") -> Case:
    """Another row, or several, in the place of the one that queue `orders` has."""
    return ROW, text, place, words


def more(text: str, place: str, words: str) -> Case:
    """Something added at the end of the file."""
    return "", text, place, words


def transfers(text: str, place: str, words: str) -> Case:
    """A line under [transfers]."""
    return more(f"[transfers]\n{text}\n", f"transfers.{place}".rstrip("."), words)


def quality(text: str, place: str, words: str) -> Case:
    """A line under [quality]."""
    return more(f"[quality]\n{text}\n", f"quality.{place}".rstrip("."), words)


def trunk(text: str, place: str, words: str) -> Case:
    """A line under [trunks.carrier]."""
    return 'addresses = ["192.0.2.10"]', f'addresses = ["192.0.2.10"]\n{text}', f"trunks.carrier.{place}", words


AWAY_AT_60 = '{ after_s = 60, do = "voicemail", why = "w" }'
CORPUS: dict[str, Case] = {
    # --- [survey] ---
    "a question that there is not": more('[survey]\nquestions = ["happy"]\n', "survey.questions (entry 1)", r"'happy' is not one of"),
    "a question twice": more('[survey]\nquestions = ["solved", "solved"]\n', "survey.questions", r"solved stands twice"),
    "a survey without questions": more("[survey]\non = true\nquestions = []\n", "survey.questions", r"there is none, so nothing can be asked"),
    "a sample of nobody": more("[survey]\nsample = 0\n", "survey.sample", r"out of range"),
    "a mark that is too low for none": more("[survey]\nlow = 5\n", "survey.low", r"5 is out of range"),
    "supervisors without a queue": more('[survey]\nlow_queue = "generl"\n', "survey.low_queue", r'no queue .generl. \(did you mean "general"\?\)'),
    "a survey of a queue that there is not": more("[survey.queues.ordrs]\non = true\n", "survey.queues.ordrs", r'did you mean "orders"'),
    "a survey of a brand that there is not": more("[survey.brands.acme]\non = true\n", "survey.brands.acme", r"no brand"),
    "a call back without a trunk": ('[trunks.carrier]\naddresses = ["192.0.2.10"]\n', '[survey]\nwhen_left = "call"\n', "survey.when_left", r"there is no trunk to call by\. Add one"),
    "a queue's link that nobody sends": more('[survey.queues.orders]\nwhen_left = "webhook"\n', "survey.queues.orders.when_left", r"there is nobody to tell"),
    "a call back at once": more("[survey]\ncall_after_min = 0\n", "survey.call_after_min", r"0 is out of range"),
    "a call back without end": more("[survey]\ncall_retry_min = [60, 60, 60, 60]\n", "survey.call_retry_min", r""),
    "a link that nobody sends": more('[survey]\nwhen_left = "webhook"\n', "survey.when_left", r"there is nobody to tell\. Add \[survey\.webhook\]"),
    "a sender with a password": more(
        '[survey.webhook]\nurl = "https://a:b@x.example"\nsecret_file = "/etc/x"\n', "survey.webhook.url", r"without a password"
    ),
    "a sender of another kind": more('[survey.webhook]\nurl = "ftp://x.example"\nsecret_file = "/etc/x"\n', "survey.webhook.url", r"no address of the web"),
    # --- TOML and keys ---
    "not TOML": ("[sip]", "[sip", "", r"is not TOML: .*line \d+.* Mend that line"),
    "a key that stands twice": ("port = 5060", "port = 5060\nport = 5061", "", r"is not TOML: .*line \d+"),
    "a value without quotes": ('timezone = "Asia/Shanghai"', "timezone = Asia/Shanghai", "", r"is not TOML: .*line 3"),
    "a misspelt part": ("[routing]", "[ruoting]", "ruoting", r'unknown key \(did you mean "routing"\?\)'),
    "a misspelt key": ("priority_s", "priorty_s", "routing.priorty_s", r'did you mean "priority_s"\?'),
    "a misspelt key of a queue": ("skills = { orders = 3 }", "skils = { orders = 3 }", "queues.orders.skils", r'"skills"'),
    "a misspelt key of a row": row(ROW.replace("after_s", "after"), r'unknown key \(did you mean "after_s"', f"{ROWS} (row 1).after"),
    "a queue without a label": ('label = { zh = "人工", en = "General" }', "", "queues.general.label", r"is missing\. Add it"),
    "a label in one language": ('{ zh = "贵宾", en = "VIP" }', '{ zh = "贵宾" }', "queues.vip.label.en", r"is missing"),
    "a part that is no table": ("[hotline]\ntimezone", "log = 3\n[hotline]\ntimezone", "log", r"3 can't stand here\. Write a table"),
    "a queue's name with a space": more('[queues."a b"]\nlabel = { zh = "x", en = "x" }\n', "queues.a b", r"lower-case letters, digits and dashes"),
    # --- values ---
    "a number in words": ("port = 5060", 'port = "sip"', "sip.port", r"'sip' can't stand here\. Write a whole number without quotes"),
    "SIP among the RTP ports": ("port = 5060", "port = 10500", "sip", r"port 10500 lies among the RTP ports \(10000 to 10999\)"),
    "SIP at the page's port": ("port = 5060", "port = 8080", "web.port", r"8080 is sip.port already\. Take another"),
    "an address that is none": ("port = 5060", 'port = 5060\nexternal_address = "300.1.1.1"', "sip.external_address", r"'300.1.1.1' is no address"),
    "an address with a port": ("port = 5060", 'port = 5060\nexternal_address = "203.0.113.7:5060"', "sip.external_address", r"has a port. Write the address alone"),
    "a port out of range": ("port = 5060", "port = 70000", "sip.port", r"70000 is out of range\. It must be at most 65535"),
    "a negative time": ("[queues.general]", "[queues.general]\nwrap_up_s = -1", "queues.general.wrap_up_s", r"-1 is out of range"),
    "a time without end": ("[queues.general]", "[queues.general]\nwrap_up_s = inf", "queues.general.wrap_up_s", r"inf is out of range"),
    "a time that is no number": ("[queues.general]", "[queues.general]\nwrap_up_s = nan", "queues.general.wrap_up_s", r"nan is out of range"),
    "half a level": ("orders = 3 }", "orders = 2.5 }", "queues.orders.skills.orders", r"2\.5 can't stand here\. Write a whole number"),
    "a level too high": ("orders = 5 }\n\n[agents.1002]", "orders = 10 }\n\n[agents.1002]", "agents.1001.skills.orders", r"10'? is out of range"),
    "a text where a list belongs": ('hours = ["mon-fri 08:00-20:00"]', 'hours = "mon-fri 08:00-20:00"', "hotline.hours", r"Write a list in \[ \]"),
    "a list where a table belongs": ("skills = { orders = 3 }", 'skills = ["orders"]', "queues.orders.skills", r"Write a table in \{ \}"),
    "a word for a truth": ("[routing]", '[routing]\nspare_versatile = "perhaps"', "routing.spare_versatile", r"Write true or false"),
    "a strategy that there is not": ("[queues.vip]", '[queues.vip]\nstrategy = "longest-idel"', "queues.vip.strategy", r"'longest-idel' is not one of .*did you mean \"longest-idle\""),
    "a same agent that there is not": ("[routing]", '[routing]\nsame_agent = "best"', "routing.same_agent", r"'best' is not one of 'off', 'last' or 'first'"),
    "an agent's number in letters": more("[agents.bob]\n", "agents.bob", r"the extension, two to six digits"),
    "a control character in a name": ('name = "One"', 'name = "O\\u0007ne"', "agents.1001.name", r"printable characters on one line"),
    "a name as long as a page": ('name = "One"', f'name = "{"x" * 300}"', "agents.1001.name", r"must have at most 80 characters"),
    "a share over one": ("[queues.vip]", "[queues.vip]\ntarget = { within_share = 90 }", "queues.vip.target.within_share", r"90 is out of range"),
    "a target that there is not": ("[queues.vip]", "[queues.vip]\ntarget = { within_s = 20 }", "queues.vip.target.within_s", r"Known here: aht_s, answer_within_s"),
    "a point that is worth nothing": ("priority_s = 30", "priority_s = 0", "routing.priority_s", r"0 is out of range. It must be more than 0"),
    "a journal kept for no day": more("[log]\nkeep_days = 0\n", "log.keep_days", r"0 is out of range"),
    "a priority beyond the scale": more("[priorities]\n13800001111 = 1000\n", "priorities.13800001111", r"1000 is out of range"),
    "refusals without end": ("[routing]", "[routing]\nphone_refusals = 21", "routing.phone_refusals", r"21 is out of range"),
    "half a refusal": ("[routing]", "[routing]\nphone_refusals = 2.5", "routing.phone_refusals", r"whole number"),
    "a log-out before the telephone is gone": ("[routing]", "[routing]\nlog_out_unreachable_min = -1", "routing.log_out_unreachable_min", r"-1 is out of range"),
    "a log-out in words": ("[routing]", '[routing]\nlog_out_unreachable_min = "never"', "routing.log_out_unreachable_min", r"number"),
    "a mobile in letters": ('name = "One"', 'outside = "mobile"', "agents.1001.outside", r"3 to 15 digits"),
    "a premium number for a mobile": ('name = "One"', 'outside = "16888888"', "agents.1001.outside", r"begins as routing\.never_dial forbids"),
    "our own number for a mobile": ('name = "One"', 'outside = "95001"', "agents.1001.outside", r"is our own number"),
    "an emergency number for a mobile": ('name = "One"', 'outside = "110"', "agents.1001.outside", r"reaches an emergency service"),
    "a mobile of two agents": ("[agents.1002]", '[agents.1005]\noutside = "13800001111"\nskills = { orders = 3 }\n[agents.1004]\noutside = "13800001111"\nskills = { orders = 3 }\n[agents.1002]', "agents.1005.outside", r"also the number of agent 1004"),
    # --- names that lead nowhere ---
    "hours that end when they begin": ("08:00-20:00", "20:00-20:00", "hotline.hours", r"begins when it ends"),
    "a day that there is not": ("mon-fri", "mon-frx", "hotline.hours", r"names a day that is not one of"),
    "a country in a word": ("[hotline]", '[hotline]\ncountry = "China"', "hotline.country", r"'China' is no country\. Write its two capital letters by ISO 3166-1"),
    "a country in small letters": ("[hotline]", '[hotline]\ncountry = "cn"', "hotline.country", r"'cn' is no country \(did you mean \"CN\"\?\)"),
    "a country as the British write it": ("[hotline]", '[hotline]\ncountry = "UK"', "hotline.country", r"did you mean \"GB\"\?"),
    "a country's telephone code": ("[hotline]", '[hotline]\ncountry = "+86"', "hotline.country", r"'\+86' is no country"),
    "a stand-in in words": ("[hotline]", '[hotline]\nstand_ins = ["0000000001", "anonymous"]', "hotline.stand_ins (entry 2)", r"'anonymous' is no number\..*take it away"),
    "a stand-in that is no text": ("[hotline]", "[hotline]\nstand_ins = [1]", "hotline.stand_ins (entry 1)", r"Write a text in quotes"),
    "two priorities of one person": more('[priorities]\n13800001111 = 1\n"+8613800001111" = 2\n', "priorities.+8613800001111", r"is the same number as 13800001111 in another writing\. Keep one"),
    "a priority for a stand-in": ("[hotline]", '[priorities]\n8613800001111 = 1\n[hotline]\nstand_ins = ["13800001111"]', "priorities.8613800001111", r"stands for nobody"),
    "a priority for ourselves": more("[priorities]\n95001 = 1\n", "priorities.95001", r"stands for nobody"),
    "a priority for zeros": more('[priorities]\n"0000" = 1\n', "priorities.0000", r"stands for nobody"),
    "a timezone that there is not": ("Asia/Shanghai", "Asia/Beijing2", "hotline.timezone", r"is unknown here\. Write it as"),
    "a trunk that nobody can find": ('addresses = ["192.0.2.10"]', "", "trunks.carrier", r"needs `addresses`"),
    "a skill nobody has": ("orders = 3 }", "ordres = 3 }", "queues.orders.skills.ordres", r'no agent has this skill \(did you mean "orders"\?\)\. Give it to one'),
    "a level nobody reaches": ("orders = 3 }", "orders = 9 }", "queues.orders.skills.orders", r"no agent reaches level 9\. Lower it, or raise"),
    "a preference for what nobody has": ("prefers = { orders = 5 }", "prefers = { gold = 5 }", "queues.vip.prefers.gold", r"no agent has this skill"),
    "a preference for what all must have": ("[queues.vip]", "[queues.vip]\nskills = { orders = 5 }", "queues.vip.prefers.orders", r"prefers nobody"),
    "an agent of a queue that there is not": ('name = "One"', 'queues = ["order"]', "agents.1001.queues", r"no queue 'order' \(did you mean \"orders\""),
    "an agent who is in a queue twice": ('name = "One"', 'queues = ["orders", "orders"]', "agents.1001.queues", r"stands twice\. Keep one"),
    "an agent in no queue": ("[agents.1002]", '[agents.1003]\nskills = { zh = 5 }\nqueues = ["sales"]\n[queues.sales]\nlabel = { zh = "x", en = "x" }\nskills = { orders = 1 }\n[agents.1002]', "agents.1003.queues", r"and so is in no queue at all"),
    "a queue without agents": ('name = "One"', 'queues = ["general", "vip"]', "queues.orders", r"is without agents: 1001 could take its calls"),
    "two reasons of one name": more('[not_ready_reasons]\n1 = { zh = "餐", en = "meal" }\n2 = { zh = "午餐", en = "meal" }\n', "not_ready_reasons.2.en", r"also the reason of key 1"),
    "our own number among those never dialled": ("[routing]", '[routing]\nnever_dial = ["9500"]', "routing.never_dial", r"95001 .* is our own number"),
    # --- calls that come in ---
    "a header that there is not": trunk('caller_from = "pay"', "caller_from (entry 1)", r"'pay' is not one of 'from', 'pai', 'ppi' or 'rpid' \(did you mean \"pai\""),
    "a second header that there is not": trunk('caller_from = ["pai", "to"]', "caller_from (entry 2)", r"'to' is not one of"),
    "a caller from nowhere": trunk("caller_from = []", "caller_from", r'is empty\. Name at least one place, as caller_from = \["pai", "from"\]'),
    "a caller from one place twice": trunk('caller_from = ["pai", "pai"]', "caller_from", r"'pai' stands twice\. Keep one"),
    "a called number from nowhere": trunk("did_from = []", "did_from", r'is empty\. Name at least one place, as did_from = \["to", "uri"\]'),
    "a called number from where there is none": trunk('did_from = "from"', "did_from (entry 1)", r"'from' is not one of 'uri', 'to', 'diversion' or 'p-called-party-id'"),
    "an account with a host": trunk('accounts = ["acc1@carrier.example"]', "accounts (entry 1)", r"the account without the host"),
    "an account that is a pattern": trunk('accounts = ["_X."]', "accounts (entry 1)", r"is not written as expected"),
    "an account of one letter": trunk('accounts = ["s"]', "accounts (entry 1)", r"is not written as expected"),
    "a default that is none of ours": trunk('default_number = "95002"', "default_number", r"95002 is none of hotline\.numbers \(95001\) \(did you mean \"95001\"\?\)\. Name one of them"),
    "a pause as long as a call": trunk("answer_pause_ms = 60000", "answer_pause_ms", r"60000 is out of range"),
    "an answer that there is not": trunk('when_full = "404"', "when_full", r"'404' is not one of '503', '486' or 'sentence'"),
    "an answer as a number": trunk("when_full = 503", "when_full", r"503 is not one of '503'"),
    "more calls over a trunk than are taken": trunk("calls = 600", "calls", r"600 is more than the house takes \(446, by"),
    "more calls without a number than are taken": trunk("calls_without_number = 600", "calls_without_number", r"more than the house takes"),
    "a house without calls": more("[limits]\ncalls = 0\n", "limits.calls", r"0 is out of range"),
    "more calls than ports": more("[limits]\ncalls = 900\n", "limits.calls", r"900 calls with 2 agents need 1908 RTP ports, and \[sip\] has 1000\. Lower it to 446, or raise sip\.rtp_end to 11907"),
    "fewer than no calls in the menus": more("[limits]\nmenus = -1\n", "limits.menus", r"-1 is out of range"),
    "more calls in the menus than are taken": more("[limits]\nmenus = 500\n", "limits.menus", r"never 500 calls in the menus, for 446 are taken in all .* Lower it"),
    "a key that is asked for by none": more("[limits]\nask_key_from = 447\n", "limits.ask_key_from", r"never 447 calls in the menus, for 446"),
    "a key that is asked for too late": more("[limits]\nmenus = 20\nask_key_from = 20\n", "limits.ask_key_from", r"nobody is ever asked, .*limits\.menus = 20 .*Lower it below"),
    "a key as a word": more('[limits]\nask_key_from = "never"\n', "limits.ask_key_from", r"Write a whole number without quotes"),
    "an order that there is not": ("port = 5060", 'port = 5060\nidentify_first = "names"', "sip.identify_first", r"did you mean \"name\""),
    "a nuisance without its why": more("[nuisance.13800001111]\n", "nuisance.13800001111.why", r"is missing\. Add it"),
    "a nuisance that is shot": more('[nuisance.13800001111]\nwhy = "w"\ndo = "ban"\n', "nuisance.13800001111.do", r"'ban' is not one of 'tell' or 'turn-away'"),
    "a nuisance that is nobody": more('[nuisance.95001]\nwhy = "w"\n', "nuisance.95001", r"stands for nobody"),
    "a nuisance that stands twice": more('[nuisance.13800001111]\nwhy = "w"\n[nuisance."+8613800001111"]\nwhy = "w"\n', "nuisance.+8613800001111", r"the same number as 13800001111 in another writing"),
    "a nuisance with a priority": more('[priorities]\n13800001111 = 5\n[nuisance."+8613800001111"]\nwhy = "w"\ndo = "turn-away"\n', "nuisance.+8613800001111", r"is turned away, and has a priority"),
    # --- rows by themselves ---
    "a row without its why": row('{ after_s = 30, do = "lower-skill", to = 2 }', r"is missing\. Add it", f"{ROWS} (row 1).why"),
    "a row with an empty why": row(ROW.replace('why = "w"', 'why = ""'), r"at least 1 character", f"{ROWS} (row 1).why"),
    "a row that does what there is not": row(ROW.replace("lower-skill", "lower-skills"), r"did you mean \"lower-skill\"", f"{ROWS} (row 1).do"),
    "a row without a moment": row('{ do = "voicemail", why = "w" }', r'when = "waited" needs after_s\. Add it'),
    "a row with two moments": row('{ after_s = 5, when = "unstaffed", do = "voicemail", why = "w" }', r'after_s belongs to when = "waited"'),
    "a length without calls": row('{ when = "longer-than", do = "voicemail", why = "w" }', r"needs calls"),
    "a level that is not given": row('{ after_s = 5, do = "lower-skill", why = "w" }', r"needs to\. Add it"),
    "a move to nowhere": row('{ after_s = 5, do = "move", why = "w" }', r"needs queue"),
    "a number for a voicemail": row('{ after_s = 5, do = "voicemail", number = "10086", why = "w" }', r'number means nothing with do = "voicemail"'),
    "a raise by nothing": row('{ after_s = 5, do = "raise-priority", by = 0, why = "w" }', r"by = 0 changes nothing"),
    "a wait of more than a day": row('{ after_s = 90000, do = "voicemail", why = "w" }', r"can never match: after_s = 90000 is more than a day"),
    "a queue that there is not": row('{ after_s = 5, do = "add-queue", queue = "genral", why = "w" }', r"there is no queue 'genral' \(did you mean \"general\""),
    "a queue added to itself": row('{ after_s = 5, do = "add-queue", queue = "orders", why = "w" }', r"to itself \(orders > orders\)"),
    "a call sent to ourselves": row('{ after_s = 5, do = "number", number = "95001", why = "w" }', r"95001 is our own number: the call would come back"),
    "a premium number": row('{ after_s = 5, do = "number", number = "16888888", why = "w" }', r"begins as routing\.never_dial forbids"),
    "a skill that is not required": row('{ after_s = 5, do = "lower-skill", skill = "orderz", to = 1, why = "w" }', r"can never match: the queue does not require 'orderz' \(did you mean"),
    "a level that is not lower": row('{ after_s = 5, do = "lower-skill", to = 3, why = "w" }', r"can never match: orders 3 is required then, and 3 is not lower"),
    # --- rows together ---
    "a level lowered already": row(ROW + ', { after_s = 60, do = "lower-skill", skill = "orders", to = 2, why = "w" }', r"can never match: orders 2 is required then", f"{ROWS} (row 2)"),
    "a row behind a voicemail": row(AWAY_AT_60 + ', { after_s = 90, do = "raise-priority", by = 5, why = "w" }', r"can never match: row 1 \(after 60 s: voicemail\) has sent everybody away", f"{ROWS} (row 2)"),
    "a row before, written behind": row('{ after_s = 90, do = "add-queue", queue = "vip", why = "w" }, ' + AWAY_AT_60, r"row 2 \(after 60 s: voicemail\)", f"{ROWS} (row 1)"),
    "an unstaffed row in the shadow": row('{ when = "unstaffed", do = "voicemail", why = "w" }, { when = "unstaffed", do = "move", queue = "vip", why = "w" }', r"row 1 \(when unstaffed: voicemail\) has sent the caller away before it", f"{ROWS} (row 2)"),
    "a length in the shadow": row('{ when = "longer-than", calls = 5, do = "voicemail", why = "w" }, { when = "longer-than", calls = 9, do = "offer-callback", why = "w" }', r"can never match: row 1", f"{ROWS} (row 2)"),
    "two ways at one moment": row(AWAY_AT_60 + ', { after_s = 60, do = "move", queue = "vip", why = "w" }', r"contradict: after 60 s: voicemail, and move vip at the same moment", f"{ROWS} (rows 1 and 2)"),
    "two levels at one moment": row(ROW + ", " + ROW.replace("to = 2", "to = 1"), r"contradict: all skills to 2 and to 1", f"{ROWS} (rows 1 and 2)"),
    "two raises at one moment": row('{ after_s = 9, do = "raise-priority", by = 1, why = "w" }, { after_s = 9, do = "raise-priority", by = 2, why = "w" }', r"raise the priority twice", f"{ROWS} (rows 1 and 2)"),
    "a queue added twice": row('{ after_s = 9, do = "add-queue", queue = "vip", why = "w" }, { after_s = 19, do = "add-queue", queue = "vip", why = "w" }', r"the later one adds nobody", f"{ROWS} (rows 1 and 2)"),
    "a queue moved to itself": row('{ after_s = 9, do = "move", queue = "orders", why = "w" }', r"in a circle: orders > orders", ROWS),
    "a circle of two": (ROW, '{ after_s = 9, do = "move", queue = "sales", why = "w" }]\n[queues.sales]\nlabel = { zh = "x", en = "x" }\noverflow = [{ when = "unstaffed", do = "move", queue = "orders", why = "w" }', ROWS, r"in a circle: orders > sales > orders"),
    "a number without a trunk": ('[trunks.carrier]\naddresses = ["192.0.2.10"]\n', '[queues.x]\nlabel = { zh = "x", en = "x" }\noverflow = [{ after_s = 9, do = "number", number = "10086", why = "w" }]\n', "queues.x.overflow (row 1)", r"there is no trunk to dial by"),
    "a number where the trunk only takes calls": ('addresses = ["192.0.2.10"]\n', 'addresses = ["192.0.2.0/24"]\n[queues.x]\nlabel = { zh = "x", en = "x" }\noverflow = [{ after_s = 9, do = "number", number = "10086", why = "w" }]\n', "queues.x.overflow (row 1)", r"no trunk to dial by\. Give one `outbound`"),
    "a host with a blank": ('addresses = ["192.0.2.10"]', 'addresses = ["192.0.2.10"]\noutbound = "a b"', "trunks.carrier.outbound", r"Write a host, or host:port"),
    "a number too short to be dialled": row('{ after_s = 5, do = "number", number = "12", why = "w" }', r"Write 3 to 15 digits", f"{ROWS} (row 1).number"),
    "a number too long to be dialled": row('{ after_s = 5, do = "number", number = "1234567890123456", why = "w" }', r"Write 3 to 15 digits", f"{ROWS} (row 1).number"),
    "ourselves behind a plus": row('{ after_s = 5, do = "number", number = "+95001", why = "w" }', r"\+95001 is our own number"),
    "a premium number behind a plus": row('{ after_s = 5, do = "number", number = "+8616888888", why = "w" }', r"begins as routing\.never_dial forbids"),
    "the police": row('{ after_s = 5, do = "number", number = "110", why = "w" }', r"110 reaches an emergency service, and no setting opens one\. Name another"),
    "the police of a city": row('{ after_s = 5, do = "number", number = "021110", why = "w" }', r"reaches an emergency service"),
    "the fire brigade on the list": transfers('numbers = { "+86119" = { zh = "x", en = "x" } }', "numbers.+86119", r"reaches an emergency service"),
    "the police on the list, by its beginning": transfers('numbers = { 1101234 = { zh = "x", en = "x" } }', "numbers.1101234", r"reaches an emergency service"),
    "a satellite on the list": ("[routing]", '[transfers]\nnumbers = { "+881612345678" = { zh = "x", en = "x" } }\n[routing]\nnever_dial = []', "transfers.numbers.+881612345678", r"satellite .* calls_out\.allow"),
    "a premium number on the list without never_dial": ("[routing]", '[transfers]\nnumbers = { 12590123 = { zh = "x", en = "x" } }\n[routing]\nnever_dial = []', "transfers.numbers.12590123", r"is a premium number\. Name another"),
    # --- calls out ---
    "a kind that there is not": more('[calls_out]\nkinds = ["mobiles"]\n', "calls_out.kinds (entry 1)", r"'mobiles' is not one of .* \(did you mean \"mobile\"\?\)"),
    "premium numbers by kind": more('[calls_out]\nkinds = ["premium"]\n', "calls_out.kinds (entry 1)", r"'premium' is not one of"),
    "an allowed number without a plus": more('[calls_out]\nallow = ["+8610", "85212345678"]\n', "calls_out.allow (entry 2)", r"'85212345678' is not written as expected\. Write how the numbers begin"),
    "an allowed number in letters": more('[calls_out]\nallow = ["+86x1"]\n', "calls_out.allow (entry 1)", r"is not written as expected"),
    "an allowed number that is none": more("[calls_out]\nallow = [86]\n", "calls_out.allow (entry 1)", r"Write a text in quotes"),
    "the police allowed": more('[calls_out]\nallow = ["+86110"]\n', "calls_out.allow (entry 1)", r"is an emergency number, and no setting opens one\. Take it away"),
    "abroad allowed and forbidden": more('[calls_out]\nallow = ["+852"]\n', "calls_out.allow (entry 1)", r"is forbidden by routing\.never_dial\. Shorten that list"),
    "satellites allowed": ("[routing]", '[calls_out]\nallow = ["+881"]\n[routing]\nnever_dial = []', "calls_out.allow (entry 1)", r"belong to no country.*Write each number in full"),
    "one allowed twice": more('[calls_out]\nallow = ["+8610", "+8610"]\n', "calls_out.allow (entry 2)", r"stands twice\. Keep one"),
    "hours of callbacks that are none": more('[calls_out]\nhours = ["mon-fri 9-18"]\n', "calls_out.hours", r"is not a span of days and hours\. Write it as"),
    "hours of callbacks in one text": more('[calls_out]\nhours = "mon-fri 09:00-18:00"\n', "calls_out.hours", r"Write a list in \[ \]"),
    "no call out at a time": more("[calls_out]\nat_a_time = 0\n", "calls_out.at_a_time", r"0 is out of range"),
    "calls out without end": more("[calls_out]\nper_day = 1000000\n", "calls_out.per_day", r"1000000 is out of range"),
    "more an hour than a day": more("[calls_out]\nper_hour = 100\nper_day = 50\n", "calls_out.per_hour", r"100 can never be reached, for calls_out\.per_day is 50"),
    "more to one than to all": more("[calls_out]\nper_number = 20\nper_hour = 10\nper_day = 10\n", "calls_out.per_number", r"20 can never be reached"),
    "a key in words": more('[calls_out]\nask_key = "maybe"\n', "calls_out.ask_key", r"Write true or false"),
    "a limit that there is not": more("[calls_out]\nper_week = 3\n", "calls_out.per_week", r"unknown key.*Known here: allow, ask_key"),
    # --- handing over ---
    "a reason with a key of two digits": transfers('reasons = { 10 = { zh = "x", en = "x" } }', "reasons.10", r"10'? is out of range"),
    "a reason without a Chinese word": transfers('reasons = { 1 = { en = "refund" } }', "reasons.1.zh", r"is missing\. Add it"),
    "a reason in capitals": transfers('reasons = { 1 = { zh = "x", en = "Refund" } }', "reasons.1.en", r"Write lower-case English words"),
    "two reasons to hand over of one name": transfers('reasons = { 1 = { zh = "x", en = "refund" }, 2 = { zh = "y", en = "refund" } }', "reasons.2.en", r"also the reason of key 1"),
    "the telephone's own reason": transfers('reasons = { 1 = { zh = "x", en = "by telephone" } }', "reasons.1.en", r"is there by itself"),
    "no reason at all": transfers("reasons = {}", "reasons", r"there is none, and nobody hands over without a reason"),
    "a reason that leads nowhere": transfers('reasons = { 1 = { zh = "x", en = "refund", queue = "order" } }', "reasons.1.queue", r"no queue 'order' \(did you mean \"orders\""),
    "an outside number of letters": transfers('numbers = { bank = { zh = "x", en = "x" } }', "numbers.bank", r"Write 3 to 15 digits"),
    "an outside number without a label": transfers('numbers = { 10086 = "carrier" }', "numbers.10086", r"'carrier' can't stand here\. Write a table"),
    "a premium number on the list": transfers('numbers = { 16812345 = { zh = "x", en = "x" } }', "numbers.16812345", r"begins as routing\.never_dial forbids"),
    "ourselves on the list": transfers('numbers = { "+95001" = { zh = "x", en = "x" } }', "numbers.+95001", r"is our own number"),
    "an agent on the list of outside numbers": transfers('numbers = { 1001 = { zh = "x", en = "x" } }', "numbers.1001", r"also an agent's extension"),
    "a list of numbers and no trunk": ('[trunks.carrier]\naddresses = ["192.0.2.10"]\n', '[transfers]\nnumbers = { 10086 = { zh = "x", en = "x" } }\n', "transfers.numbers.10086", r"no trunk to dial by"),
    "an extension that leads to a queue that there is not": transfers('extensions = { 2001 = { queue = "vips" } }', "extensions.2001.queue", r"no queue 'vips' \(did you mean \"vip\""),
    "an extension that leads to a skill nobody has": transfers('extensions = { 2001 = { skill = "order" } }', "extensions.2001.skill", r"no agent has the skill 'order' \(did you mean \"orders\""),
    "an extension that leads two ways": transfers('extensions = { 2001 = { queue = "vip", skill = "orders" } }', "extensions.2001", r"leads to one place"),
    "an extension that leads nowhere": transfers("extensions = { 2001 = {} }", "extensions.2001", r"leads to one place"),
    "an extension that is an agent's": transfers('extensions = { 1001 = { queue = "vip" } }', "extensions.1001", r"is also an agent's extension"),
    "an extension that is the hotline's": transfers('extensions = { 95001 = { queue = "vip" } }', "extensions.95001", r"is also a number of the hotline"),
    "an extension of seven digits": transfers('extensions = { 2001001 = { queue = "vip" } }', "extensions.2001001", r"Write the extension, two to six digits"),
    "a step up without its why": transfers('escalation = [{ reason = "refund", tier = 2 }]', "escalation (row 1).why", r"is missing\. Add it"),
    "a step up to everybody": transfers('escalation = [{ reason = "refund", tier = 1, why = "w" }]', "escalation (row 1).tier", r"1 is out of range"),
    "a step up for a reason that there is not": transfers('escalation = [{ reason = "refunds", tier = 2, why = "w" }]', "escalation (row 1).reason", r"no reason 'refunds' \(did you mean \"refund\""),
    "a step up that comes too late": transfers('escalation = [{ reason = "refund", tier = 3, why = "w" }, { reason = "refund", over = 500, tier = 2, why = "w" }]', "escalation (row 2)", r"can never match: row 1 \(refund: tier 3\) asks for as high a tier"),
    "a step up written twice": transfers('escalation = [{ reason = "refund", over = 5, tier = 2, why = "w" }, { reason = "refund", over = 5, tier = 2, why = "w" }]', "escalation (row 2)", r"can never match: row 1"),
    "a step up over less than nothing": transfers('escalation = [{ reason = "refund", over = -5, tier = 2, why = "w" }]', "escalation (row 1).over", r"-5 is out of range"),
    "a desk's link without a host": more(
        '[desk]\nlinks = [{ zh = "档案", en = "CRM", url = "javascript:alert(1)" }]\n', "desk.links.0.url", "whole address"
    ),
    "a desk's link whose host the caller gives": more(
        '[desk]\nlinks = [{ zh = "档案", en = "CRM", url = "https://{number}.example.com" }]\n', "desk.links.0.url", "whole address"
    ),
    "a desk's link with an unknown value": more(
        '[desk]\nlinks = [{ zh = "档案", en = "CRM", url = "https://crm.example.com/{name}" }]\n',
        "desk.links.0.url",
        r"\{name\} is unknown here. Write one of \{number\}",
    ),
    "a MOS of six": quality("mos = 6", "mos", r"6 is out of range. It must be at most 4.5"),
    "a MOS below the scale": quality("mos = 0.9", "mos", r"must be at least 1"),
    "a loss in words": quality('loss_percent = "3 %"', "loss_percent", r"'3 %' can't stand here. Write a number without quotes"),
    "more loss than all": quality("loss_percent = 101", "loss_percent", r"must be at most 100"),
    "no jitter at all": quality("jitter_ms = 0", "jitter_ms", r"must be more than 0"),
    "a round trip of no time": quality("round_trip_ms = -1", "round_trip_ms", r"must be more than 0"),
    "deaf at once": quality("unheard_s = 0", "unheard_s", r"must be at least 1"),
    "more bad legs than legs": quality("bad_legs = 21", "", r"of the latest 20 legs \(of_legs\) never 21 are bad. Write a bad_legs of at most 20"),
    "a window of nothing": quality("bad_legs = 0\nof_legs = 0", "of_legs", r"must be at least 1"),
    "half a leg": quality("of_legs = 2.5", "of_legs", r"can't stand here. Write a whole number"),
    "a look each second": quality("look_s = 1", "look_s", r"Write 3 or more, or 0 for no looks"),
    "a misspelt threshold": quality("jitter = 30", "jitter", r'unknown key \(did you mean "jitter_ms"\?\)'),
    "a reminder behind the limit": transfers("hold_reminder_s = 300", "", r"hold_limit_s must be longer than hold_reminder_s"),
    "a recording of half a consult": transfers('consult_recording = "half"', "consult_recording", r"'half' is not one of 'leg' or 'off'"),
    "a disposition in capitals": transfers('dispositions = { SOLVED = { zh = "x", en = "x" } }', "dispositions.SOLVED", r"Write lower-case English words"),
    "a tier beyond the scale": ('name = "One"', "tier = 10", "agents.1001.tier", r"10'? is out of range"),
    "a whisper that there is not": ('name = "One"', 'whisper = "sometimes"', "agents.1001.whisper", r"'sometimes' is not one of 'always', 'without-page' or 'never'"),
    "a callback without a trunk": ('[trunks.carrier]\naddresses = ["192.0.2.10"]\n', '[queues.x]\nlabel = { zh = "x", en = "x" }\noverflow = [{ after_s = 9, do = "offer-callback", why = "w" }]\n', "queues.x.overflow (row 1)", r"dials out, and there is no trunk"),
}  # fmt: skip


def changed(old: str, new: str) -> str:
    if not old:
        return GOOD + new
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def test_the_good_one_is_good(tmp_path: Path):
    file = tmp_path / "sanxiang.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert warnings(load(file)) == []
    assert len(CORPUS) >= 60


@pytest.mark.parametrize("what", CORPUS)
def test_a_bad_configuration_gets_one_sentence_with_place_reason_and_remedy(what: str, tmp_path: Path):
    old, new, place, words = CORPUS[what]
    file = tmp_path / "sanxiang.toml"
    file.write_text(changed(old, new), encoding="utf-8")
    with pytest.raises(BadConfiguration) as refused:
        load(file)
    (said,) = refused.value.mistakes
    assert said.startswith(f"{place}: " if place else "is not TOML"), said
    assert re.search(words, said), said
    assert said.endswith("."), said
    first, last = str(refused.value).split("\n")
    assert re.fullmatch(re.escape(str(file)) + r"(:\d+)?: " + re.escape(said), first)
    assert last == "Mend the lines above, then try `./sanxiang config check` again. Nothing was changed."


COVERED = {
    "this machine's own network": (
        'port = 5060\n\n[trunks.carrier]\naddresses = ["192.0.2.10"]', 'bind = "10.1.0.5"\n\n[trunks.carrier]\naddresses = ["10.1.0.0/24"]',
        r"trunks\.carrier\.addresses: 10\.1\.0\.0/24 covers sip\.bind, 10\.1\.0\.5, .*A telephone of an agent that registers from there is taken for the carrier",
    ),
    "a private network that is an office's": (
        'addresses = ["192.0.2.10"]', 'addresses = ["192.0.2.10", "10.0.0.0/8"]', r'10\.0\.0\.0/8 covers 16777216 private addresses.*write sip\.identify_first = "name"',
    ),
    "callers who are asked for a password": ("port = 5060", 'port = 5060\nidentify_first = "name"', r"a caller over a trunk whose number is an agent's extension \(1001, 1002\)"),
}  # fmt: skip


@pytest.mark.parametrize("what", COVERED)
def test_addresses_that_cover_the_telephones_are_taken_with_a_warning(what: str, tmp_path: Path):
    old, new, words = COVERED[what]
    file = tmp_path / "sanxiang.toml"
    file.write_text(changed(old, new), encoding="utf-8")
    (said,) = warnings(load(file))
    assert re.search(words, said), said


def test_a_number_in_any_writing_may_be_the_default(tmp_path: Path):
    file = tmp_path / "sanxiang.toml"
    for written in ("95001", "+8695001", "008695001", "095001"):
        file.write_text(
            changed('addresses = ["192.0.2.10"]', f'addresses = ["192.0.2.10"]\ndefault_number = "{written}"')
        )
        config = load(file)
        assert own_number(config, config.trunks["carrier"].default_number or "") == "95001"


STAFFING = {
    "no agent has both": (
        "[agents.1001]", '[agents.1003]\nskills = { gold = 1 }\n[queues.sales]\nlabel = { zh = "x", en = "x" }\nskills = { orders = 1, gold = 1 }\n[agents.1001]',
        r"queues\.sales: is without agents: each of its skills is there, but no agent has all of them \(orders 1, gold 1\)",
    ),
    "an agent for whom there is nothing": (
        '[queues.general]\nlabel = { zh = "人工", en = "General" }\n\n[queues.vip]\nlabel = { zh = "贵宾", en = "VIP" }\nprefers = { orders = 5 }\n', "",
        r"agents\.1002: matches no queue \(skills: zh 5, en 5\)",
    ),
    "an agent listed for more than he can": (
        "[agents.1002]", '[queues.sales]\nlabel = { zh = "x", en = "x" }\nskills = { orders = 1 }\n[agents.1002]\nqueues = ["sales", "vip"]',
        r"agents\.1002\.queues: sales requires orders 1, which the agent lacks",
    ),
    "a tier that nobody has": (
        "[agents.1001]", '[transfers]\nescalation = [{ reason = "refund", over = 500, tier = 3, why = "w" }]\n[agents.1001]\ntier = 2',
        r"transfers\.escalation \(row 1\): no agent has tier 3 or a higher one \(refund over 500: tier 3\)",
    ),
    "English promised and not spoken": (
        '95001 = "zh"', '95001 = "zh"\n95002 = "en"', r"agents: no agent has the skill en, and callers who choose English \(at 95002\)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", STAFFING)
def test_what_is_thinly_staffed_is_taken_with_a_warning(what: str, tmp_path: Path):
    old, new, words = STAFFING[what]
    text = changed(old, new)
    if "English" in what:
        text = text.replace("en = 5", "fr = 5")
    file = tmp_path / "sanxiang.toml"
    file.write_text(text, encoding="utf-8")
    (said,) = warnings(load(file))
    assert re.search(words, said), said


GOOD_ROWS = [
    # A number that does not answer sends the caller back, so a later row still counts.
    '{ after_s = 60, do = "number", number = "10086", why = "w" }, { after_s = 90, do = "voicemail", why = "w" }',
    # The menu asks for the language, whatever the queue asks for.
    '{ after_s = 60, do = "lower-skill", skill = "en", to = 0, why = "w" }',
    '{ after_s = 60, do = "lower-skill", to = 0, why = "w" }',
    # The longer queue first: then the shorter one still has its own answer.
    '{ when = "longer-than", calls = 9, do = "voicemail", why = "w" }, { when = "longer-than", calls = 5, do = "offer-callback", why = "w" }',
    '{ after_s = 30, do = "lower-skill", to = 2, why = "w" }, { after_s = 60, do = "lower-skill", to = 1, why = "w" }',
    '{ after_s = 30, do = "add-queue", queue = "general", why = "w" }, { after_s = 90, do = "move", queue = "vip", why = "w" }',
    '{ when = "wait-over", wait_s = 300, do = "offer-callback", within_h = 2, why = "w" }, { after_s = 300, do = "raise-priority", by = -5, why = "w" }',
]  # fmt: skip


@pytest.mark.parametrize("rows", GOOD_ROWS)
def test_rows_that_look_alike_and_are_well_are_taken(rows: str, tmp_path: Path):
    file = tmp_path / "sanxiang.toml"
    file.write_text(changed(ROW, rows), encoding="utf-8")
    assert load(file).queues["orders"].overflow


def test_many_mistakes_are_told_at_once(tmp_path: Path):
    file = tmp_path / "sanxiang.toml"
    rows = '{ after_s = 90000, do = "move", queue = "nowhere", why = "w" }, { after_s = 5, do = "number", number = "95001", why = "w" }'
    file.write_text(changed(ROW, rows).replace("orders = 3 }", "ordres = 3 }"), encoding="utf-8")
    with pytest.raises(BadConfiguration) as refused:
        load(file)
    assert len(refused.value.mistakes) == 4


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("queues.orders.overflow (row 2)", "{ after_s = 99"),
        ("queues.orders.overflow (rows 1 and 2)", "{ after_s = 30"),
        ("queues.orders.overflow (row 1).do", "{ after_s = 30"),
        ("queues.orders.skills.ordres", "skills = { orders = 3 }"),
        ("queues.orders.nonsense", "[queues.orders]"),
        ("agents.1002.skills.zh", "skills = { zh = 5, en = 5 }"),
        ("sip.port", "port = 5060"),
        ("hotline.numbers.95001", '95001 = "zh"'),
        ("hotline.hours", "hours = ["),
    ],
)
def test_a_mistake_is_shown_with_its_line(place: str, text: str):
    lines = changed(ROW, ROW + ',\n  { after_s = 99, do = "voicemail", why = "w" }').splitlines()
    line = line_of("\n".join(lines), place)
    assert lines[line - 1].strip().startswith(text)


def test_a_mistake_in_handing_over_is_shown_with_its_line():
    text = (
        GOOD
        + '[transfers]\nescalation = [\n  { reason = "a", tier = 2, why = "w" },\n  { reason = "b", tier = 2, why = "w" },\n]\n[transfers.extensions]\n2001 = { queue = "x" }\n'
    )
    lines = text.splitlines()
    assert lines[line_of(text, "transfers.escalation (row 2).reason") - 1].startswith('  { reason = "b"')
    assert lines[line_of(text, "transfers.extensions.2001.queue") - 1].startswith("2001 =")


def test_what_stands_nowhere_has_no_line():
    assert line_of(GOOD, "database.url") == 0


def test_a_word_that_looks_like_none_gets_no_guess():
    assert near("zebra", ["orders", "general"]) == ""
