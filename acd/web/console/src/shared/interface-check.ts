/** Holds the rows that the page reads to what the interface sends: vue-tsc fails where a field is missing or of another type.
 *
 * `interface.d.ts` is written from the models of the interface (`python -m tests.console_types --write`). New code takes its types from
 * there (`Sent<'KpiAnswer'>`); what is still written by hand is checked here. Cards and explained choices, whose models are not that exact, are
 * held to real answers by tests/web/test_console_rows.py.
 */
import type {
  Alarm,
  Call,
  CallRecording,
  Counts,
  Figure,
  Floor,
  Kpi,
  LegLine,
  Line,
  LiveAgent,
  LiveCall,
  LiveQueue,
  LiveSelfCall,
  LiveTrunk,
  Me,
  Offer,
  OneCall,
  Recording,
  Transfer,
  Vocabulary,
} from './api'
import type { ConfiguredReport, MadeReport, ReportAnswer, ReportDay, ReportFigure, ReportRow } from '../reports/reports'
import type * as desk from '../desk/rows'
import type { components } from './interface'

/** What the interface sends under this name. */
export type Sent<Name extends keyof components['schemas']> = components['schemas'][Name]

/** An error here: the interface does not send what the page reads. */
type Reads<Ours, Theirs extends Ours> = [Ours, Theirs]

export type Checked = [
  Reads<LiveQueue, Sent<'LiveQueue'>>,
  Reads<LiveAgent, Sent<'LiveAgent'>>,
  Reads<LiveCall, Sent<'LiveCall'>>,
  Reads<Transfer, Sent<'LiveTransfer'>>,
  Reads<LiveTrunk, Sent<'LiveTrunk'>>,
  Reads<LiveSelfCall, Sent<'LiveSelfCall'>>,
  Reads<Alarm, Sent<'LiveAlarm'>>,
  Reads<Floor, Sent<'State'>>,
  Reads<Counts, Sent<'State'>['counts']>,
  Reads<Vocabulary, Sent<'Vocabulary'>>,
  Reads<Me, Sent<'Me'>>,
  Reads<Call, Sent<'Call'>>,
  Reads<Line, Sent<'Line'>>,
  Reads<Offer, Sent<'Offer'>>,
  Reads<CallRecording, Sent<'CallRecording'>>,
  Reads<Recording, Sent<'Recording'>>,
  Reads<LegLine, Sent<'LegQuality'>>,
  Reads<OneCall, Sent<'OneCall'>>,
  Reads<Kpi, Sent<'KpiAnswer'>>,
  Reads<Figure, Sent<'Figure'>>,
  Reads<ReportAnswer, Sent<'ReportAnswer'>>,
  Reads<ReportFigure, Sent<'ReportFigure'>>,
  Reads<ReportRow, Sent<'ReportRow'>>,
  Reads<ReportDay, Sent<'ReportDay'>>,
  Reads<ConfiguredReport, Sent<'ConfiguredReport'>>,
  Reads<MadeReport, Sent<'OneMadeReport'>>,
  Reads<Omit<desk.Desk, 'card' | 'reasons' | 'links'>, Omit<Sent<'Desk'>, 'card' | 'reasons' | 'links'>>,
  Reads<desk.Verified, Sent<'Verified'>>,
  Reads<desk.LookedUp, Sent<'LookedUp'>>,
  Reads<desk.DeskOffer, Sent<'DeskOffer'>>,
  Reads<desk.From, Sent<'HandedBy'>>,
  Reads<desk.Consult, Sent<'DeskConsult'>>,
  Reads<desk.ToExplain, Sent<'UnexplainedTransfer'>>,
  Reads<desk.Contact, Sent<'Contact'>>,
  Reads<desk.Targets, Sent<'Targets'>>,
]
