import { createApp } from 'vue'
import App from './App.vue'
import { arrive } from './access/arrival'
import { followLinks, makeRouter } from './router'
import { i18n } from './shared/language'
import './shared/style.css'
import './shared/parts/parts.css'
import './desk/desk.css'
import './menus/menus.css'
import './recordings/records.css'
import './reports/reports.css'
import './calls/history.css'

const arrival = arrive() // before the router looks at the address
const router = makeRouter()
followLinks(router)
createApp(App, { arrival }).use(i18n).use(router).mount('#app')
