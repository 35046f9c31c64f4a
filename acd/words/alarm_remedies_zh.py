"""What to do about an alarm of the watchdogs, in Chinese; the codes are those of alarm_remedies.py. None of it ends a call."""

from collections.abc import Mapping

REMEDIES: Mapping[str, str] = {
    "ami-login-refused": "系统会不断重试。`./sanxiang drain` 让新的守护进程重新读取密码；通话不受影响。",
    "sip-does-not-answer": "请查看状态目录的 run/asterisk/log/messages.log，并检查配置的 [sip]。",
    "asterisk-deaf": "通话不受影响。攻击 SIP 端口的来源见 run/asterisk/log/security.log，参见 docs/floods.md。",
    "asterisk-overloaded": "通话不受影响。`./sanxiang status` 显示 CPU 和端口占用；若有人攻击 SIP 端口，见 docs/floods.md。",
    "asterisk-stuck": "通话不受影响。`./sanxiang drain --hotline` 服务完现有来电后停止；再用 `./sanxiang up` 重新启动。",
    "asterisk-hung": "已自动重启。原因请查看状态目录的 log/asterisk.log。",
    "asterisks-files-changed": "`./sanxiang config reload` 会重新生成这些文件；需保留的改动请写入系统配置。",
    "background-work-failed": "原因见 `./sanxiang logs --since 1h`。系统会自动重试。",
    "bad-line": "排查方法见 docs/line-quality.md。",
    "caller-forgotten-on-hold": "`./sanxiang call list` 可查到该来电；请让座席恢复通话。",
    "call-cannot-be-connected": "`./sanxiang agent list` 显示哪些话机可达；系统会继续重试。",
    "callback-late": "`./sanxiang callback list --late` 可查看。请尽快回电、改期，或请座席签入。",
    "calls-refused": "上限写在告警中。若是正常话务，请调高上限；`./sanxiang status` 显示还可接多少来电。",
    "certificate-unusable": "请改正 sip.tls 的两个文件；无需重启，在此期间仍使用原证书。",
    "certificate-ends": "请更新证书；无需重启。",
    "customer-system-away": "请检查该系统和配置中的 [customers]；通话不受影响，在此期间按本地档案识别。",
    "low-mark": "用 `./sanxiang call show` 查看告警中的来电；客户要求的回电已排入队列。",
    "fault-overdue": "已恢复的请执行 `./sanxiang fault clear N`；否则 `./sanxiang fault change N --expected …` 更改预计时间。",
    "no-such-queue": "请在 [queues] 下添加该队列，或改正菜单，然后执行 `./sanxiang config reload`。",
    "proxy-not-trusted": "若它是您的代理，请把该地址加入 web.trusted_proxies；下次 `./sanxiang drain` 后生效。",
    "recording-altered": "`./sanxiang logs --since 24h` 会写明是哪个文件。请从备份恢复该文件，并查明是谁改动的。",
    "recordings-disk-full": "请移走旧录音或给磁盘扩容：通话不受影响，但录音会不完整或没有录音。",
    "recordings-disk-nearly-full": "请移走旧录音，或给磁盘扩容。",
    "recordings-disk-stalls": "请检查磁盘或网络共享（`dmesg`、`mount`）。通话不受影响；未录到的部分会有标记。",
    "recordings-folder-cannot-be-written": "请改正该目录的所有者和权限，或检查其磁盘（`dmesg`）。通话不受影响，但没有录音。",
    "self-call-failed": "./sanxiang doctor --call",
    "queue-waiting": "`./sanxiang queue show 队列` 显示等待的客户和接听的座席；请让更多座席签入。",
    "queue-longest-wait": "`./sanxiang queue show 队列` 显示等待的客户和接听的座席；请让更多座席签入。",
    "queue-service-level": "`./sanxiang kpi --interval 15` 显示从何时开始下降；请让更多座席签入。",
    "queue-abandoned": "`./sanxiang kpi --interval 15` 显示从何时开始升高；请让更多座席签入。",
    "queue-staffed": "`./sanxiang agent list` 显示在线座席；请让更多座席签入。",
    "queue-three-ring-rate": "`./sanxiang agent list` 显示哪些座席的话机振铃无人接听。",
    "trunks-ill": "`./sanxiang trunk status` 显示是哪些中继、各需如何处理。",
    "disk-room-short": "请移走旧录音，或扩充磁盘。通话不受影响。",
    "events-late": "`./sanxiang status` 显示 CPU；`./sanxiang logs --since 10m` 显示守护进程因何阻塞。通话不受影响。",
    "certificate-days-few": "请更新 [sip.tls] 的证书；半分钟内自动生效，通话不受影响。",
}
"""Code to remedy."""
OTHERWISE = "经过见 `./sanxiang alarms --all`；告警如何解除见 docs/alarms.md。"
