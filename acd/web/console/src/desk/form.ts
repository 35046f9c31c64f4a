/** What is being written about each call and is not on its card yet: kept for as long as the page is open, whatever call comes. */
import { computed, inject, provide, reactive, shallowReactive, type InjectionKey } from 'vue'
import { cards } from './desk'

export interface Form {
  /** null: not touched, the card's own stands. */
  matter: string | null
  name: string | null
  level: string | null
  how: string | null
  code: string
  remark: string
  promise: string
  due: string
}
const blank = (): Form => ({
  matter: null,
  name: null,
  level: null,
  how: null,
  code: '',
  remark: '',
  promise: '',
  due: '',
})
const FORMS_KEPT = 20
const forms = reactive(new Map<string, Form>())

export const isBegun = (form: Form): boolean => Object.values(form).some((value) => value)
/** Calls about which something is written that is on no card, the latest last. */
export const begun = computed(() => [...forms].filter(([, form]) => isBegun(form)).map(([call]) => call))

export function formOf(call: string): Form {
  const known = forms.get(call)
  if (known) return known
  for (const [old] of [...forms].filter(([, form]) => !isBegun(form)).slice(0, -FORMS_KEPT)) forms.delete(old)
  forms.set(call, blank())
  return forms.get(call)!
}

let owner = ''
/** Another person at this computer finds nothing of the one before. */
export function ownForms(account: string): void {
  if (owner !== account) {
    forms.clear()
    cards.clear()
  }
  owner = account
}

export function dropForm(call: string): void {
  forms.delete(call)
}

/** The form that is shown: its `leave` saves what is complete. Awaited before the session ends. */
export const shownForm: { leave: () => Promise<void> } = { leave: async () => undefined }

/** One field of the form, for the one Save that stands under all of them. */
export interface Part {
  /** Where the focus goes when it is refused. */
  id: string
  /** Whether there is something that is not on the card. */
  dirty: () => boolean
  /** Whether it is on the card now; why not stands at the field. */
  save: () => Promise<boolean>
}
interface Parts {
  parts: Part[]
  saveAll: () => Promise<void>
}
const PARTS: InjectionKey<Parts> = Symbol('parts of the form')

export function useParts(saveAll: () => Promise<void>): Part[] {
  const parts = shallowReactive<Part[]>([])
  provide(PARTS, { parts, saveAll })
  return parts
}

/** Adds a field to the form around it; what is returned saves the whole form. */
export function usePart(part: Part): () => Promise<void> {
  const around = inject(PARTS)
  around?.parts.push(part)
  return around?.saveAll ?? (async () => void (await part.save()))
}
