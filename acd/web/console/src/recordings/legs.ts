/** Whose voices a recording holds, by its kind: the left channel and the right one. */
import type { CallRecording } from '../shared/api'
import { agentName } from '../shared/people'

type Say = (path: string, named?: Record<string, unknown>) => string

/** What stands beside each channel. Of a message and of a comment after the survey there is the caller alone. */
export function channels(one: CallRecording, t: Say): string[] {
  const caller = t('history.voice.caller')
  if (one.kind === 'consult') {
    return [
      t('history.voice.first', { who: agentName(one.first ?? '') }),
      t('history.voice.receiver', { who: agentName(one.agent) }),
    ]
  }
  if (one.kind === 'message' || one.kind === 'word') return [caller]
  return [caller, t('history.voice.agent', { who: agentName(one.agent) })]
}

/** What a leg is, in a line: "Talk with 1002 Li Na", "Consult: 1002 Li Na with 1004 Wang Fang". */
export function legTitle(one: CallRecording, t: Say): string {
  const kind = one.kind || 'talk'
  return t(`history.leg.${kind}`, { who: agentName(one.agent), first: agentName(one.first ?? '') })
}
