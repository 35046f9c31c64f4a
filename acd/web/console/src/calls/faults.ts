/** The rows of /api/faults, and the form in which one is declared. */
export interface Fault {
  fault: string
  open: boolean
  class: string
  zh: string
  en: string
  other_zh: string
  other_en: string
  areas: string[]
  unknown_area: boolean
  numbers: string[]
  brand: string
  queues: string[]
  keys: string[]
  note: string
  declared_at: string
  declared_by: string
  expected: string | null
  alarm: string
  cleared_at: string | null
  cleared_by: string
  concerned: number
  deflected: number
  left: number
  gone_on: number
  here: number
  registered: number
  told: number
  not_reached: number
  refused: number
  to_tell: number
  calling: number
  held: string[]
}
export interface Suggestion {
  number: number
  alarm: string
  kind: string
  subject: string
  raised_at: string
}
export interface Faults {
  faults: Fault[]
  suggestions: Suggestion[]
  classes: { name: string; zh: string; en: string }[]
}
export interface Declaration {
  zh: string
  en: string
  other_zh: string
  other_en: string
  fault_class: string
  areas: string
  unknown_area: boolean
  numbers: string
  keys: string
  queues: string[]
  brand: string
  everybody: boolean
  expected: string
  alarm: number
  note: string
}

export function nothing(): Declaration {
  return {
    zh: '',
    en: '',
    other_zh: '',
    other_en: '',
    fault_class: '',
    areas: '',
    unknown_area: false,
    numbers: '',
    keys: '',
    queues: [],
    brand: '',
    everybody: false,
    expected: '',
    alarm: 0,
    note: '',
  }
}

/** What was written with commas of either kind between, each without blanks around it. */
export function listOf(text: string): string[] {
  return text
    .split(/[,，、;；\n]/)
    .map((one) => one.trim())
    .filter(Boolean)
}

/** The form as /api/faults takes it. `instant`: a local time as an instant. */
export function body(form: Declaration, instant: (local: string) => string): Record<string, unknown> {
  return {
    ...form,
    areas: listOf(form.areas),
    numbers: listOf(form.numbers),
    keys: listOf(form.keys),
    expected: form.expected ? instant(form.expected) : null,
  }
}

/** Whom it concerns, as parts of a sentence. */
export function whom(fault: Fault): string[] {
  return [...fault.areas, ...fault.numbers, ...fault.queues, ...fault.keys, ...(fault.brand ? [fault.brand] : [])]
}
