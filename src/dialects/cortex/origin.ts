import { Fault } from '#core/fault.ts';
import type { Origin } from '#core/verbs/open-action.ts';
import type { GuardedCall } from '../dialect.ts';
import type { Body } from './read-body.ts';

const longestIncidentId = 256;

/** Who asks for an action, and for which incident. @throws Fault `invalid_request` for an incident id of no such kind. */
export function originOf(call: GuardedCall, body: Body): Origin {
  return { principal: call.principal, dialect: 'cortex', incidentId: incidentIdOf(body) };
}

/** An incident's id is digits; other ids are kept as they are given, for an unknown incident never stops an action. Number or text, inside `request_data` or, as one client has it, beside it. */
function incidentIdOf({ data, outer }: Body): string | undefined {
  const given = data['incident_id'] ?? outer['incident_id'];
  if (given === undefined || given === null || given === '') {
    return undefined;
  }
  if (typeof given === 'number' && Number.isInteger(given)) {
    return String(given);
  }
  if (typeof given === 'string' && given.length <= longestIncidentId && !given.includes('\0')) {
    const id = given.trim();
    return id === '' ? undefined : id.replace(/^0+(?=[1-9]\d*$)/, '');
  }
  throw new Fault('invalid_request', 'incident_id: must be an integer or a string of at most 256 characters', {
    details: { field: 'incident_id' },
  });
}
