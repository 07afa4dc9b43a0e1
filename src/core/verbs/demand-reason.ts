import { Fault } from '../fault.ts';
import { demandText } from './create-incident.ts';

const longestReason = 1_000;

/**
 * Why somebody does what cannot be undone, or what stands out: it is kept, and read by others.
 * @param advice said to whoever gives none
 * @throws Fault `invalid_request` for one that is empty, too long or no text
 */
export function demandReason(reason: string, advice = 'Say why: the reason is empty.'): void {
  demandText('reason', reason, longestReason);
  if (reason.trim() === '') {
    throw new Fault('invalid_request', advice, { details: { field: 'reason' } });
  }
}
