import { sql } from 'kysely';
import { Fault } from '#core/fault.ts';
import type { ColumnReference, TableName } from '../schema.ts';
import type { Session } from '../session.ts';
import type { Concern } from './write-rules.ts';

/**
 * Refuses a write that is about anything that is not seen. Use cases find out by reading first; this is the floor under them.
 * @param session a narrowed one.
 * @throws Fault `not_found`, as for what does not exist; `permission_denied` for what is seen in part
 */
export async function demandSeen(session: Session, concern: Concern): Promise<void> {
  await demandEach(session, { what: 'endpoint', table: 'endpoints', column: 'endpoints.id' }, concern.endpoints);
  await demandEach(session, { what: 'task', table: 'tasks', column: 'tasks.id' }, concern.tasks);
  await demandEach(session, { what: 'incident', table: 'incidents', column: 'incidents.id' }, concern.incidents);
  const { wholeAction, fleetAction, wholeRemediation } = concern;
  if (fleetAction !== undefined) {
    const kind = { what: 'action', table: 'fleet_actions', column: 'fleet_actions.batch_number' } as const;
    await demandEach(session, kind, [fleetAction]);
  }
  if (wholeAction !== undefined) {
    await demandEach(session, { what: 'action', table: 'actions', column: 'actions.id' }, [wholeAction]);
    await demandWhole(
      session,
      sql`select 1 as found from every_tasks where every_tasks.action_id = ${wholeAction}
        and not exists (select 1 from tasks where tasks.id = every_tasks.id) limit 1`,
    );
  }
  if (wholeRemediation !== undefined) {
    const kind = { what: 'remediation', table: 'remediations', column: 'remediations.id' } as const;
    await demandEach(session, kind, [wholeRemediation]);
    await demandWhole(
      session,
      sql`select 1 as found from every_remediation_rows
        left join every_tasks on every_tasks.action_id = every_remediation_rows.action_id
        where every_remediation_rows.remediation_id = ${wholeRemediation} and every_tasks.id is not null
          and not exists (select 1 from tasks where tasks.id = every_tasks.id) limit 1`,
    );
  }
}

interface Kind {
  readonly what: string;
  readonly table: TableName;
  readonly column: ColumnReference;
}

async function demandEach(
  { db, dialect }: Session,
  { what, table, column }: Kind,
  ids: readonly string[] | readonly number[] = [],
): Promise<void> {
  const asked = new Set<string | number>(ids).size;
  if (asked === 0) {
    return;
  }
  const { count } = await db
    .selectFrom(table)
    .select((builder) => builder.fn.countAll<number>().as('count'))
    .where(dialect.among(column, ids))
    .executeTakeFirstOrThrow();
  if (count < asked) {
    throw new Fault('not_found', `There is no such ${what}.`, { details: { what } });
  }
}

async function demandWhole({ db }: Session, beyond: ReturnType<typeof sql>): Promise<void> {
  const { rows } = await beyond.execute(db);
  if (rows.length > 0) {
    throw new Fault(
      'permission_denied',
      'This was ordered for endpoints beyond your tags, too, and cannot be ended for some of them: use a key or user without a limit.',
    );
  }
}
