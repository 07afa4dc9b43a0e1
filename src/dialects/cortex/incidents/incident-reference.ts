import { z } from 'zod';
import { Fault } from '#core/fault.ts';

const longestReference = 256;

/** `incident_id` of the calls about one incident: a number or digits, as clients have it. */
export const incidentReference = z.union(
  [z.int().transform(String), z.string().max(longestReference)],
  'must be an integer or a string of digits',
);

/** The vendor's words for an incident that there is not, by which connectors know it. */
export function incidentMissing(call: string, cause?: unknown): Fault {
  return new Fault('not_found', 'Incident not found', {
    cause,
    details: { what: 'incident', call: `incident management - ${call}` },
  });
}
