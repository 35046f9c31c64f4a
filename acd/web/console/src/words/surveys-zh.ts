/** 客户评价用词。 */
import type en from './surveys-en'

const zh: typeof en = {
  title: '客户评价',
  by: '维度',
  queue: '按队列',
  agent: '按座席',
  days: '时间范围',
  last: { '1': '近 24 小时', '7': '近 7 天', '30': '近 30 天', '90': '近 90 天' },
  loading: '正在统计…',
  nothing: '所选时间内没有邀评，也没有已结束的来电。',
  all: '合计',
  heads: { queue: '队列', agent: '座席' },
  meanings: '指标说明',
  asked: '邀评',
  response: '参评率',
  csat: '满意度',
  nps: '净推荐值',
  solved: '客户自评解决率',
  fcr: '一次性解决率',
  low: '低分',
  callbacks: '要求回电',
  words: '语音留言',
  tooFew: '样本过少',
  answers: '{n} 个样本',
  means: {
    response: '至少回答一个问题的客户 / 邀评客户',
    csat: '4 分和 5 分 / 全部 1 至 5 分的评分',
    nps: '9 分为推荐者，0 至 6 分为贬损者，7、8 分为中立者；推荐者占比减去贬损者占比，以百分点计',
    solved: '表示问题已解决的客户 / 回答该问题的客户',
    fcr: '7 天内没有因同一事项再次来电 / 已满 7 天的首次联络',
  },
  open: '有 {n} 个首次联络未满 7 天，暂不计入。',
  few: '座席样本不足 5 个时，不显示该指标。',
  own: '近 30 天客户对您通话的评价',
}

export default zh
