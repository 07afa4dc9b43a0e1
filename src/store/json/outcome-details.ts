import type { Json } from '#core/custody/event.ts';
import { Fault } from '#core/fault.ts';
import { type OutcomeDetails, outcomeDetailsSchema } from '#core/outcome-details.ts';
import { canonicalJson } from './canonical-json.ts';

export function writeOutcomeDetails(details: OutcomeDetails): string {
  const said: Record<string, Json> = {};
  for (const [name, value] of Object.entries(details)) {
    if (value !== undefined) {
      said[name] = value;
    }
  }
  return canonicalJson(said);
}

/** @throws Fault `internal` when the column holds no details of an outcome. */
export function readOutcomeDetails(json: string): OutcomeDetails {
  const parsed = outcomeDetailsSchema.safeParse(JSON.parse(json));
  if (!parsed.success) {
    throw new Fault('internal', "An outcome's details in the store cannot be read.", { cause: parsed.error });
  }
  return parsed.data;
}
