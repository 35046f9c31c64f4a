"""`review`, the table [reviews] and the grading of talks, in Chinese."""

from collections.abc import Mapping

TEXTS: Mapping[str, str] = {
    # help
    "Talks graded by people: the week's sample, the form.": "人工质检：每周抽样、评分表。",
    "The talks of a week that are to be graded, by agent, queue and shift; the last week that is over when none is named. With --json all talks of the week, so that anybody can draw again.": "某一周应质检的通话，按座席、队列和班次抽取；未指明则为最近结束的一周。加 --json 列出该周全部通话，任何人都可重新抽取核对。",
    "The form by which talks are graded: groups, items, weights, and which items are fatal.": "质检评分表：分组、评分项、权重，以及哪些是否决项。",
    "The delivered form as it is written in a configuration, to be copied.": "自带评分表的配置写法，可供复制。",
    # screen
    "Week {}, seed {}: {} of {} to be graded.": "{0} 周，种子 {1}：{3:t}中抽取 {2} 次质检。",
    "{} ({}), version {}": "{0}（{1}），版本 {2}",
    "TALK": "通话",
    "SHIFT": "班次",
    "GROUP": "分组",
    "ITEM": "评分项",
    "LABEL": "名称",
    "WEIGHT": "权重",
    "ANSWER": "评分方式",
    "FATAL": "否决",
    # errors
    "Week {} is not over, so its talks are not all there. Name a week that is over.": "{0} 周尚未结束，通话还不齐全。请指明已结束的一周。",
    # [reviews]
    'only a "no" can be fatal, and this item has points. Write kind = "yes-no", or take fatal away': '只有“否”才能否决，而此项按分数评。请写 kind = "yes-no"，或去掉 fatal',
    "the weights of its items add up to {}. Write them so that they add up to {}": "各评分项的权重合计为 {0}。请改为合计 {1}",
    "the weights of its groups add up to {}. Write them so that they add up to {}": "各分组的权重合计为 {0}。请改为合计 {1}",
    "{} stands in two groups. Give one of the items another name": "{0} 出现在两个分组中。请给其中一项另起名称",
    "{} is not in order. Write each time once, the earliest first": "{0} 顺序不对。每个时刻请只写一次，最早的在前",
    "there is no form {}{}. There are: {}. Name one of them, or add it under [reviews.forms].": "没有评分表 {0}{1:t}。现有：{2}。请填写其中之一，或在 [reviews.forms] 下添加。",
}
