/** What the pages of one browser tell each other: they have one session. */

type Word = 'logged-in' | 'logged-out'
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('sanxiang')

/** The other pages hear it, this one does not. */
export const tellTabs = (word: Word) => channel?.postMessage(word)

export function hearTabs(heard: (word: Word) => void): void {
  channel?.addEventListener('message', ({ data }: MessageEvent<Word>) => heard(data))
}
