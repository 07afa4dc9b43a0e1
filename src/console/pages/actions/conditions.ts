import { now } from '../../kit/clock.ts';
import type { ActionsSearch, periods } from './search.ts';

type Period = (typeof periods)[number];

export const periodWords: Readonly<Record<Period, string>> = {
  day: 'Last 24 hours',
  week: 'Last 7 days',
  month: 'Last 30 days',
};

const hour = 3_600_000;
const periodLengths: Readonly<Record<Period, number>> = { day: 24 * hour, week: 168 * hour, month: 720 * hour };

/** What the server is asked, but for the status. */
export function conditionsOf({ verb, incident, id, endpoint, by, within, unconfirmed }: ActionsSearch) {
  return {
    ...(verb !== undefined && { verb: [verb] }),
    ...(incident !== undefined && { incidentId: incident }),
    ...(id !== undefined && { idContains: id }),
    ...(endpoint !== undefined && { endpointId: endpoint }),
    ...(by !== undefined && { principalId: by }),
    ...(unconfirmed === true && { unconfirmed: 'true' as const }),
    ...(within !== undefined && { createdFrom: new Date(now() - periodLengths[within]).toISOString() }),
  };
}
