/** The rows of /api/accounts. */
export interface Account {
  account: string
  roles: string[]
  teams: string[]
  /** Those that it is limited to; none: it is not. */
  brands?: string[]
  last_log_in: string | null
  /** The identity provider keeps it. */
  provider: boolean
}
export interface Accounts {
  accounts: Account[]
  roles: { role: string; zh: string; en: string; what_zh: string; what_en: string; reach: string; may: string[] }[]
  teams: { team: string; zh: string; en: string; queues: string[]; agents: number }[]
  brands?: { brand: string; zh: string; en: string }[]
}
