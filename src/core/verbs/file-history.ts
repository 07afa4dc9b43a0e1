import { Fault } from '../fault.ts';
import type { Guid } from '../file/guid.ts';
import type { EventFilter } from '../ports/store/events.ts';
import type { Reader } from '../ports/store/store.ts';

/** More actions than anybody orders of one file. */
const mostActions = 10_000;

/**
 * Which events are about one file: those of every action that told how the file ended, without what other endpoints did in them.
 * @throws Fault `not_found`
 */
export async function historyOfFile(
  reader: Reader,
  guid: Guid,
): Promise<Pick<EventFilter, 'actionIds' | 'aboutEndpoint'>> {
  const [file] = await reader.files.byGuids([guid]);
  if (file === undefined) {
    throw new Fault('not_found', `No endpoint has reported a file ${guid}.`, { details: { what: 'file' } });
  }
  return { actionIds: await reader.outcomes.actionsOf(guid, mostActions), aboutEndpoint: file.endpointId };
}
