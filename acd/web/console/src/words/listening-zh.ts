/** 监听、密语、加入通话、接管来电用词。 */
import type en from './listening-en'

const zh: typeof en = {
  button: '监听…',
  of: '监听：{caller}',
  what: '您的话机将振铃，接听后即可听到通话。可随时在此页面或用话机按键 4、5、6 切换方式。',
  telephone: '振铃话机',
  telephoneWhat: '请选择当前没有座席在接听来电的分机。',
  mode: '方式',
  modes: { listen: '监听', whisper: '密语', barge: '加入', 'take-over': '接管' },
  means: {
    listen: '您能听到双方，双方听不到您。',
    whisper: '座席能听到您，客户听不到，录音中也没有。',
    barge: '三方互相听得到，录音包含您的声音。',
    'take-over': '座席退出通话，由您继续与客户通话。',
  },
  doing: {
    listen: '正在监听 {caller} 与座席 {agent} 的通话',
    whisper: '正在对座席 {agent} 密语，对方客户为 {caller}',
    barge: '已加入 {caller} 与座席 {agent} 的通话',
    'take-over': '正在从座席 {agent} 接管 {caller}',
    took: '已接管 {caller}',
    ringing: '请接听话机 {telephone}，以监听 {caller}',
  },
  waits: {
    barge: '{caller} 与座席 {agent} 恢复通话后，您即加入',
    'take-over': '{caller} 与座席 {agent} 恢复通话后，由您接管',
  },
  leave: '退出',
  hangUp: '结束通话',
  takeOverSure: '接管 {caller}？',
  takeOverWhat: '座席 {agent} 将退出通话并进入话后处理，由您继续与客户通话，直到挂机。',
  others: '旁听：{names}',
  seen: {
    listen: '{account} 正在监听',
    whisper: '{account} 可对您密语，客户听不到',
    barge: '{account} 已加入通话',
    'take-over': '{account} 正在接管来电',
  },
  refused: {
    'no-telephone': '请填写要振铃的话机。',
    'no-such-telephone': '没有话机 {telephone}。请从列表中选择。',
    'talks-there': '话机 {telephone} 已在此通话中。请换一部。',
    'listens-there': '{account} 正在用话机 {telephone} 监听。请换一部。',
    'listens-already': '您正用另一部话机监听此来电。请先退出。',
    'which-telephone': '有多人在监听此来电。请填写话机。',
    outside: '座席 {telephone} 使用外线号码接听。请选择热线自己的话机。',
    'telephone-busy': '话机 {telephone} 占线。请换一部。',
    'telephone-ready': '座席 {telephone} 正在该话机上示闲。请先将其示忙。',
    'telephone-away': '话机 {telephone} 未注册。请开机，或换一部。',
    'too-many': '监听人数已达上限。',
    'on-hold': '来电正在保持。请等座席恢复通话。',
    'not-listening': '您已不在监听此来电。',
    'took-over': '客户正与您单独通话。挂机即结束。',
  },
}
export default zh
