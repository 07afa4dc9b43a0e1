import { type Expression, type SqlBool, sql } from 'kysely';
import type { ScanStatus } from '#core/endpoint/scan-status.ts';
import type { Milliseconds } from '#core/time.ts';

/** The rule of `scanStatusOf` for the newest scan of the endpoint of the row, as SQL. */
export function lastScanIs(among: readonly ScanStatus[], now: Milliseconds): Expression<SqlBool> {
  if (among.length === 0) {
    return sql<SqlBool>`1 = 0`;
  }
  const newest = sql`select case
      when scan.state = 'finished' then case first.outcome
        when 'done' then 'success' when 'already_done' then 'success'
        when 'cancelled' then 'aborted' else 'error' end
      when scan.state = 'cancelled' then 'canceled'
      when scan.state = 'expired' or scan.deadline <= ${now} then 'error'
      when scan.state = 'cancelling' then 'pending_cancellation'
      when scan.state = 'running' then 'in_progress'
      else 'pending' end
    from tasks as scan left join outcomes as first on first.task_id = scan.id and first.ordinal = 0
    where scan.verb = 'scan' and scan.endpoint_id = endpoints.id
    order by length(scan.action_id) desc, scan.action_id desc limit 1`;
  return sql<SqlBool>`coalesce((${newest}), 'none') in (${sql.join(among)})`;
}
