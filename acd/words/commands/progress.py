"""What a long step shows while it runs (acd/progress.py), in Chinese."""

from collections.abc import Mapping

TEXTS: Mapping[str, str] = {
    "[{}/{}] {}": "[{0}/{1}] {2:t}",
    "failed after ": "失败，用时 ",
    " (of it {} s download)": "（其中下载 {0} 秒）",
    # the set-up
    "Asterisk 22 and its tools": "Asterisk 22 及其工具",
    "Prompts in Chinese and English": "中英文语音提示",
    "The page": "网页",
    "PostgreSQL (embedded, for the demo)": "PostgreSQL（内置，仅供演示）",
    "asking for the list of packages": "获取软件包列表",
    "fetching {}": "下载 {0:t}",
    "packages": "软件包",
    "{} packages": "{0} 个软件包",
    "unpacking {} packages": "解包 {0} 个软件包",
    "fetching npm's packages": "下载 npm 软件包",
    "building": "构建",
    # other commands
    "Back-up": "备份",
    "Every sum": "逐项校验",
    "Restore": "恢复",
    "every sum is checked": "校验完毕",
    "the files are unpacked": "解包文件",
    "the rows go into the database": "写入数据库",
    "the site": "文档站点",
    "A look at the mirror": "查看镜像",
    "A newer Asterisk": "更新的 Asterisk",
    "The day from the log": "日志中的这一天",
    "{} callers, {} times under both": "{0} 位客户，两种规则各 {1} 次",
    "{}: {} day": "{0}：{1} 天",
    "{}: {} days": "{0}：{1} 天",
    "day {} of {}": "第 {0} 天，共 {1} 天",
    "replaying": "重演",
    "The better voice": "优质语音",
    "Read back": "回听",
}
