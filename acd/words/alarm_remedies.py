"""What to do about an alarm of the watchdogs, by its code: for `doctor`. None of it ends a call.

Alarms about trunks, certificates and calls of the hotline to itself have their remedies where they are told (acd/cli/trunks.py, …).
"""

from collections.abc import Mapping

from acd.words import alarm_remedies_zh

REMEDIES: Mapping[str, str] = {
    "ami-login-refused": "The daemon keeps retrying. `./sanxiang drain` lets a new daemon read the password again; calls go on.",
    "sip-does-not-answer": "Look into run/asterisk/log/messages.log in the state folder, and check [sip] in the configuration.",
    "asterisk-deaf": "Calls go on. run/asterisk/log/security.log shows who floods the SIP port; see docs/floods.md.",
    "asterisk-overloaded": "Calls go on. `./sanxiang status` shows CPU and ports; if the SIP port is flooded, see docs/floods.md.",
    "asterisk-stuck": "Calls go on. `./sanxiang drain --hotline` serves the present callers, then stops; `./sanxiang up` starts it again.",
    "asterisk-hung": "It was started again. Look into log/asterisk.log of the state folder.",
    "asterisks-files-changed": "`./sanxiang config reload` writes these files again; put what you want to keep into the configuration.",
    "background-work-failed": "`./sanxiang logs --since 1h` shows why. It is retried automatically.",
    "bad-line": "docs/line-quality.md says what to look at.",
    "caller-forgotten-on-hold": "`./sanxiang call list` shows the call; ask the agent to take it off hold.",
    "call-cannot-be-connected": "`./sanxiang agent list` shows whose telephone is reachable; the call is tried again.",
    "callback-late": "`./sanxiang callback list --late` shows which. Call the customer, reschedule the callback, or ask agents to log in.",
    "calls-refused": "The alarm names the limit. If the traffic is normal, raise it; `./sanxiang status` shows what is left.",
    "certificate-unusable": "Correct the two files of sip.tls; no restart is needed, and the previous certificate stays in use meanwhile.",
    "certificate-ends": "Renew the certificate; no restart is needed.",
    "customer-system-away": "Check that system, and [customers] in the configuration; calls go on with the local records meanwhile.",
    "low-mark": "`./sanxiang call show` with the call of the alarm shows what happened; a callback that the caller wanted is already queued.",
    "fault-overdue": "`./sanxiang fault clear N` if it is fixed; otherwise `./sanxiang fault change N --expected …`.",
    "no-such-queue": "Add it under [queues], or correct the menu; then `./sanxiang config reload`.",
    "proxy-not-trusted": "Add that address to web.trusted_proxies, if it is your proxy; it counts from the next `./sanxiang drain` on.",
    "recording-altered": "`./sanxiang logs --since 24h` names the file. Restore it from a backup, and find out who changed it.",
    "recordings-disk-full": "Move old recordings away, or enlarge the disk: calls go on, but are recorded in part or not at all.",
    "recordings-disk-nearly-full": "Move old recordings away, or enlarge the disk.",
    "recordings-disk-stalls": "Check the disk or share (`dmesg`, `mount`). Calls go on; what is not recorded is marked.",
    "recordings-folder-cannot-be-written": "Correct the folder's owner and permissions, or check its disk (`dmesg`). Calls go on without recordings.",
    "self-call-failed": "./sanxiang doctor --call",
    "queue-waiting": "`./sanxiang queue show QUEUE` shows waiting callers and agents; ask agents to log in.",
    "queue-longest-wait": "`./sanxiang queue show QUEUE` shows waiting callers and agents; ask agents to log in.",
    "queue-service-level": "`./sanxiang kpi --interval 15` shows when it began to fall; ask agents to log in.",
    "queue-abandoned": "`./sanxiang kpi --interval 15` shows when it began to rise; ask agents to log in.",
    "queue-staffed": "`./sanxiang agent list` shows who is logged in; ask more agents to log in.",
    "queue-three-ring-rate": "`./sanxiang agent list` shows whose telephone rings unanswered.",
    "trunks-ill": "`./sanxiang trunk status` shows which, and what each needs.",
    "disk-room-short": "Move old recordings away, or enlarge the disk. Calls go on.",
    "events-late": "`./sanxiang status` shows the CPU; `./sanxiang logs --since 10m` shows what blocked the daemon. Calls go on.",
    "certificate-days-few": "Renew the certificate of [sip.tls]; it takes effect within half a minute, and calls go on.",
}
"""Code to remedy; in Chinese: alarm_remedies_zh.py."""
OTHERWISE = "`./sanxiang alarms --all` shows its history; docs/alarms.md says how alarms end."


def remedy(code: str, language: str = "en") -> str:
    """What to do about an alarm of this code."""
    if language == "zh":
        return alarm_remedies_zh.REMEDIES.get(code, alarm_remedies_zh.OTHERWISE)
    return REMEDIES.get(code, OTHERWISE)
