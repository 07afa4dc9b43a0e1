import { sql } from 'kysely';
import type { Guid } from '#core/file/guid.ts';
import type { Departed } from '#core/ports/store/quarantine.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';

interface DepartedRow {
  readonly object: string;
  readonly endpoint: string;
  readonly state: string;
  readonly at: number;
  readonly by: string;
}

/** @returns the GUIDs of the files that the objects were made of. */
export async function markDeparted(session: Session, departed: readonly Departed[]): Promise<readonly Guid[]> {
  // Two rows of one update may not meet the same object; the first word counts.
  const objects = new Map(departed.toReversed().map((each) => [each.vaultObject, each]));
  const results = await runBulk(session, departRecords, [...objects.values()].map(toRow));
  return results.flatMap((result) => result.rows.map((row) => row['file_guid'] as Guid));
}

function toRow({ vaultObject, endpointId, state, at, by }: Departed): DepartedRow {
  return { object: vaultObject, endpoint: endpointId, state, at, by };
}

/** Both databases name the columns of a list of values column1, column2 ... */
const departRecords = bulkTemplate<DepartedRow>(({ db }, rows) => {
  const values = rows.map(
    ({ object, endpoint, state, at, by }) =>
      sql`(cast(${object} as text), cast(${endpoint} as text), cast(${state} as text), cast(${at} as bigint),
        cast(${by} as text))`,
  );
  const statement = sql`update quarantine
    set state = given.column3, restored_at = given.column4, restored_by = given.column5
    from (values ${sql.join(values)}) as given
    where vault_object = given.column1 and endpoint_id = given.column2 and state in ('held', 'lost')
    returning file_guid`;
  return { compile: () => statement.compile(db) };
});
