"""What a call of the hotline to itself has found, in words: what is wrong, and what to do or type."""

from collections.abc import Mapping
from typing import Any

from acd.words.numbers import masked
from acd.words.trunks import why_refused

_EN: Mapping[str, tuple[str, str]] = {
    "refused": (
        "Nothing was dialled: {why_words}.",
        "{why_remedy}",
    ),
    "no-answer": (
        "The call to {number} was not answered ({answer}): it rang, or nothing came back for 30 s.",
        "Type ./sanxiang trunk list: a trunk that is not registered or does not answer carries no call. If it is well, ask the carrier "
        "whether {number} leads to this line, and whether calls from your own line to it are let through.",
    ),
    "busy": (
        "The carrier says that {number} is busy ({answer}).",
        "The line may have too few channels: this call needs two at once, one out and one in. Ask the carrier how many there "
        "are, and try again when it is quiet.",
    ),
    "no-such-number": (
        "The carrier does not know {written} ({answer}).",
        "Write called numbers as this carrier wants them: set dial_as of the trunk; or add that writing to hotline.numbers and "
        "name it in self_call.number. Then type ./sanxiang config reload.",
    ),
    "rejected": (
        "The carrier refuses the call to {number} ({answer}).",
        "That means: {refusal}.",
    ),
    "trunk-away": (
        "The trunk can't be reached, or its carrier takes no call just now ({answer}).",
        "Type ./sanxiang trunk list. If it is registered or answers, ask the carrier why it takes no call: too few channels, or a fault "
        "there. If not: is its address still right (trunks.*.host, outbound, addresses)? Does a firewall keep SIP from leaving?",
    ),
    "nothing-came-in": (
        "The call to {number} was answered, but it did not come in here.{others_words}",
        "Somebody else has answered: an announcement of the carrier, or a forwarding. Ring {number} from a telephone and "
        "listen. If your calls do come in, the carrier shows another number and loses the keys: ask it for both.",
    ),
    "keys-out": (
        "Keys did not arrive: {sent} was sent over the line, {heard_words} came in. Callers' choices in the menu are lost.",
        "Ask the carrier for RFC 4733 (telephone-event) to you. Until then look at the trunk's key mode in the configuration.",
    ),
    "keys-back": (
        "Keys that are sent back over the incoming call do not arrive: {sent} was sent, {heard_words} came.",
        "Ask the carrier for RFC 4733 (telephone-event) from you. Agents who key into a call are not understood.",
    ),
    "sound-both": (
        "No sound goes either way, though the call was answered.",
        "Are UDP ports sip.rtp_start to sip.rtp_end open in the firewall, both ways? Behind NAT the carrier must be told the "
        "outside address.",
    ),
    "sound-out": (
        "One-way sound: what is said on an outgoing call does not come in. Customers who are called back hear nothing, or "
        "callers are not heard.",
        "Does the firewall let UDP out to the carrier's media addresses, and in on sip.rtp_start to sip.rtp_end? Behind NAT "
        "the carrier must be told the outside address.",
    ),
    "sound-back": (
        "One-way sound: what is said on the incoming call does not come back. Callers hear nothing, or whoever is called "
        "back is not heard.",
        "Does the firewall let UDP in on sip.rtp_start to sip.rtp_end from the carrier's media addresses? Behind NAT the "
        "carrier must be told the outside address.",
    ),
    "quiet-out": (
        "The sound out is {lost} dB quieter where it comes in ({level} dBov): callers are hard to understand.",
        "Ask the carrier which gain it sets on the line; there should be none.",
    ),
    "quiet-back": (
        "The sound back is {lost} dB quieter where it arrives ({level} dBov).",
        "Ask the carrier which gain it sets on the line; there should be none.",
    ),
    "loss-out": (
        "{loss}% of the sound out is lost{mos_words}.",
        "Look at the load of your internet line, and give voice priority there. Is the loss there at night, too? Then ask the "
        "carrier.",
    ),
    "loss-back": (
        "{loss}% of the sound back is lost{mos_words}.",
        "Look at the load of your internet line, and give voice priority there. Is the loss there at night, too? Then ask the "
        "carrier.",
    ),
    "delay": (
        "The sound takes {round_trip} ms there and back: people fall into each other's words (ITU-T G.114).",
        "Ask the carrier through where it leads your calls; a gateway nearer to you is the remedy.",
    ),
    "number-other": (
        "The call showed {shown} and came in as {arrived}{asserted_words}.",
        "Whoever is called back sees {arrived}. If that is one of yours, all is well but the name; otherwise ask the carrier "
        "to let {shown} through (screening).",
    ),
    "number-missing": (
        "The call showed {shown} and came in without a number{asserted_words}.",
        "Whoever is called back sees no number, and many do not answer. Ask the carrier to pass it on (CLIP).",
    ),
    "recording": (
        "The recording of the call is not good: {why}.",
        "Look at the disk of the recordings folder: ./sanxiang doctor",
    ),
    "cut": (
        "The call ended by itself after {took} s, before both ends were done.",
        "Ask the carrier why it hangs up; try again to see whether it does so each time.",
    ),
}
_ZH: Mapping[str, tuple[str, str]] = {
    "refused": ("没有拨出：{why_words}。", "{why_remedy}"),
    "no-answer": (
        "呼叫 {number} 无人应答（{answer}）：30 秒内一直振铃或没有回应。",
        "请输入 ./sanxiang trunk list：未注册或无应答的中继不能呼出。若中继正常，请向运营商确认 {number} 是否接到本线路，"
        "以及是否允许从本线路呼叫自己的号码。",
    ),
    "busy": (
        "运营商答复 {number} 占线（{answer}）。",
        "线路的并发数可能不够：本次自检要同时占用两路，一出一进。请向运营商确认路数，闲时再试。",
    ),
    "no-such-number": (
        "运营商不认识 {written}（{answer}）。",
        "请按运营商要求的写法拨号：设置该中继的 dial_as；或把该写法加到 hotline.numbers，并写入 self_call.number。然后输入 "
        "./sanxiang config reload。",
    ),
    "rejected": (
        "运营商拒绝呼叫 {number}（{answer}）。",
        "原因：{refusal}。",
    ),
    "trunk-away": (
        "中继无法到达，或运营商暂时不接受呼叫（{answer}）。",
        "请输入 ./sanxiang trunk list。若已注册或应答正常，请询问运营商为何不接受呼叫：路数不足或对方故障。"
        "若不正常：地址是否仍正确（trunks.*.host、outbound、addresses）？防火墙是否拦截了 SIP？",
    ),
    "nothing-came-in": (
        "呼叫 {number} 已被应答，但没有回到本热线。{others_words}",
        "应答的是别处：运营商的提示音或呼叫转移。请用电话拨打 {number} 听一下。若能拨通本热线，则是运营商改了主叫号码又丢了按键，"
        "请要求两者都改正。",
    ),
    "keys-out": (
        "按键没有到达：送出 {sent}，收到{heard_words}。客户在菜单里的选择会丢失。",
        "请要求运营商向你方发送 RFC 4733（telephone-event）。在此之前请检查配置中该中继的按键方式。",
    ),
    "keys-back": (
        "从来话方向送回的按键没有到达：送出 {sent}，收到{heard_words}。",
        "请要求运营商接收你方的 RFC 4733（telephone-event）。座席在通话中按键对方收不到。",
    ),
    "sound-both": (
        "电话已接通，但两个方向都没有声音。",
        "防火墙是否双向放行 UDP 端口 sip.rtp_start 至 sip.rtp_end？在 NAT 之后时须告知运营商外网地址。",
    ),
    "sound-out": (
        "单向声音：呼出方向说的话没有进来。被回电的客户听不到声音，或来电客户的声音传不进来。",
        "防火墙是否放行发往运营商媒体地址的 UDP，以及 sip.rtp_start 至 sip.rtp_end 的入向？在 NAT 之后时须告知运营商外网地址。",
    ),
    "sound-back": (
        "单向声音：来话方向说的话没有回去。来电客户听不到声音，或被回电客户的声音传不进来。",
        "防火墙是否放行运营商媒体地址到 sip.rtp_start 至 sip.rtp_end 的 UDP？在 NAT 之后时须告知运营商外网地址。",
    ),
    "quiet-out": (
        "呼出方向的声音到达时小了 {lost} dB（{level} dBov）：很难听清客户。",
        "请询问运营商线路上设了多少增益；应为零。",
    ),
    "quiet-back": ("返回方向的声音到达时小了 {lost} dB（{level} dBov）。", "请询问运营商线路上设了多少增益；应为零。"),
    "loss-out": (
        "呼出方向的声音丢失 {loss}%{mos_words}。",
        "检查上网线路的负载，并给语音优先。夜里也丢失时请询问运营商。",
    ),
    "loss-back": (
        "返回方向的声音丢失 {loss}%{mos_words}。",
        "检查上网线路的负载，并给语音优先。夜里也丢失时请询问运营商。",
    ),
    "delay": (
        "声音往返需要 {round_trip} 毫秒：双方会互相抢话（ITU-T G.114）。",
        "请询问运营商呼叫经过哪里；改用更近的网关。",
    ),
    "number-other": (
        "呼出显示 {shown}，进来却是 {arrived}{asserted_words}。",
        "被回拨的客户看到的是 {arrived}。若也是你方的号码，仅名称不同；否则请要求运营商透传 {shown}。",
    ),
    "number-missing": (
        "呼出显示 {shown}，进来没有号码{asserted_words}。",
        "被回拨的客户看不到号码，很多人不接。请要求运营商传送主叫号码（来电显示）。",
    ),
    "recording": ("本次通话的录音有问题：{why}。", "检查录音目录所在磁盘：./sanxiang doctor"),
    "cut": ("电话在 {took} 秒后自行中断，两端都没有做完。", "请询问运营商为何挂断；再试一次，看是否每次如此。"),
}
_WHY_EN: Mapping[str, tuple[str, str]] = {
    "no-trunk": ("this trunk takes calls only", "Give it `outbound` in [trunks], so that it can be dialled."),
    "limit": ("a limit of calls out is reached", "Look at calls_out.at_a_time, per_hour and per_day, or wait."),
    "not-allowed": ("this is none of our own numbers", "Name one of hotline.numbers in self_call.number."),
    "no-link": ("Asterisk can't be reached", "Type ./sanxiang status and look which part is down."),
}
_WHY_ZH: Mapping[str, tuple[str, str]] = {
    "no-trunk": ("该中继只收来话", "在 [trunks] 中给它写上 `outbound`，才能呼出。"),
    "limit": ("已达到呼出上限", "检查 calls_out.at_a_time、per_hour 和 per_day，或稍后再试。"),
    "not-allowed": ("这不是本热线的号码", "在 self_call.number 中写 hotline.numbers 里的一个号码。"),
    "no-link": ("连不上 Asterisk", "输入 ./sanxiang status，看哪一部分停了。"),
}


def fault_in_words(fault: Mapping[str, Any], language: str = "en") -> tuple[str, str]:
    """What is wrong and what to do about it. `fault`: its code and its detail."""
    zh = language == "zh"
    what, remedy = (_ZH if zh else _EN)[fault["code"]]
    why = str(fault.get("why", ""))
    reasons = _WHY_ZH if zh else _WHY_EN
    why_words, why_remedy = reasons.get(why, (why, reasons["not-allowed"][1]))
    heard = fault.get("heard", "")
    # Callers who came in meanwhile: one of them may be this call, the others are customers.
    others = ", ".join(masked(each) for each in str(fault.get("others", "")).split(", ") if each)
    asserted, mos = fault.get("asserted", ""), fault.get("mos", "")
    values = {
        # A report of an earlier version does not say how the number was written.
        "written": fault.get("number", ""),
        **fault,
        "why_words": why_words,
        "why_remedy": why_remedy,
        "heard_words": (f" {heard}" if zh else heard) if heard else ("：无" if zh else "nothing"),
        "others_words": ""
        if not others
        else (f"同时有来电：{others}。" if zh else f" Meanwhile a call came in from {others}."),
        "asserted_words": ""
        if not asserted
        else (f"（P-Asserted-Identity 为 {asserted}）" if zh else f" (P-Asserted-Identity {asserted})"),
        "refusal": _refusal(str(fault.get("answer", "")), language),
        "mos_words": "" if not mos else (f"（估计 MOS {mos}）" if zh else f" (estimated MOS {mos})"),
    }
    return what.format(**values), remedy.format(**values)


def _refusal(answer: str, language: str) -> str:
    """What this answer of a carrier means, as "SIP 403", and what to do about it."""
    code = int(answer.removeprefix("SIP ")) if answer.startswith("SIP ") else 0
    means = why_refused(code, language)
    if code != 401:
        return means
    # A carrier that passes answers on: the call came in from an address that is not the trunk's, and we have answered it so.
    ours = (
        ". Or it has brought the call in from an address that is not among the trunk's `addresses`: then that address stands in "
        "run/asterisk/log/security.log of the state folder"
    )
    return means + (
        "；或者它送回来话时用的地址不在该中继的 addresses 中：该地址见状态目录下的 run/asterisk/log/security.log"
        if language == "zh"
        else ours
    )


def heading(report: Mapping[str, Any], language: str = "en") -> str:
    """Which way the call took and how long, in a line."""
    trunk, number, took = report["trunk"], report["number"], report["took_s"]
    if language == "zh":
        way = f"经中继 {trunk} 呼叫" if trunk else "本机环回呼叫"
        return f"{way} {number}：{'正常' if report['ok'] else '有问题'}（{took:.0f} 秒）"
    way = f"over trunk {trunk}" if trunk else "by the local loop"
    return (
        f"The hotline called itself at {number} {way}: {'all is well' if report['ok'] else 'not well'} ({took:.0f} s)"
    )


def measured(report: Mapping[str, Any], language: str = "en") -> list[str]:
    """What was measured, in lines; nothing where nothing was."""
    zh = language == "zh"
    lines = []
    if (arrived := report.get("arrived")) is not None:
        shown = report["shown"]
        caller, dialled, asserted = arrived["caller"], arrived["dialled"], arrived["asserted"]
        lines.append(
            f"主叫号码：送出 {shown}，到达 {caller}" if zh else f"caller's number: shown {shown}, arrived {caller}"
        )
        if asserted:
            lines.append(f"P-Asserted-Identity: {asserted}")
        lines.append(f"被叫号码：到达 {dialled}" if zh else f"called number: arrived as {dialled}")
        none = "无" if zh else "nothing"
        for name, sent, heard in (
            ("按键去" if zh else "keys out", report["keys_out"], report["heard_out"]),
            ("按键回" if zh else "keys back", report["keys_back"], report["heard_back"]),
        ):
            lines.append(f"{name}：{sent} → {heard or none}" if zh else f"{name}: sent {sent}, heard {heard or none}")
    if (sound := report.get("sound")) is not None:
        for name, one in (("去" if zh else "out", sound["out"]), ("回" if zh else "back", sound["back"])):
            if not one["heard"]:
                lines.append(f"声音{name}：没有" if zh else f"sound {name}: none")
                continue
            figures = f"{one['level_dbov']:.0f} dBov, {one['loss_percent']:.1f}%"
            mos = "" if one["mos"] is None else f", MOS {one['mos']:.1f}"
            lines.append(f"声音{name}：{figures}{mos}" if zh else f"sound {name}: {figures} lost{mos}")
        if sound["round_trip_ms"] is not None:
            trip = f"{sound['round_trip_ms']:.0f}"
            lines.append(f"往返时延：{trip} 毫秒" if zh else f"delay there and back: {trip} ms")
    return lines


def known_codes() -> set[str]:
    """The codes that both languages have."""
    return set(_EN) & set(_ZH)
