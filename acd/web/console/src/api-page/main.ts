/** The page at /api: Redoc shows /api/openapi.json as it is served. It shares no file with the console, which stays small. */
import redoc from 'redoc/bundles/redoc.standalone.js'
import { redocTheme } from './theme'
import './style.css'

const DOCUMENT = '/api/openapi.json'
// The console keeps its choices under these names (language.ts, theme.ts).
const language = localStorage.getItem('sanxiang-language') ?? (/^zh/i.test(navigator.language) ? 'zh' : 'en')
const system = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
const theme = localStorage.getItem('sanxiang-theme') ?? system

const WORDS = {
  zh: {
    title: '三响 接口',
    console: '控制台',
    opening: '正在打开接口文档…',
    refused: (code: string) => `▲ 接口文档无法打开（${code}）。请在控制台登录，然后重新打开本页。`,
  },
  en: {
    title: 'Sanxiang API',
    console: 'Console',
    opening: 'Opening the API document…',
    refused: (code: string) =>
      `▲ The API document cannot be opened (${code}). Log in at the console, then open this page again.`,
  },
}
const words = language === 'zh' ? WORDS.zh : WORDS.en
const notice = part('notice')

function part(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (!found) throw new Error(`api.html has no #${id}`)
  return found
}

function surround(): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  document.documentElement.dataset.theme = theme
  document.title = words.title
  part('title').textContent = words.title
  part('console').textContent = words.console
  notice.textContent = words.opening
}

async function open(): Promise<void> {
  const answer = await fetch(DOCUMENT)
  if (!answer.ok) throw new Error(String(answer.status))
  const options = {
    disableSearch: true, // it would need a worker, which the page's policy forbids
    expandResponses: '200,202',
    hideHostname: true,
    downloadUrls: [{ title: 'openapi.json', url: DOCUMENT }],
    theme: redocTheme(theme),
  }
  const spec = (await answer.json()) as object
  await new Promise<void>((resolve, reject) => {
    redoc.init(spec, options, part('document'), (error) => (error ? reject(error as Error) : resolve()))
  })
  notice.remove()
}

surround()
open().catch((error: unknown) => {
  notice.textContent = words.refused(error instanceof Error ? error.message : String(error))
})
