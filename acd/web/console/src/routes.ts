/** The pages of the console: address, title, and the permission that each needs. Order is the order of the bar above. */
import type { RouteRecordRaw } from 'vue-router'
import NotHere from './shared/NotHere.vue'

declare module 'vue-router' {
  interface RouteMeta {
    /** The page that the bar marks: a call's own page belongs to the list of calls. */
    view: string
    /** Key of the words that stand in the browser's title. */
    title: string
    /** Permission that the page needs (acd/web/access/roles.py). Absent: everybody who is logged in. */
    need?: string
    /** Whether the bar above has a link to it. */
    bar?: boolean
    /** Shown dark whatever theme is chosen. */
    dark?: boolean
    /** It shows a heading of the first level itself; the others get one for whoever listens to the page. */
    hasHeading?: boolean
  }
}
type Load = () => Promise<unknown>
type More = Partial<{ title: string; bar: boolean; dark: boolean; hasHeading: boolean }>

/** One page. `name` is also its address, so that #calls and #/calls lead to it. */
function page(name: string, need: string | undefined, component: Load, more: More = {}): RouteRecordRaw {
  return { path: `/${name}`, name, component, meta: { view: name, title: `view.${name}`, need, bar: true, ...more } }
}

/** The page of one row of a list: #calls/ID. The component gets `id`. */
function one(view: string, need: string | undefined, component: Load, title = `page.one.${view}`): RouteRecordRaw {
  return { path: `/${view}/:id`, name: `${view}-one`, component, props: true, meta: { view, title, need } }
}

export const routes: RouteRecordRaw[] = [
  page('live', 'floor-see', () => import('./floor/LiveView.vue')),
  page('calls', 'calls-see', () => import('./calls/CallList.vue')),
  one('calls', 'calls-see', () => import('./calls/CallStory.vue')),
  one('agents', 'floor-see', () => import('./agents/AgentDay.vue')),
  page('callbacks', 'cards-write', () => import('./calls/CallbackList.vue')),
  page('owed', 'calls-see', () => import('./calls/OwedList.vue'), { title: 'history.owed', bar: false }),
  page('recordings', 'recordings-hear', () => import('./recordings/RecordingList.vue')),
  one('recordings', 'recordings-hear', () => import('./recordings/OneRecording.vue')),
  page('reviews', 'reviews-grade', () => import('./recordings/ReviewList.vue')),
  one('reviews', 'reviews-grade', () => import('./recordings/OneReview.vue')),
  page('scores', 'reviews-see', () => import('./recordings/TeamScores.vue')),
  page('customers', 'customers-see', () => import('./customers/CustomerList.vue')),
  one('customers', 'customers-see', () => import('./customers/CustomerRecord.vue')),
  page('faults', 'faults-see', () => import('./calls/FaultView.vue'), { hasHeading: true }),
  page('reports', 'reports-see', () => import('./reports/ReportView.vue')),
  page('surveys', 'figures-see', () => import('./reports/SurveyView.vue')),
  page('menus', 'installation-see', () => import('./menus/MenuView.vue')),
  page('wall', 'wall-see', () => import('./floor/WallView.vue'), { dark: true, hasHeading: true }),
  page('accounts', 'accounts', () => import('./access/AccountList.vue')),
  page('alarms', 'alarms-see', () => import('./floor/AlarmList.vue'), { title: 'alarm.title', bar: false }),
  page('sign-in', undefined, () => import('./access/SignInView.vue'), { title: 'signIn.title', bar: false }),
  page('components', 'installation-act', () => import('./shared/parts/PartsView.vue'), {
    title: 'parts.title',
    bar: false,
    hasHeading: true,
  }),
  {
    path: '/',
    name: 'home',
    component: NotHere,
    props: { why: 'nothing' },
    meta: { view: 'home', title: 'title', hasHeading: true },
  },
  {
    path: '/:unknown(.*)*',
    name: 'unknown',
    component: NotHere,
    props: { why: 'unknown' },
    meta: { view: 'unknown', title: 'page.unknown.title', hasHeading: true },
  },
]
