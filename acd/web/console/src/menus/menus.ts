/** The rows of /api/menus. */
export interface MenuKey {
  key: string
  goal: string
  why: string
}
export interface Menus {
  brand: string
  file: string
  own: boolean
  files: Record<string, string>
  tree: string
  mermaid: string
  warnings: string[]
  menus: { name: string; play: string; keys: MenuKey[]; failure: string }[]
}
export interface Tried {
  faults: string[]
  heard: string[]
  goal: string
  trail: string
}

/** The files that were edited; the others are left as they are in force. */
export function changed(inForce: Record<string, string>, edited: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(edited).filter(([name, text]) => inForce[name] !== text))
}
