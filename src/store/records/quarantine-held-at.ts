import { sql } from 'kysely';
import type { HeldFile, QuarantinePlace } from '#core/ports/store/quarantine.ts';
import type { Session } from '../session.ts';

/** Bounds one statement's list. */
const placesPerStatement = 10_000;

/** Place by place, each by the index: endpoints and hashes apart would mean every pair of them. */
export async function heldAt(session: Session, places: readonly QuarantinePlace[]): Promise<readonly HeldFile[]> {
  const pairs = new Map(places.map(({ endpointId, sha256 }) => [`${endpointId} ${sha256}`, [endpointId, sha256]]));
  const asked = [...pairs.values()];
  const found: HeldFile[] = [];
  for (let start = 0; start < asked.length; start += placesPerStatement) {
    const list = JSON.stringify(asked.slice(start, start + placesPerStatement));
    const { rows } = await sql<HeldFile>`select quarantine.endpoint_id as "endpointId", quarantine.sha256 as sha256,
        quarantine.display_path as "displayPath"
      from ${session.dialect.listed(list)}
      join quarantine on quarantine.endpoint_id = given.value ->> 0 and quarantine.sha256 = given.value ->> 1
      where quarantine.state = 'held'`.execute(session.db);
    found.push(...rows);
  }
  return found;
}
