/** The ways of logging in beside account and password, as the page uses them. */
import { get, post } from '../shared/api'

export interface Ways {
  passkey: boolean
  oidc: { zh: string; en: string; log_out: string } | null
}
export interface OwnPasskey {
  id: string
  name: string
  made_at: string
  used_at: string | null
}
export interface OwnSignIn {
  totp_since: string | null
  recovery_codes: number
  passkeys: OwnPasskey[]
  passkeys_possible: boolean
  must: boolean
  recent: boolean
}
export interface NewApp {
  secret: string
  address: string
  picture: string
}
/** Where the identity provider leads back to. */
export const BACK = '/log-in/oidc'

/** The browser, and the way the page was opened, can do passkeys: over https, or on this machine. */
export const passkeysWork = () =>
  Boolean(window.isSecureContext) && typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON === 'function'

/** The person did not confirm, or the device has this key already: nobody's fault. */
export const cancelled = (error: unknown) =>
  error instanceof DOMException && ['NotAllowedError', 'AbortError', 'InvalidStateError'].includes(error.name)

export async function logInByPasskey(): Promise<void> {
  const { options } = await post<{ options: PublicKeyCredentialRequestOptionsJSON }>('/api/log-in/passkey/begin')
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
  const found = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential
  await post('/api/log-in/passkey', { credential: found.toJSON() })
}

/** The recovery codes, where there were none so far. */
export async function addPasskey(name: string): Promise<string[]> {
  const { options } = await post<{ options: PublicKeyCredentialCreationOptionsJSON }>('/api/sign-in/passkeys/begin')
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential
  const told = await post<{ recovery_codes: string[] }>('/api/sign-in/passkeys', { name, credential: made.toJSON() })
  return told.recovery_codes
}

/** To the identity provider; the browser leaves the page. */
export async function leaveForProvider(): Promise<void> {
  location.assign((await post<{ go: string }>('/api/log-in/oidc/begin')).go)
}

/** Whether the identity provider has led back to this page. */
export const isLedBack = () => location.pathname === BACK

/** Log in by what the provider has put into the address. */
export async function comeBack(search: string): Promise<void> {
  const said = new URLSearchParams(search)
  const word = (name: string) => said.get(name) ?? ''
  await post('/api/log-in/oidc', { state: word('state'), code: word('code'), iss: word('iss'), error: word('error') })
}

/** Where the provider's own session ends, for an account of the provider's; else empty. */
export async function providersLogOut(account: string): Promise<string> {
  if (!account.startsWith('oidc:')) return ''
  return (await get<Ways>('/api/log-in/ways').catch(() => null))?.oidc?.log_out ?? ''
}
