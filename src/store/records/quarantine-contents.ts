import type { Expression, SqlBool } from 'kysely';
import type { Listing, Page } from '#core/ports/store/page.ts';
import type { QuarantinedContent } from '#core/ports/store/quarantine.ts';
import type { Session } from '../session.ts';
import { demandPage } from './page.ts';

/** The records for which all conditions hold, counted by content; what was quarantined last first. */
export async function quarantinedContents(
  { db }: Session,
  conditions: readonly Expression<SqlBool>[],
  page: Page,
): Promise<Listing<QuarantinedContent>> {
  const { offset, limit } = demandPage(page);
  const matching = db.selectFrom('quarantine').where(({ and }) => and([...conditions]));
  const { total } = await matching
    .select(({ fn }) => fn.count<number>('sha256').distinct().as('total'))
    .executeTakeFirstOrThrow();
  const rows = await matching
    .select(({ fn }) => [
      ...(['sha256', fn.max('size').as('size'), fn.min('display_path').as('sample')] as const),
      fn.countAll<number>().filterWhere('state', '=', 'held').as('held'),
      fn.countAll<number>().filterWhere('state', '=', 'restored').as('restored'),
      fn.countAll<number>().filterWhere('state', '=', 'purged').as('purged'),
      fn.countAll<number>().filterWhere('state', '=', 'lost').as('lost'),
      fn.count<number>('damaged_at').filterWhere('state', '=', 'held').as('damaged'),
      fn.count<number>('endpoint_id').distinct().as('endpoints'),
      fn.count<number>('display_path').distinct().as('paths'),
      fn.min('quarantined_at').as('first'),
      fn.max('quarantined_at').as('last'),
    ])
    .groupBy('sha256')
    .orderBy('last', 'desc')
    .orderBy('sha256')
    .offset(offset)
    .limit(limit)
    .execute();
  const items = rows.map(({ held, restored, purged, lost, sample, first, last, ...row }) => ({
    ...row,
    objects: { held, restored, purged, lost },
    ...{ samplePath: sample, firstQuarantinedAt: first, lastQuarantinedAt: last },
  }));
  return { items, total };
}
