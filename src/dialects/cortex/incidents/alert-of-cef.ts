import { sha256Schema } from '#core/file/hash.ts';
import type { AlertSeverity } from '#core/incident/alert.ts';
import type { Milliseconds } from '#core/time.ts';
import type { ReportedAlert } from '#core/verbs/report-alerts.ts';
import type { CefLine } from './cef.ts';

const words: Readonly<Record<string, AlertSeverity>> = {
  unknown: 'unknown',
  informational: 'informational',
  low: 'low',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
  'very-high': 'critical',
};

/** Of one end of a connection. */
const ends = {
  source: { address: ['src', 'c6a2'], host: 'shost', port: 'spt', user: 'suser' },
  destination: { address: ['dst', 'c6a3'], host: 'dhost', port: 'dpt', user: 'duser' },
} as const;

type End = (typeof ends)[keyof typeof ends];

/**
 * The fields by the format's own names. The local end is where the connection came from; where it came in (`deviceDirection` 0), or
 * where nothing is said of its source, where it went to.
 */
export function alertOfCef({ vendor, product, signature, name, severity, extension }: CefLine): ReportedAlert {
  const text = (...keys: readonly string[]) =>
    keys.map((key) => extension.get(key) ?? '').find((each) => each !== '') ?? '';
  const silent = (end: End) => text(...end.address, end.host) === '';
  const inwards = silent(ends.source) || (text('deviceDirection') === '0' && !silent(ends.destination));
  const [local, remote] = inwards ? [ends.destination, ends.source] : [ends.source, ends.destination];
  const hash = sha256Schema.safeParse(text('fileHash'));
  return {
    name,
    description: text('msg'),
    severity: severityOf(severity),
    source: `${vendor} ${product}`.trim(),
    category: text('cat') || signature,
    action: text('act'),
    externalId: text('externalId') || null,
    detectedAt: timeOf(text('rt', 'end', 'start')),
    hostName: text(local.host, 'dvchost'),
    userName: text(local.user, remote.user),
    localAddress: text(...local.address, 'dvc'),
    localPort: portOf(text(local.port)),
    remoteAddress: text(...remote.address),
    remotePort: portOf(text(remote.port)),
    filePath: text('filePath', 'fname'),
    sha256: hash.success ? hash.data : null,
  };
}

/** From which level on, the worst first. */
const levels: readonly (readonly [number, AlertSeverity])[] = [
  [9, 'critical'],
  [7, 'high'],
  [4, 'medium'],
  [0, 'low'],
];

/** A word, or 0 to 10. */
function severityOf(text: string): AlertSeverity {
  const word = words[text.toLowerCase()];
  if (word !== undefined) {
    return word;
  }
  const level = /^(\d|10)$/.test(text) ? Number(text) : -1;
  return levels.find(([from]) => level >= from)?.[1] ?? 'unknown';
}

/** Milliseconds, or a date with its year; of a date without a zone the format says nothing, and UTC is taken. */
function timeOf(text: string): Milliseconds | null {
  if (/^\d{12,14}$/.test(text)) {
    return Number(text);
  }
  if (!/(?:^|\D)\d{4}(?:\D|$)/.test(text)) {
    return null;
  }
  const zoned = /(?:Z|[A-Z]{3,4}|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text} UTC`;
  const time = Date.parse(zoned);
  return Number.isNaN(time) || time < 0 ? null : time;
}

function portOf(text: string): number | null {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : null;
}
