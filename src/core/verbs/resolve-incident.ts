import { Fault } from '../fault.ts';
import { parseGuid } from '../file/guid.ts';
import type { Incident } from '../incident/incident.ts';
import { isIncidentId } from '../incident/incident-id.ts';
import type { Reader } from '../ports/store/store.ts';

/** The incident that a text names, by its id or by its GUID in either spelling; undefined where none is meant. */
export async function findIncident(
  { incidents }: Pick<Reader, 'incidents'>,
  text: string,
): Promise<Incident | undefined> {
  const named = text.trim();
  if (isIncidentId(named)) {
    return incidents.byId(named);
  }
  const guid = parseGuid(named);
  return guid === undefined ? undefined : incidents.byGuid(guid);
}

/** @throws Fault `not_found` */
export async function demandIncident(reader: Pick<Reader, 'incidents'>, text: string): Promise<Incident> {
  const incident = await findIncident(reader, text);
  if (incident === undefined) {
    throw new Fault('not_found', `There is no incident ${text.slice(0, 60)}.`, { details: { what: 'incident' } });
  }
  return incident;
}
