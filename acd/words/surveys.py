"""Rows of the survey after a talk, in English and Chinese."""

from collections.abc import Mapping

from acd.words.numbers import Detail, seconds

STATES: Mapping[str, tuple[str, str]] = {
    "asked": ("is asked to rate the service", "开始满意度调查"),
    "invited": ("hung up first; a survey link will be sent", "客户先挂机，将发送满意度调查链接"),
    "to be called": ("hung up first; will be called for the survey", "客户先挂机，稍后将致电做满意度调查"),
    "declined": ("does not want to take part in the survey", "客户不愿参加满意度调查"),
    "not reached": ("was not reached for the survey", "满意度调查电话未接通"),
    "refused": ("may not be called for the survey", "不可致电做满意度调查"),
    "withdrawn": ("will not be called for the survey", "不再致电做满意度调查"),
    "sent": ("the survey link was handed to the company's messaging system", "满意度调查链接已交给公司的消息系统"),
}
WAYS: Mapping[str, tuple[str, str]] = {
    "webhook": ("by the link", "通过链接"),
    "call": ("in the survey call", "在调查电话中"),
}
SOLVED: Mapping[str, tuple[str, str]] = {"yes": ("solved", "已解决"), "no": ("not solved", "未解决")}


def survey_en(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind SURVEY."""
    state = str(detail.get("state", ""))
    if state == "word":
        return f"left a voice comment after the survey, {seconds(detail, 'seconds')}"
    if state == "not sent":
        return f"the survey link could not be sent: {detail.get('why', '')}"
    if state != "answered":
        return STATES.get(state, (state, state))[0]
    said = [f"satisfied {detail['satisfied']} of 5"] if detail.get("satisfied") else []
    said += [SOLVED.get(str(detail["solved"]), ("", ""))[0]] if detail.get("solved") else []
    said += [f"would recommend us {detail['recommend']} of 9"] if detail.get("recommend") is not None else []
    said += ["wants to be called back by a supervisor"] if detail.get("callback") else []
    way = WAYS.get(str(detail.get("way")), ("", ""))[0]
    return f"answers the survey{f' {way}' if way else ''}: {', '.join(said)}"


def survey_zh(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind SURVEY."""
    state = str(detail.get("state", ""))
    if state == "word":
        return f"客户在满意度调查后留言 {seconds(detail, 'seconds', 'zh')}"
    if state == "not sent":
        return f"满意度调查链接未能发出：{detail.get('why', '')}"
    if state != "answered":
        return STATES.get(state, (state, state))[1]
    said = [f"满意度 {detail['satisfied']} 分（满分 5 分）"] if detail.get("satisfied") else []
    said += [SOLVED.get(str(detail["solved"]), ("", ""))[1]] if detail.get("solved") else []
    said += [f"推荐意愿 {detail['recommend']}（最高 9）"] if detail.get("recommend") is not None else []
    said += ["要求主管回电"] if detail.get("callback") else []
    way = WAYS.get(str(detail.get("way")), ("", ""))[1]
    return f"客户{way}完成评价：{'，'.join(said)}"
