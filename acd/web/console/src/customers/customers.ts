/** The rows of /api/customers, and a file as it is sent there. */
export interface Customer {
  id: string
  name: string
  numbers: string[]
  class: string
  language: string
  last_order: string
  area: string
  do_not_call: boolean
  consent: string
  complaint_ticket: string
  complaint_owner: string
  brands: string[]
  changeable: boolean
  updated_at: string | null
  updated_by: string
}
export interface FileRead {
  rows: number
  added: number
  changed: number
  unchanged: number
  mistakes: { line: number; en: string; zh: string }[]
}
/** In the place of an id in the address: a customer who is to be added. */
export const NEW = '+'
/** Bytes of a list: the interface takes no body of more than 1 MB, and base64 makes four letters of three bytes. */
export const MOST_BYTES = 700_000
/** What a form changes. */
export const FIELDS = [
  'name',
  'numbers',
  'class',
  'language',
  'last_order',
  'area',
  'do_not_call',
  'consent',
  'complaint_ticket',
  'complaint_owner',
  'brands',
] as const
export type Form = Pick<Customer, (typeof FIELDS)[number]>

export const blank = (): Form => ({
  name: '',
  numbers: [],
  class: '',
  language: '',
  last_order: '',
  area: '',
  do_not_call: false,
  consent: '',
  complaint_ticket: '',
  complaint_owner: '',
  brands: [],
})

/** What of the form is another than in the record: what somebody else has changed meanwhile stays. */
export function changes(before: Form, now: Form): Partial<Form> {
  const other = FIELDS.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(now[field]))
  return Object.fromEntries(other.map((field) => [field, now[field]]))
}

/** Each number on a line of its own. */
export const numbersOf = (text: string): string[] => text.split('\n').flatMap((line) => line.trim() || [])

export function base64(bytes: Uint8Array): string {
  let text = ''
  for (let begin = 0; begin < bytes.length; begin += 8192)
    text += String.fromCharCode(...bytes.subarray(begin, begin + 8192))
  return btoa(text)
}
