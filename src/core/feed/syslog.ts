import type { FeedEvent, FeedFormat } from './feed-event.ts';
import { type Severity, severities } from './severity.ts';
import { tellWithin } from './tell.ts';

/** "Log audit" (RFC 5424, 6.2.1). */
const facility = 13;

/** Informational, notice, warning, critical. */
const levels: Readonly<Record<Severity, number>> = { info: 6, low: 5, medium: 4, high: 2 };

/** What a message says of its sender. */
export interface SyslogSender {
  readonly hostName: string;
  readonly processId: number;
}

export interface SyslogShape {
  readonly format: FeedFormat;
  /** Of the text of one message; receivers must take 2,048 bytes, and most take far more (RFC 5424, 6.1). */
  readonly mostBytes: number;
}

/** `sequenceId` counts from 1 to this, and begins again (RFC 5424, 7.3.1). */
const greatestSequenceId = 2_147_483_647;

/**
 * One message (RFC 5424): its text is the event in the format that was chosen, in UTF-8 without a byte order mark, and its
 * `sequenceId` the number of the event.
 */
export function syslogMessage(told: FeedEvent, sender: SyslogSender, { format, mostBytes }: SyslogShape): string {
  const { event } = told;
  const priority = facility * 8 + levels[severities[event.type]];
  const time = new Date(event.at).toISOString();
  const sequenceId = ((event.sequence - 1) % greatestSequenceId) + 1;
  const head = `<${priority}>1 ${time} ${headerName(sender.hostName)} custody ${sender.processId} ${event.type}`;
  return `${head} [meta sequenceId="${sequenceId}"] ${tellWithin(format, told, mostBytes)}`;
}

/** A message of a stream: its length in bytes, a blank, and itself (RFC 6587, 3.4.1; RFC 5425, 4.3). */
export function octetCounted(message: string): string {
  return `${Buffer.byteLength(message)} ${message}`;
}

/** Printable ASCII without blanks, 255 at most; a dash where nothing is left. */
function headerName(text: string): string {
  const name = text.replaceAll(/[^!-~]/g, '').slice(0, 255);
  return name === '' ? '-' : name;
}
