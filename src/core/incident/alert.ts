import type { Brand } from '../brand.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Random } from '../ports/random.ts';
import type { Milliseconds } from '../time.ts';
import type { IncidentSeverity } from './incident.ts';
import type { IncidentId } from './incident-id.ts';

/** Digits only, 1 to 2^53-1, because clients turn it into a number and back. */
export type AlertId = Brand<string, 'AlertId'>;

export function isAlertId(value: string): value is AlertId {
  return /^[1-9]\d{0,15}$/.test(value) && Number.isSafeInteger(Number(value));
}

const idsPerMillisecond = 2_000;

/** Grows with time and ends at random, as the ids of actions do. */
export function newAlertId(now: Milliseconds, random: Random): AlertId {
  const tail = random.int32() >>> 0;
  return String(now * idsPerMillisecond + (tail % idsPerMillisecond)) as AlertId;
}

/** From the least to the worst. */
export const alertSeverities = ['unknown', 'informational', 'low', 'medium', 'high', 'critical'] as const;

export type AlertSeverity = (typeof alertSeverities)[number];

/** How bad an incident is for which there is nothing but an alert like that. */
export const incidentSeverityOf: Readonly<Record<AlertSeverity, IncidentSeverity>> = {
  unknown: 'low',
  informational: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
};

/** Something that another system detected, as it told. Text that it did not tell is empty. */
export interface Alert {
  readonly id: AlertId;
  readonly incidentId: IncidentId;
  /** The same for an alert that is told again. */
  readonly fingerprint: string;
  /** The same for alerts of one kind from one place; null where a file or an endpoint says better what it is about. */
  readonly likeness: string | null;
  readonly name: string;
  readonly description: string;
  readonly severity: AlertSeverity;
  /** Vendor and product of whatever detected it. */
  readonly source: string;
  readonly category: string;
  /** What was done about it there. */
  readonly action: string;
  readonly externalId: string | null;
  readonly detectedAt: Milliseconds;
  readonly receivedAt: Milliseconds;
  /** The one endpoint that it names beyond doubt. */
  readonly endpointId: EndpointId | null;
  readonly hostName: string;
  readonly userName: string;
  readonly localAddress: string;
  readonly localPort: number | null;
  readonly remoteAddress: string;
  readonly remotePort: number | null;
  /** As it was told, of whatever platform. */
  readonly filePath: string;
  readonly sha256: Sha256 | null;
}
