import type { NewEvent } from '#core/custody/event.ts';
import { Fault } from '#core/fault.ts';
import { canonicalJson } from './canonical-json.ts';

export function writeFacts(facts: NewEvent['facts']): string {
  return canonicalJson(facts);
}

/** @throws Fault `internal` when the column holds anything but a JSON object. */
export function readFacts(json: string): NewEvent['facts'] {
  const value: unknown = JSON.parse(json);
  if (!isFacts(value)) {
    throw new Fault('internal', "An event's facts are no JSON object.");
  }
  return value;
}

/** Whatever JSON.parse returns is made of JSON values only, so the outermost layer decides. */
function isFacts(value: unknown): value is NewEvent['facts'] {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
