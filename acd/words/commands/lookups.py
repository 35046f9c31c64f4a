"""What `lookup`, the tables [lookups] and [identity], and the routes of self-service say, in Chinese."""

from collections.abc import Mapping

TEXTS: Mapping[str, str] = {
    # the commands
    "What stories look up for callers: orders, parcels, balances, complaints.": "自助查询：订单、物流、余额、工单。",
    "The look-ups of the configuration.": "配置中的自助查询。",
    "Ask a source as a story does, and show what it answers. Exit status 1 when nothing is found.": "像语音流程一样查询一次，并显示结果。未查到时退出码为 1。",
    "By this caller's number.": "按此来电号码查询。",
    "By this order's or complaint's number.": "按此订单号或工单号查询。",
    "Make the tables, anew where they are there.": "建立示例数据表，已存在的会重建。",
    "Show the example's part of a configuration; with --load make its tables in the hotline's database.": "显示示例的配置片段；加 --load 则在热线的数据库中建立示例数据表。",
    "ASKED BY": "查询依据",
    "NEEDS": "所需核实",
    "LIMIT (S)": "时限（秒）",
    "Made: {}, in the schema {}.": "已在模式 {1} 中建立：{0}。",
    "That is no number. Write a telephone number with --caller, or 1 to 20 digits with --keyed.": "这不是号码。请用 --caller 写电话号码，或用 --keyed 写 1 至 20 位数字。",
    "There is no look-up {} in the configuration. There are: {}.": "配置中没有自助查询 {0}。现有：{1}。",
    "There is no look-up. Add [lookups.orders] to the configuration; `sanxiang lookup example` shows how.": "没有配置自助查询。请在配置中添加 [lookups.orders]；写法见 `sanxiang lookup example`。",
    # the configuration
    "it tells who the caller is ([identity]), so it can't need that itself. Write another.": "它用于核实客户身份（[identity]），本身不能再要求核实。请改写。",
    "`records` and `caller_as` are for http. Take them out": "`records` 和 `caller_as` 只用于 http。请删除",
    "`table` and `newest` are for postgresql. Take them out": "`table` 和 `newest` 只用于 postgresql。请删除",
    "a look-up by http needs `address_file`: a private file with the URL": "http 查询需要 `address_file`：存放网址的私有文件",
    'a look-up in postgresql needs `table`, as "shop.orders"': 'postgresql 查询需要 `table`，例如 "shop.orders"',
    "callers are found by {} here. Say what that is called there.": "此处按 {0} 查询。请写明它在对方系统中的名称。",
    'lookups.{} is not asked by the caller\'s number, so nobody is verified by keys. Add caller = "…" to its `by`.': 'lookups.{0} 不能按来电号码查询，无法按键核实客户。请在其 `by` 中添加 caller = "…"。',
    "others than its owner may read {}, which may hold a password. chmod 600 it.": "{0} 可被所有者以外的用户读取，其中可能有密码。请执行 chmod 600。",
    "there is no file {}. Nothing is found this way until it is there.": "没有文件 {0}。在它就位之前无法这样查询。",
    "{} can't be read. Nothing is found this way until the user of Sanxiang may read it.": "无法读取 {0}。运行三响的用户能读取之前，无法这样查询。",
    "no service, no `when` of a menu, no story and not [identity] uses it, so nothing is looked up there. Lead a key to what uses it (docs/self-service.md), or take the table out.": "没有自助服务、菜单的 `when`、语音流程或 [identity] 用到它，因此不会查询。请让按键通向用到它的地方（见 docs/self-service.md），或删除此表。",
    "there is no file {}. The company's system is not asked until it is there.": "没有文件 {0}。在它就位之前不会查询公司的系统。",
    "{} can't be read. The company's system is not asked until the user of Sanxiang may read it.": "无法读取 {0}。运行三响的用户能读取之前，不会查询公司的系统。",
    "there is no reason {}. Name one of [transfers.reasons] by its `en`: {}.": "没有原因 {0}。请写 [transfers.reasons] 中某项的 `en`：{1}。",
    "there is no way {} of verifying. Name one of [transfers.verify]: {}.": "没有核实方式 {0}。请写 [transfers.verify] 中的一种：{1}。",
    "{} is no name of a column. Write letters, digits and _": "{0} 不是列名。请用字母、数字和 _",
    "{} is no name of a parameter. Write letters, digits, _ . -": "{0} 不是参数名。请用字母、数字和 _ . -",
    '{} is no name of a table or column. Write it as "shop.orders", letters, digits and _': '{0} 不是表名或列名。请写成 "shop.orders"，只用字母、数字和 _',
    # what the daemon refuses
    "A request with this webhook-id was taken already.": "此 webhook-id 的请求已处理过。",
    "No call of this number is in progress.": "此号码没有正在进行的来电。",
    "Several calls of this number are in progress. Name the call.": "此号码有多个正在进行的来电。请指明是哪一个。",
    "The caller is verified. The card says how.": "客户身份已核实，方式见来电信息。",
    "There is no app that confirms callers here (identity.secret_file).": "未配置由应用确认客户身份（identity.secret_file）。",
}
