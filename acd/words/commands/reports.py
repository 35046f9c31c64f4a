"""What `report` says, and the spans of days of `report` and `kpi`, in Chinese."""

from collections.abc import Mapping

TEXTS: Mapping[str, str] = {
    # headings and cells
    "REPORT": "报表",
    "EVERY": "周期",
    "NEXT": "下次生成",
    "AS": "格式",
    "FOLDER": "目录",
    "MAILED TO": "收件人数",
    "FIRST DAY": "起始日",
    "LAST DAY": "截止日",
    "MADE": "生成时间",
    "MAIL": "邮件",
    "FILES": "文件",
    "daily": "每日",
    "weekly": "每周",
    "monthly": "每月",
    "waiting": "待发送",
    "sending": "正在发送",
    "sent": "已发送",
    "unknown": "是否已发送不明",
    "given up": "已放弃",
    # sentences
    "No report makes itself. Add one under [reports]: docs/reports.md. One at once: sanxiang report make --out FILE": "没有定时生成的报表。请在 [reports] 下添加，见 docs/reports.md。要立即生成一份：sanxiang report make --out 文件",
    "{} FAILED, and is tried again: {}": "报表 {0} 失败，系统会重试：{1:t}",
    "PostgreSQL does not have all calls yet (`sanxiang status`)": "PostgreSQL 中的来电记录尚不完整（见 `sanxiang status`）",
    "{}, {} to {}:": "{0}，{1} 至 {2}：",
    "Mailed.": "邮件已发送。",
    "Not mailed.": "未发送邮件。",
    "{}: {} bytes": "{0}：{1} 字节",
    "{} can't be written ({}). Name another file with --out.": "{0} 无法写入（{1:t}）。请用 --out 另指定文件。",
    "Report {} has its queues from the configuration. Leave --queue or the name out.": "报表 {0} 的队列由配置决定。请去掉 --queue 或报表名称。",
    # spans
    "--month {}: write the month as {}.": "--month {0}：月份请写作 {1}。",
    "--week {}: write the week as {}-W{}.": "--week {0}：周请写作 {1}-W{2}。",
    "--week {}: there is no such week. Write it as {}-W{}.": "--week {0}：没有这一周。请写作 {1}-W{2}。",
    "--to needs --from: write the first day, too.": "--to 须与 --from 合用：请写明第一天。",
    "--to {} is earlier than --from {}. Swap them.": "--to {0} 早于 --from {1}。请对调。",
    "{} name different spans. Give one of them.": "{0} 指定了不同的日期范围。请只写一个。",
    "{} {}: write the day as {}.": "{0} {1}：日期请写作 {2}。",
}
