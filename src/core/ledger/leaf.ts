import type { CustodyEvent } from '../custody/event.ts';

/** An event as the store keeps it: its facts as one text. */
export interface LeafFields extends Omit<CustodyEvent, 'facts' | 'actionId' | 'endpointId' | 'incidentId'> {
  readonly actionId: string | null;
  readonly endpointId: string | null;
  readonly incidentId: string | null;
  /** JSON with sorted keys. */
  readonly facts: string;
}

const format = 'custody-event-1';

/**
 * What a leaf of the ledger is the hash of: one line of JSON, a list of texts, numbers and nulls, so that there is one way only to write
 * it. Texts are what the store makes of them: half a surrogate pair is U+FFFD.
 */
export function writeLeaf(fields: LeafFields): Uint8Array {
  const { actor } = fields;
  const list = [
    ...[format, fields.sequence, fields.type, fields.at],
    ...[actor.kind, actor.id, actor.name],
    ...[fields.actionId, fields.endpointId, fields.incidentId, fields.facts],
  ];
  const whole = list.map((each) => (typeof each === 'string' ? each.toWellFormed() : each));
  return new TextEncoder().encode(JSON.stringify(whole));
}
