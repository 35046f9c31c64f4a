/** Where findings stand beside a recording's time line: those that lie close together stand below each other, so that each can be pressed. */
import type { Sent } from '../shared/interface-check'

export type Found = Sent<'FoundInTalk'>
export interface FindingMark {
  finding: Found
  at: number
  /** Of the line's width, in per cent. */
  left: number
  /** 0: the first row. */
  row: number
}

export const ROWS = 4
/** Of the line's width: a mark is so wide at a telephone's width. */
const APART = 8

/** The findings with a place in a sound of this length, in the order of time. What finds no room in `ROWS` rows stands in the last one. */
export function marksOf(findings: Found[], length: number): FindingMark[] {
  const lastLeft: number[] = Array<number>(ROWS).fill(-APART)
  return findings
    .filter((one) => one.from_s !== null)
    .map((finding) => ({ finding, at: Math.min(Math.max(0, finding.from_s!), length) }))
    .sort((a, b) => a.at - b.at)
    .map(({ finding, at }) => {
      const left = length > 0 ? (at / length) * 100 : 0
      const free = lastLeft.findIndex((last) => left - last >= APART)
      const row = free < 0 ? ROWS - 1 : free
      lastLeft[row] = left
      return { finding, at, left, row }
    })
}
