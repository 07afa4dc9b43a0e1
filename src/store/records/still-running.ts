import type { Sha256 } from '#core/file/hash.ts';
import type { ProcessObservation } from '#core/incident/incident.ts';
import type { Listing, Page } from '#core/ports/store/page.ts';
import type { Session } from '../session.ts';
import { toProcess } from './incident-row.ts';
import { demandPage } from './page.ts';

/** A process that several incidents are about counts once, and where one of them says that it has ended, it has. */
export async function stillRunning({ db }: Session, sha256: Sha256, page: Page): Promise<Listing<ProcessObservation>> {
  const { offset, limit } = demandPage(page);
  const running = db
    .selectFrom('incident_processes as process')
    .where('process.sha256', '=', sha256)
    .where('process.ended_at', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('incident_processes as other')
            .select('other.guid')
            .whereRef('other.guid', '=', 'process.guid')
            .where(({ or, eb, and }) =>
              or([
                eb('other.ended_at', 'is not', null),
                and([eb('other.sha256', '=', sha256), eb('other.incident_id', '<', eb.ref('process.incident_id'))]),
              ]),
            ),
        ),
      ),
    );
  const { total } = await running.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const ordered = running.selectAll('process').orderBy('process.endpoint_id').orderBy('process.guid');
  return { items: (await ordered.offset(offset).limit(limit).execute()).map(toProcess), total };
}
