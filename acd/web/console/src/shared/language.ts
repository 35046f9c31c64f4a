/** Chinese and English; the choice is kept in this browser. */
import { createI18n } from 'vue-i18n'
import en from '../words/en'
import zh from '../words/zh'

export type Language = 'zh' | 'en'
const KEPT = 'sanxiang-language'

function first(): Language {
  const kept = localStorage.getItem(KEPT)
  if (kept === 'zh' || kept === 'en') return kept
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

export const i18n = createI18n({ legacy: false, locale: first(), fallbackLocale: 'en', messages: { zh, en } })

export function speak(language: Language): void {
  i18n.global.locale.value = language
  localStorage.setItem(KEPT, language)
  show(language)
}

function show(language: Language): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
}

show(i18n.global.locale.value as Language)
