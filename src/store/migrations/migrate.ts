import { Fault } from '#core/fault.ts';
import type { Backend } from '../backend.ts';
import { noDeadline } from '../deadline.ts';
import { runInTransaction } from '../run-in-transaction.ts';
import type { Session } from '../session.ts';
import { first } from './0001-first.ts';
import { vaultLists } from './0002-vault-lists.ts';
import { incidents } from './0003-incidents.ts';
import { hashLists } from './0004-hash-lists.ts';
import { fleetActions } from './0005-fleet-actions.ts';
import { secondFactor } from './0006-second-factor.ts';
import { remediations } from './0007-remediations.ts';
import { incidentUpdates } from './0008-incident-updates.ts';
import { logInLimits } from './0009-log-in-limits.ts';
import { scans } from './0010-scans.ts';
import { keyCare } from './0011-key-care.ts';
import { settings } from './0012-settings.ts';
import { restoresByHash } from './0013-restores-by-hash.ts';
import { eventSearch } from './0014-event-search.ts';
import { alerts } from './0015-alerts.ts';
import { enrolmentOrder } from './0016-enrolment-order.ts';
import { ledger } from './0017-ledger.ts';
import { answeredRequests } from './0018-answered-requests.ts';
import { scopes } from './0019-scopes.ts';
import { outcomesByFile } from './0020-outcomes-by-file.ts';
import { reasons } from './0021-reasons.ts';
import { people } from './0022-people.ts';
import { singleSignOn } from './0023-single-sign-on.ts';
import { approvals } from './0024-approvals.ts';
import { evidenceCare } from './0025-evidence-care.ts';
import { rogueAgents } from './0026-rogue-agents.ts';
import { keyUse } from './0027-key-use.ts';
import { namedSizes } from './0028-named-sizes.ts';
import { firstSeen } from './0029-first-seen.ts';
import { undo } from './0030-undo.ts';
import { stops } from './0031-stops.ts';
import { feeds } from './0032-feeds.ts';
import { retries } from './0033-retries.ts';
import { rings } from './0034-rings.ts';
import type { Migration } from './migration.ts';

/** Oldest first. A migration that was released is never edited; a change is a further one. */
const migrations: readonly Migration[] = [
  first,
  vaultLists,
  incidents,
  hashLists,
  fleetActions,
  secondFactor,
  remediations,
  incidentUpdates,
  logInLimits,
  scans,
  keyCare,
  settings,
  restoresByHash,
  eventSearch,
  alerts,
  enrolmentOrder,
  ledger,
  answeredRequests,
  scopes,
  outcomesByFile,
  reasons,
  people,
  singleSignOn,
  approvals,
  evidenceCare,
  rogueAgents,
  keyUse,
  namedSizes,
  firstSeen,
  undo,
  stops,
  feeds,
  retries,
  rings,
];

/** What this program reads and writes. */
export const currentVersion = migrations.length;

/**
 * Brings the tables to `currentVersion`, forward only, in one transaction.
 * @throws Fault `conflict` when a newer program has been here.
 */
export async function migrate(backend: Backend): Promise<void> {
  await runInTransaction(backend, { mode: 'migrate', deadline: noDeadline }, migrateIn);
}

async function migrateIn(session: Session): Promise<void> {
  const { integer, tableOptions } = session.dialect.types;
  await run(session, [`create table if not exists schema_version (version ${integer} not null)${tableOptions}`]);
  const row = await session.db.selectFrom('schema_version').select('version').executeTakeFirst();
  const version = row?.version ?? 0;
  if (version > currentVersion) {
    throw new Fault(
      'conflict',
      `The store has version ${version}, but this program knows only versions up to ${currentVersion}: start the newer custody that wrote it, or restore a backup made by this one.`,
      { details: { version, currentVersion } },
    );
  }
  if (version === currentVersion) {
    return;
  }
  for (const migration of migrations.slice(version)) {
    await run(session, migration.statements(session.dialect.types));
  }
  await session.db.deleteFrom('schema_version').execute();
  await session.db.insertInto('schema_version').values({ version: currentVersion }).execute();
}

async function run(session: Session, statements: readonly string[]): Promise<void> {
  await session.run(statements.map((sql) => ({ sql, parameters: [] })));
}
