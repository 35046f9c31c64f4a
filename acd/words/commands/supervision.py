"""What supervisors' requests and the lists of the page are refused with, in Chinese."""

from collections.abc import Mapping

TEXTS: Mapping[str, str] = {
    "Agent {} has a break already, or has asked for one.": "座席 {0} 已在休息，或已申请休息。",
    "Agent {} is not logged in. Log in first.": "座席 {0} 尚未签入，请先签入。",
    "Agent {} waits for no break.": "座席 {0} 没有等待批准的休息。",
    "Ask for one of: {}.": "请申请以下之一：{0}。",
    "Breaks are not planned here. Set yourself not ready.": "本热线未设置休息安排，请直接示忙。",
    "The break of agent {} is granted already. Withdraw it instead.": "座席 {0} 的休息已批准，请改为撤回。",
    "A message has 1 to {} characters.": "消息须为 1 至 {0} 个字符。",
    "The message's end is past. Choose a later one.": "消息的结束时间已过，请另选。",
    "{} messages hold already. Withdraw one first.": "已有 {0} 条消息生效，请先撤回一条。",
    "Agent {} has left queue {} for this reason already.": "座席 {0} 已因此原因退出队列 {1}。",
    "Agent {} has not left queue {}.": "座席 {0} 没有退出队列 {1}。",
    "Agent {} takes no calls of queue {}.": "座席 {0} 不接听队列 {1} 的来电。",
    "Give `day`, or `first` and `last`, not both.": "请写 `day`，或写 `first` 和 `last`，不要都写。",
    "Agent {} asks for no help any more.": "座席 {0} 已不再求助。",
    "Agents outside your teams or brands see this message too. Ask its sender.": "您的团队或品牌以外的座席也能看到这条消息，请由发送人处理。",
    "No agent belongs to your teams or brands.": "没有属于您的团队或品牌的座席。",
    "There is no message {}. `sanxiang message list` shows those there are.": "没有消息 {0}。`sanxiang message list` 可查看现有消息。",
    "There is no team {} for you.": "您没有团队 {0}。",
    "This message is over already.": "这条消息已结束。",
    "This caller is on the list no more: somebody has dealt with it, or they were served.": "该客户已不在列表中：已有人处理，或已得到接听。",
    "This message is shown no more.": "这条消息已不再显示。",
    "Other lists are being exported. Try again in a moment.": "正在导出其他列表，请稍后再试。",
}
