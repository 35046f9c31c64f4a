"""What is wrong between the journal, its database and other hotlines, in words: for alarms, `status` and `doctor`.

Codes come from acd/store/journal/journal_in_database.py and acd/store/shipping/shipper.py; `{0}` and `{1}` are what stands in a notice's `words`.
"""

from collections.abc import Mapping, Sequence

SAID: Mapping[str, Mapping[str, str]] = {
    "en": {
        "state-older": "the state folder is an older copy than its database. No row is lost or doubled: the journal goes on under a new name from line {0}",
        "second-writer": "another process writes to the database under the name of this journal: a copy of the state folder runs beside its original. No row is lost or doubled: this one goes on under a new name from line {0}",
        "other-hotline": "another hotline writes into the same database now. Rows are kept apart, but agents' states, lists and figures are mixed",
        "other-journal": "the database holds the calls of another journal, which was last written at {0}",
        "database-older": "the database is older than the state folder: {0} lines of the journal that it once had are carried into it again",
        "lines-missing": "the database lacks lines {0} to {1}, and the journal does not keep them any more: what was told there is missing in lists and figures",
        "rows-set-aside": "{0} rows of the call log are set aside, as they could not be put into the tables: lists and figures lack what they say",
    },
    "zh": {
        "state-older": "状态目录比数据库旧（可能来自备份）。记录没有丢失或重复：流水自第 {0} 行起改用新的标识继续",
        "second-writer": "有另一进程以同一流水标识写入数据库：状态目录的副本正与原目录同时运行。记录没有丢失或重复：本系统自第 {0} 行起改用新的标识继续",
        "other-hotline": "另一套热线正在写入同一数据库。双方的记录分开保存，但座席状态、列表和统计会混在一起",
        "other-journal": "数据库中有另一份流水的通话，其最后写入时间为 {0}",
        "database-older": "数据库比状态目录旧：正在把它缺少的 {0} 行流水重新写入",
        "lines-missing": "数据库缺少流水第 {0} 至 {1} 行，而流水已不再保留这些行：列表和统计缺少其中的内容",
        "rows-set-aside": "有 {0} 条通话记录无法写入数据表，已另行存放：列表和统计缺少其中的内容",
    },
}
REMEDY: Mapping[str, Mapping[str, str]] = {
    "en": {
        "state-older": "If you restored or copied the state folder, nothing is to be done. If not, another hotline runs with the newer one: stop one of both.",
        "second-writer": "Stop one of both (`sanxiang drain --hotline --state FOLDER` serves its callers first), or give the copy a database of its own in `database.url`.",
        "other-hotline": "Give each hotline a database of its own in `database.url`, or stop the other one.",
        "other-journal": "If the state folder is new, or the former one was lost, nothing is to be done. If the database is another hotline's, stop this one and mend `database.url`.",
        "database-older": "Nothing is to be done: wait until `sanxiang status` shows no rows behind.",
        "lines-missing": "Restore a newer backup of the database while the hotline is stopped, then start it: it fills in what the journal still keeps (`log.keep_days`).",
        "rows-set-aside": "`sanxiang db set-aside list` shows them and why; `sanxiang db set-aside retry` tries them again, after an update for example.",
    },
    "zh": {
        "state-older": "如果是您恢复或复制了状态目录，无需处理；否则说明另有热线在使用较新的目录，请停掉其中一个。",
        "second-writer": "请停掉其中一个（`sanxiang drain --hotline --state 目录` 会先服务完客户），或在 `database.url` 中为副本配置单独的数据库。",
        "other-hotline": "请在 `database.url` 中为每套热线配置单独的数据库，或停掉另一套热线。",
        "other-journal": "如果状态目录是新建的，或原目录已丢失，无需处理；如果该数据库属于另一套热线，请停掉本系统并修改 `database.url`。",
        "database-older": "无需处理，等 `sanxiang status` 显示没有待写入的记录即可。",
        "lines-missing": "请停掉热线，恢复较新的数据库备份后再启动，系统会补写流水仍保留的部分（`log.keep_days`）。",
        "rows-set-aside": "用 `sanxiang db set-aside list` 查看内容和原因；例如升级之后，可用 `sanxiang db set-aside retry` 重试。",
    },
}


def said(code: str, words: Sequence[str], language: str) -> str:
    """What is so, in one sentence without its full stop."""
    return SAID[language][code].format(*words)


def detail(code: str, words: Sequence[str]) -> str:
    """The alarm's detail: the sentence with its remedy, in English."""
    sentence = said(code, words, "en")
    return f"{sentence[0].upper()}{sentence[1:]}. {REMEDY['en'][code]}"
