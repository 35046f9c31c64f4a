"""Alarms: their titles in both languages; in Chinese also what each one means, and what to do. The detail behind it stays as it was
stored."""

from collections.abc import Mapping

ALARMS: Mapping[str, str] = {
    "AMI login refused": "Asterisk 拒绝系统登录(AMI),正在持续重试;请检查 AMI 密码",
    "SIP does not answer": "SIP 自启动起无应答,来电无法接入;请检查配置 [sip] 和 Asterisk 的 messages.log",
    "agent logged out": "座席话机长时间不可达,已自动签出",
    "an agent calls as a customer": "座席话机的呼叫从中继进来,被当作客户;请收窄该中继的 addresses",
    "asterisk deaf": "Asterisk 不应答 SIP,通话不受影响,未被中断;可能有人攻击 SIP 端口,见 docs/floods.md",
    "asterisk hung": "Asterisk 已卡死,已终止并自动重启",
    "asterisk overloaded": "Asterisk 过载,来电可能被拒,通话不受影响;可能有人攻击 SIP 端口,见 docs/floods.md",
    "asterisk stuck": "Asterisk 管理接口卡住,通话不受影响,未被中断;通话可以中断时请执行 ./sanxiang down 再 ./sanxiang up",
    "asterisk's files changed": "Asterisk 的配置文件被改动;下次启动或 config reload 会重新生成,需保留的改动请写入系统配置",
    "background work failed": "后台任务出错,详见 daemon.log",
    "bad line": "线路质量差;排查方法见 docs/line-quality.md",
    "call cannot be connected": "来电连续两次未能呼出到任何座席话机,系统继续重试",
    "call out refused": "一次呼出被拒绝,未拨出;允许的号码见配置 [calls_out]",
    "caller forgotten on hold": "客户被保持的时间过长",
    "calls refused": "来电被拒绝:已达上限",
    "calls taken again": "已恢复接听来电",
    "certificate ends": "SIP TLS 证书即将到期或已到期;请更新证书,无需重启",
    "certificate unusable": "新的 TLS 证书无法使用,仍使用原证书",
    "codecs refused": "因编码不符拒绝了呼叫;请核对双方编码",
    "daemon frozen": "系统主进程一度停顿",
    "event left out": "一个事件无法处理,已跳过;请将日志交给维护人员",
    "limit of calls out": "呼出已达上限;上限见配置 [calls_out]",
    "loop blocked": "系统主进程被阻塞",
    "no such queue": "来电指向配置中没有的队列,可能分给任何座席;请在 [queues] 中添加,或修改菜单",
    "out of step": "系统与 Asterisk 的状态不一致,已重新核对",
    "recording altered": "录音文件与归档时不一致(校验和不符)",
    "recording incomplete": "录音不完整",
    "recording silent": "录音无声",
    "recordings disk answers again": "录音磁盘恢复响应",
    "recordings disk full": "录音磁盘已满,录音正在被截断;请立即清理空间",
    "recordings disk nearly full": "录音磁盘即将写满;请清理空间或移走旧录音",
    "recordings disk stalls": "录音磁盘无响应;通话不受影响,其间的录音会缺失并标为不完整",
    "recordings folder cannot be written": "录音目录无法写入;请检查目录的属主、权限或磁盘",
    "self-call failed": "热线自呼测试发现问题",
    "test alarm": "测试告警:请确认已收到,无需处理",
    "transferred below the tier": "转接的接听者低于客户等级的要求",
    "unknown number called": "来电所拨号码不在热线号码之列,已按默认号码接听;请添加到 hotline.numbers,或修改中继的 did_from",
}
"""An alarm's name to its sentence. Alarms about trunks (trunks.py) and about telephones' habits (terms.py) have their own."""

TITLES: Mapping[str, str] = {
    "AMI login refused": "AMI 登录被拒绝",
    "SIP does not answer": "SIP 无应答",
    "agent logged out": "座席被自动签出",
    "an agent calls as a customer": "座席呼叫被当作客户",
    "asterisk deaf": "Asterisk 不应答 SIP",
    "asterisk hung": "Asterisk 卡死",
    "asterisk overloaded": "Asterisk 过载",
    "asterisk stuck": "Asterisk 管理接口卡住",
    "asterisk's files changed": "Asterisk 配置文件被改动",
    "background work failed": "后台任务出错",
    "bad line": "线路质量差",
    "call cannot be connected": "来电无法接通座席",
    "call out refused": "呼出被拒绝",
    "caller forgotten on hold": "客户保持过久",
    "calls refused": "来电被拒绝",
    "certificate ends": "证书即将到期",
    "certificate unusable": "证书无法使用",
    "codecs refused": "编码不符",
    "daemon frozen": "系统主进程停顿",
    "event left out": "事件被跳过",
    "limit of calls out": "呼出已达上限",
    "loop blocked": "系统主进程被阻塞",
    "no such queue": "队列不存在",
    "out of step": "状态不一致",
    "recording altered": "录音被改动",
    "recording incomplete": "录音不完整",
    "recording silent": "录音无声",
    "recordings disk full": "录音磁盘已满",
    "recordings disk nearly full": "录音磁盘将满",
    "recordings disk stalls": "录音磁盘无响应",
    "recordings folder cannot be written": "录音目录无法写入",
    "self-call failed": "自呼测试失败",
    "telephone no-voice": "听不到座席声音",
    "telephone refuses": "话机拒绝来电",
    "telephone two-places": "话机从两处注册",
    "test alarm": "测试告警",
    "transferred below the tier": "转接等级不足",
    "trunk-closed": "中继不可用",
    "trunk-no-answer": "中继无应答",
    "trunk-not-registered": "中继未注册",
    "trunk-refuses": "中继拒绝呼出",
    "trunk-silent": "中继对呼出毫无应答",
    "trunk-unresolved": "中继域名无法解析",
    "unknown number called": "来电所拨号码未知",
    "queue waiting": "等待人数过多",
    "queue longest wait": "等待时间过长",
    "queue service level": "服务水平过低",
    "queue abandoned": "放弃率过高",
    "queue staffed": "在岗座席不足",
    "queue three-ring rate": "三声接听率过低",
}
"""An alarm's name to its title."""


def title(name: str, language: str = "en") -> str:
    """A few words for lists and subjects; a name that the table does not have is shown as it is."""
    if language == "zh":
        return TITLES.get(name, name)
    return (
        name.replace("trunk-", "trunk ").replace("not-registered", "not registered").replace("no-answer", "no answer")
    )
