import { parseGuid } from '../file/guid.ts';
import type { Incident } from '../incident/incident.ts';
import type { Reader } from '../ports/store/store.ts';
import { findIncident } from './resolve-incident.ts';

export interface NamedIncident {
  readonly incident: Incident | undefined;
  /** The GUID of the incident; the text, where there is no such incident; null where none was given. */
  readonly name: string | null;
}

/** What a text means as the name of an incident, so that the same name is found again, however it was spelt. */
export async function incidentNamed(
  reader: Pick<Reader, 'incidents'>,
  text: string | undefined,
): Promise<NamedIncident> {
  const given = text?.trim() ?? '';
  if (given === '') {
    return { incident: undefined, name: null };
  }
  const incident = await findIncident(reader, given);
  return { incident, name: incident?.guid ?? parseGuid(given) ?? given };
}
