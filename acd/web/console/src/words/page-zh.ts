/** 打不开的地址的中文用语。 */
import type en from './page-en'

const zh: typeof en = {
  product: '三响',
  home: '返回首页',
  columns: '第 {from}–{to} 列，共 {n} 列',
  columnsBefore: '前几列',
  columnsAfter: '后几列',
  one: { agents: '座席', calls: '来电详情', recordings: '录音详情', reviews: '待评分通话', customers: '客户资料' },
  newBuild: { what: '本页面有新版本。', reload: '刷新' },
  unknown: { title: '没有这个页面', what: '地址可能有误，或页面已被移除。' },
  'not-allowed': { title: '您的角色无权查看此页面', what: '如有需要，请管理员为您的账号添加相应角色。' },
  nothing: { title: '您的角色没有可用的页面', what: '请联系管理员为您的账号分配其他角色。' },
}
export default zh
