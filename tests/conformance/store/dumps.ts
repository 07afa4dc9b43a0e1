import { describe, expect, test } from 'bun:test';
import { roles } from '#core/access/role.ts';
import { wholeFleet } from '#core/access/scope.ts';
import type { BatchNumber } from '#core/action/action-id.ts';
import type { DumpedRow, Store, Transaction } from '#core/ports/store/store.ts';
import { currentVersion } from '#store/migrations/migrate.ts';
import { dumpedTables } from '#store/tables.ts';
import { alertOf } from './alerts.ts';
import { approvalOf } from './approvals.ts';
import { cursorOf, letterOf, webhookOf } from './feeds.ts';
import { fleetActionOf } from './fleet-actions.ts';
import { listedOf } from './hash-lists.ts';
import { incidentOf, observedFileOf, processOf } from './incidents.ts';
import { claimOf, copyOf, machineOf } from './machines.ts';
import { expectFault, type MakePlace, withStore } from './place.ts';
import {
  actionOf,
  endpointId,
  endpointOf,
  eventOf,
  fileOf,
  outcomeOf,
  plant,
  quarantineOf,
  sha256Of,
  taskOf,
} from './records.ts';
import { remediationOf } from './remediations.ts';
import { haltedOf, rolloutOf } from './rollouts.ts';

const aged = {
  disabledAt: 3,
  passwordChangedAt: 1,
  mustChangePassword: true,
  secondFactor: {
    sealedSecret: Uint8Array.of(0, 255),
    active: true,
    lastStep: 7,
    failures: 1,
    failedAt: 2,
    recoveryCodes: ['é'],
  },
};

async function fillCredentials({ credentials }: Pick<Transaction, 'credentials'>): Promise<void> {
  await credentials.insertUser({
    id: 'u',
    email: 'e',
    passwordHash: 'p',
    role: roles[0],
    scope: wholeFleet,
    createdAt: 1,
    identity: { issuer: 'https://id.test', subject: 'é' },
    ...aged,
  });
  await credentials.insertSession({
    tokenHash: 's',
    userId: 'u',
    dialect: 'cybereason',
    remoteAddress: '::1',
    lastUsedAt: 2,
    createdAt: 1,
    expiresAt: 2,
    stage: 'open',
    failures: 0,
    newPasswordHash: 'q',
  });
  await credentials.insertKey({
    name: 'k',
    role: roles[1],
    scope: { kind: 'tags', tags: ['é', 'web'] },
    level: 'standard',
    sealedSecret: Uint8Array.of(0, 255),
    createdAt: 1,
    createdBy: 'u',
    owner: null,
    addresses: ['2001:db8::/32'],
    lastUsedAt: 3,
    expiresAt: null,
    comment: 'é',
  });
  await credentials.insertRole({
    ...{ name: 'Nachtwäche', permissions: ['files.read', 'access.manage'] },
    ...{ createdAt: 1, createdBy: 'u', changedAt: 2 },
  });
  await credentials.spendNonce({ keyId: 1, nonceHash: 'n', expiresAt: 9 }, 1);
  await credentials.spendLogIn({ hash: 'a', expiresAt: 9 }, 1);
  await credentials.insertToken({
    id: 't',
    tokenHash: 'h',
    usesLeft: 1,
    tags: [],
    createdAt: 1,
    createdBy: 'u',
    expiresAt: 2,
    addresses: ['192.0.2.0/24'],
    revokedAt: 1,
  });
}

/** At least one row in every table, with everything that is awkward to keep. */
export async function fillEveryTable(store: Store): Promise<void> {
  await plant(store, 2);
  await store.transact(async (transaction) => {
    await transaction.actions.insert(actionOf(2, { batchNumber: -5 as BatchNumber, incidentId: 'ü"' }));
    await transaction.files.upsert([fileOf(1, '/a'), fileOf(2, '/b', { createdNs: '9223372036854775807' })]);
    await transaction.tasks.insert(Array.from({ length: 1_500 }, (_, number) => taskOf(number)));
    await transaction.tasks.finish([
      {
        id: taskOf(3).id,
        report: { bytes: Uint8Array.of(0, 9), signature: Uint8Array.of(8) },
        acceptedAt: 1,
        endedAt: 2,
      },
    ]);
    await transaction.approvals.insert([approvalOf(1), approvalOf(2, { requester: null })]);
    await transaction.rollouts.insert([rolloutOf(1), rolloutOf(2, { at: haltedOf(2) })]);
    await transaction.approvals.decide(approvalOf(2).actionId, {
      ...{ verdict: 'refused', at: 5, reason: 'é' },
      by: { kind: 'user', id: 'u', name: 'n' },
    });
    await transaction.outcomes.put([outcomeOf(3, 0), outcomeOf(3, 1, { losses: ['a'] })]);
    await transaction.quarantine.insert([quarantineOf(1)]);
    await transaction.settings.put('action_lifetimes', { quarantine: 3_600_000 });
    await transaction.idempotency.insert({
      ...{ principalKind: 'key', principalId: '7', keyHash: 'a'.repeat(64) },
      ...{ sealed: new Uint8Array([0, 255]), expiresAt: 1 },
    });
    await transaction.evidence.insert({ sha256: sha256Of('a'), size: 1, storedAt: 2 });
    await transaction.evidence.claim({ sha256: sha256Of('a'), taskId: taskOf(3).id, ordinal: 0, at: 3 });
    const by = { kind: 'server', id: 'server', name: 'ü' } as const;
    await transaction.evidence.markDeleted(sha256Of('a'), { at: 4, rule: 'retention', reason: 'é', by });
    await fillCredentials(transaction);
    await transaction.machines.put(machineOf(1));
    await transaction.machines.putCopy(copyOf(1));
    await transaction.uploadClaims.put(claimOf(1));
    await transaction.hashLists.put([listedOf('a')]);
    await transaction.fleetActions.insert(fleetActionOf(-3), [
      { endpointId: endpointId(1), done: false, message: 'é' },
    ]);
    await transaction.endpoints.archive([endpointId(1)], 7, 'ü');
    await transaction.incidents.insert(incidentOf(1), [endpointId(1)]);
    await transaction.incidents.addProcesses([processOf(1, 7)]);
    await transaction.incidents.addFiles([observedFileOf(1, 'a')]);
    await transaction.incidents.addComment({
      id: 'c',
      incidentId: incidentOf(1).id,
      at: 1,
      author: { kind: 'user', id: 'u', name: 'n' },
      text: 't',
    });
    const ana = { kind: 'user', id: 'u', name: 'n' } as const;
    await transaction.incidents.hold({ incidentId: incidentOf(1).id, reason: 'ü', at: 1, by: ana });
    await transaction.alerts.insert([alertOf(1)]);
    await transaction.remediations.insert(remediationOf(1));
    await transaction.feeds.insertWebhook(webhookOf(1));
    await transaction.feeds.openCursor(cursorOf(webhookOf(1).id));
    await transaction.feeds.putDeadLetter(letterOf(1), 10);
    await transaction.events.append([eventOf('a'), eventOf('b')]);
  });
}

export async function dumpOf(store: Store): Promise<readonly DumpedRow[]> {
  const rows: DumpedRow[] = [];
  for await (const row of store.dump()) {
    rows.push(row);
  }
  return rows;
}

export async function* stream(rows: readonly DumpedRow[]): AsyncIterable<DumpedRow> {
  // Through JSON, as a backup keeps them.
  yield* rows.map((row): DumpedRow => JSON.parse(JSON.stringify(row)));
}

export function describeDumps(makePlace: MakePlace): void {
  describe('is dumped and loaded', () => {
    roundTrips(makePlace);
    refusals(makePlace);
  });
}

function roundTrips(makePlace: MakePlace): void {
  test(
    'A dump holds every table, and loads into an empty store as the same rows.',
    withStore(makePlace, async (store) => {
      await fillEveryTable(store);
      const dump = await dumpOf(store);
      expect(new Set(dump.map(({ table }) => table)).size).toBe(dumpedTables.length + 1);
      const other = await makePlace();
      const copy = await other.open();
      await copy.load(stream(dump));
      expect(await dumpOf(copy)).toEqual(dump);
      const read = (from: Store) =>
        from.read(async (reader) => [
          await reader.endpoints.list(
            { userNames: ['USER1'] },
            { by: 'id', direction: 'ascending' },
            { offset: 0, limit: 9 },
          ),
          await reader.tasks.byAction(actionOf(1).id),
          await reader.events.list({}, 0, 9),
        ]);
      expect(await read(copy)).toEqual(await read(store));
      await copy.close();
      await other.remove();
    }),
  );

  test(
    'A dump is one snapshot, and one that is broken off lets the store go on.',
    withStore(makePlace, async (store) => {
      await store.transact((transaction) => transaction.endpoints.insert(endpointOf(1)));
      const rows: DumpedRow[] = [];
      for await (const row of store.dump()) {
        if (rows.length === 0) {
          await store.transact((transaction) => transaction.events.append([eventOf('later')]));
        }
        rows.push(row);
      }
      expect(rows.some(({ table }) => table === 'events')).toBe(true);
      for await (const row of store.dump()) {
        expect(row.table).toBe('schema_version');
        break;
      }
      const snapshot: string[] = [];
      for await (const { table } of store.dump()) {
        if (table === 'endpoints') {
          await store.transact((transaction) =>
            transaction.evidence.insert({ sha256: sha256Of('x'), size: 1, storedAt: 1 }),
          );
        }
        snapshot.push(table);
      }
      expect(snapshot).not.toContain('evidence');
    }),
  );
}

function refusals(makePlace: MakePlace): void {
  test(
    'A store that is not empty is not loaded into.',
    withStore(makePlace, async (store) => {
      await store.transact((transaction) => transaction.events.append([eventOf('here')]));
      await expectFault(store.load(stream(await dumpOf(store))), 'conflict');
    }),
  );

  test(
    'A load that fails half-way leaves the store empty.',
    withStore(makePlace, async (store) => {
      const header: DumpedRow = { table: 'schema_version', row: { version: currentVersion } };
      const evidence: DumpedRow = { table: 'evidence', row: { sha256: 'a', size: 1, stored_at: 2 } };
      const bad: readonly (readonly DumpedRow[])[] = [
        [evidence],
        [{ table: 'schema_version', row: { version: 999 } }],
        [header, evidence, evidence],
        [header, evidence, { table: 'evidence"; drop table users; --', row: { x: 1 } }],
        [header, evidence, { table: 'evidence', row: { sha256: 'b', size: true, stored_at: 1 } }],
        [header, evidence, { table: 'evidence', row: { sha256: 'b', size: 1 } }],
        [header, evidence, { table: 'users', row: { 'id) values (1); --': 1 } }],
      ];
      for (const rows of bad) {
        const thrown = await store.load(stream(rows)).catch((error: unknown) => error);
        expect(thrown).toBeInstanceOf(Error);
        expect((await dumpOf(store)).length).toBe(1);
      }
      await store.load(stream([header, evidence]));
      expect(await store.read((reader) => reader.endpoints.byId(endpointId(1)))).toBeUndefined();
      expect((await dumpOf(store)).length).toBe(2);
    }),
  );
}
