/** 组件展示页面的中文用语。 */
import type en from './parts-en'

const zh: typeof en = {
  title: '界面组件',
  name: '姓名',
  calls: '来电',
  wait: '等待',
  note: '备注',
  move: '调整队列',
  close: '关闭',
  listen: '监听',
  why: '当前没有通话。',
  plain: '保存草稿',
  main: '保存',
  grave: '删除',
  link: '清除筛选',
  busy: '正在加载',
  actions: '操作',
  ask: '要关闭此队列吗？',
  askGrave: '要删除此录音吗？',
  what: '正在等待的来电仍会被接听。',
  hint: '最多 200 个字',
  refused: '请输入 0 到 9 的数字。',
  done: '已保存。',
  empty: '当天没有来电。',
  tone: { good: '达标', careful: '接近目标', bad: '未达标', busy: '通话中', plain: '示忙' },
}
export default zh
