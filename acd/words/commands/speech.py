"""Speech of callers, in Chinese: findings, warnings of menus, mistakes in the configuration."""

TEXTS: dict[str, str] = {
    # doctor
    "is configured, and the hotline was started without it": "已配置，但热线启动时没有该进程",
    "It comes with the next start; callers use keys.": "下次启动后生效；在此之前客户使用按键。",
    "its process does not answer ({}); callers use keys": "其进程没有应答（{0}）；客户使用按键",
    "Look into log/speech.log of the state folder: the supervisor starts a process that has ended again.": "请查看状态目录的 log/speech.log：进程结束后监管进程会重新启动它。",
    "callers may speak ({})": "客户可以用语音选择（{0}）",
    "the recogniser is being fetched or started; callers use keys until then": "正在获取或启动语音识别；在此之前客户使用按键",
    "the recogniser does not serve: {}": "语音识别不可用：{0:t}",
    "Look into log/speech.log of the state folder; callers use keys meanwhile.": "请查看状态目录的 log/speech.log；在此期间客户使用按键。",
    "The recogniser {}.": "语音识别{0:t}。",
    # menu check
    'menus.{}, key {}: callers have no words for it in {}. Give it phrases, as phrases = ["…"].': 'menus.{0}，按键 {1}：客户用 {2} 没有可说的话。请为它写 phrases，如 phrases = ["…"]。',
    "menus.{}: {} (key {}) and {} (key {}) sound alike; callers who say one are asked back. Take other words for one of them.": "menus.{0}：{1}（按键 {2}）与 {3}（按键 {4}）读音相近；说其中一个的客户会被反问。请为其中一个换别的说法。",
    # menu files
    "is {}; must be true or false.": "为 {0}；只能是 true 或 false。",
    'must be a list of at most {} phrases as ["查询订单", "order status"].': '必须是最多 {0} 个短语的列表，如 ["查询订单", "order status"]。',
    "holds {}; a phrase has words or Chinese characters, and at most {} letters.": "含有 {0}；短语须有单词或汉字，且最多 {1} 个字。",
    # [speech]
    "holds a line break or NUL; write each argument as a word of its own": "含有换行或 NUL；请把每个参数写成单独的一项",
    'must be as "http://127.0.0.1:9000/recognise", without a user or password': '必须形如 "http://127.0.0.1:9000/recognise"，不含用户名和密码',
    "holds a sign that no address has": "含有地址中不能出现的字符",
    'engine = "command" needs the program: command = ["/opt/recogniser", "--model", "/opt/model"]': 'engine = "command" 需要程序：command = ["/opt/recogniser", "--model", "/opt/model"]',
    'engine = "http" needs address = "http://…"': 'engine = "http" 需要 address = "http://…"',
}
