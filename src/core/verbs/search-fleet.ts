import type { FleetAction } from '../endpoint/fleet-action.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { type FleetRequest, recordFleetAction } from './record-fleet-action.ts';
import { type StartSearch, startSearch } from './start-search.ts';

/**
 * A search of the file systems of many endpoints, under a batch number.
 * @throws Fault as `startSearch` does.
 */
export async function searchFleet(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: FleetRequest,
  search: StartSearch,
): Promise<FleetAction> {
  let recorded: FleetAction | undefined;
  await startSearch(ports, search, async (transaction, action) => {
    recorded = await recordFleetAction(ports, transaction, { request, work: { kind: 'search', action } });
  });
  if (recorded === undefined) {
    throw new Fault('internal', 'A search was started without its record.');
  }
  return recorded;
}
