import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { parsePath } from '#core/file/file-path.ts';
import type { Records } from '#core/ports/store/store.ts';
import { day } from '#core/time.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { recordAccepted } from '#core/verbs/record-accepted.ts';
import { recordOrderRefused } from '#core/verbs/record-order-refused.ts';
import { recordReports } from '#core/verbs/record-reports.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { revokeEndpoints } from '#core/verbs/revoke-endpoints.ts';
import { startSearch } from '#core/verbs/start-search.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { verifyHistory } from '#core/verbs/verify-history.ts';
import { startAgent } from '#kit/agent.ts';
import { type Chance, seeded, testSeed } from '#kit/chance.ts';
import { administrator, enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

const rounds = 300;
const bytes = new TextEncoder().encode('bad');
const path = '/srv/bad';

const origin = { principal: administrator, dialect: 'native', reason: 'why' } as const;

/** Three machines that fetched, quarantined, searched and restored, of which one is away and holds nothing of it. */
async function openHistory() {
  const ports = await openPorts();
  const endpoints = [await enrolMachine(ports), await enrolMachine(ports), await enrolMachine(ports)];
  const agents = endpoints.slice(0, 2).map((endpoint) => startAgent(ports, endpoint, { [path]: bytes }));
  for (const endpoint of endpoints) {
    await inventory(ports, endpoint, [fileFacts(path, bytes)]);
  }
  const endpointIds = endpoints.map(({ id }) => id);
  const sha256 = sha256Of(bytes);
  const orders = [
    () => retrieveFiles(ports, { origin, endpointIds, paths: { linux: [parsePath(path), parsePath('/srv/none')] } }),
    () =>
      startSearch(ports, {
        origin,
        endpointIds,
        pattern: { by: 'sha256', sha256 },
        live: false,
        under: undefined,
        limit: 10,
      }),
    () => quarantineFiles(ports, { origin, endpointIds, path: parsePath(path), sha256 }),
    () => restoreFiles(ports, { origin, sha256, ifOccupied: 'fail', allow: false }),
  ];
  for (const order of orders) {
    await order();
    for (const agent of agents) {
      await agent.work();
    }
  }
  await endOtherwise(ports);
  return ports;
}

/** Orders that ended without a report: one was refused, of others a removed endpoint had one and not the other, and one was too late. */
async function endOtherwise(ports: TestPorts): Promise<void> {
  const endpoint = await enrolMachine(ports);
  const order = () => retrieveFiles(ports, { origin, endpointIds: [endpoint.id], paths: { linux: [parsePath(path)] } });
  const ids = [(await order()).id, (await order()).id];
  const [refused, taken] = await ports.store.read(({ tasks }) => tasks.byActions(ids));
  await takeDeliverable(ports, { endpointIds: [endpoint.id] });
  const taskId = refused?.id ?? expect.unreachable();
  await recordOrderRefused(ports, { endpointId: endpoint.id, taskId, why: 'forged' });
  await recordAccepted(ports, [{ endpointId: endpoint.id, taskIds: [taken?.id ?? expect.unreachable()] }]);
  await order();
  const request = { principal: administrator, name: 'revoke', facts: {} };
  await revokeEndpoints(ports, { request, endpointIds: [endpoint.id], reason: 'gone' });
  const late = await enrolMachine(ports);
  await retrieveFiles(ports, { origin, endpointIds: [late.id], paths: { linux: [parsePath(path)] } });
  ports.clock.advance(5 * day);
  await expireOverdue(ports);
}

type Tampering = (chance: Chance) => string;

const texts = {
  actions: ['verb', 'principal_kind', 'principal_id', 'principal_name', 'dialect', 'reason'],
  outcomes: ['outcome', 'display_path', 'sha256'],
} as const;

const finishedTask = '(select id from tasks where report is not null order by random() limit 1)';
const anyAction = '(select id from actions order by random() limit 1)';
/** One whose row has something in the column. */
const anyOutcome = (column: string) =>
  `(select rowid from outcomes where ${column} is not null and ${column} != '' and task_id in (select id from tasks where state = 'finished' and verb != 'search') order by random() limit 1)`;

const other: Readonly<Record<string, string>> = {
  verb: "case verb when 'fetch' then 'quarantine' else 'fetch' end",
  principal_kind: "'key'",
  dialect: "'cortex'",
  outcome: "case outcome when 'done' then 'not_found' else 'done' end",
  sha256: `'${'a'.repeat(64)}'`,
};

const ways: Readonly<Record<string, Tampering>> = {
  'who ordered what': (chance) => {
    const column = chance.one(texts.actions);
    return `update actions set ${column} = ${other[column] ?? `${column} || 'x'`} where id = ${anyAction}`;
  },
  'when it was ordered': () => `update actions set created_at = created_at + 1 where id = ${anyAction}`,
  'how a file ended': (chance) => {
    const column = chance.one(texts.outcomes);
    return `update outcomes set ${column} = ${other[column] ?? `${column} || 'x'`} where rowid = ${anyOutcome(column)}`;
  },
  'a success that did not happen': () =>
    "update outcomes set outcome = 'done' where task_id in (select id from tasks where state = 'cancelled')",
  'a file that is gone': () =>
    `delete from outcomes where rowid = (select rowid from outcomes where task_id in (select id from tasks where state = 'finished' and verb != 'search') order by random() limit 1)`,
  'a report': () => `update tasks set report = randomblob(40) where id = ${finishedTask}`,
  'a report that is gone': () => `update tasks set report = null, report_signature = null where id = ${finishedTask}`,
  'another endpoint': () =>
    `update tasks set endpoint_id = (select id from endpoints where id != tasks.endpoint_id limit 1) where id = ${finishedTask}`,
  'a task that did not end': () => `update tasks set state = 'pending' where id = ${finishedTask}`,
  'a task that ended': () =>
    `update tasks set state = 'finished' where id = (select id from tasks where state != 'finished' limit 1)`,
  'another round': () =>
    'update tasks set round = round + 1 where id = (select id from tasks order by random() limit 1)',
  'a retry that never was': () =>
    `update tasks set retried_by = 'x' where id = (select id from tasks order by random() limit 1)`,
  'a task that is gone': () => `delete from tasks where id = ${finishedTask}`,
  'an action that is gone': () => `delete from actions where id = ${anyAction}`,
  'an action that was never ordered': () =>
    `insert into actions (id, verb, principal_kind, principal_id, principal_name, dialect, created_at, deadline, endpoints_count)
     values ('7', 'purge', 'local', 'x', 'x', 'native', 1, 2, 0)`,
};

const tables = ['actions', 'tasks', 'outcomes'] as const;

test('no more tasks are read at once than fit, and all of them are read', async () => {
  await using ports = await openHistory();
  const sizes: number[] = [];
  const store: Records = {
    ...{ reach: ports.store.reach, demandWritable: () => ports.store.demandWritable() },
    transact: (work, options) => ports.store.transact(work, options),
    read: (work, options) =>
      ports.store.read((reader) => {
        const byActions: typeof reader.tasks.byActions = async (...asked) => {
          const found = await reader.tasks.byActions(...asked);
          sizes.push(found.length);
          return found;
        };
        return work({ ...reader, tasks: { ...reader.tasks, byActions } });
      }, options),
  };
  expect(await verifyHistory({ store }, 4)).toBeUndefined();
  const actions = await ports.store.read((reader) => reader.actions.list({}, { offset: 0, limit: 100 }));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(
    actions.items.reduce((sum, { endpointsCount }) => sum + endpointsCount, 0),
  );
});

test('files that an agent reports in another order, and half a character, are no tampering', async () => {
  await using ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  const action = await retrieveFiles(ports, {
    origin: { ...origin, reason: 'x\ud800', claimedInitiator: '\udc00', incidentId: 'é\ud800' },
    endpointIds: [endpoint.id],
    paths: { linux: [parsePath('/srv/a'), parsePath('/srv/b')] },
  });
  await takeDeliverable(ports, { endpointIds: [endpoint.id] });
  const [task] = await ports.store.read(({ tasks }) => tasks.byAction(action.id));
  const missing = (ordinal: number, name: string) => ({
    ...({ ordinal, outcome: 'not_found', reason: null, message: '', path: parsePath(name) } as const),
    ...{ sha256: null, size: null, vaultObject: null, effect: null, losses: [], details: {} },
  });
  const files = [missing(1, '/srv/b'), missing(0, '/srv/a')];
  const signed = { bytes: new Uint8Array(1), signature: new Uint8Array(64) };
  const taskId = task?.id ?? expect.unreachable();
  await recordReports(ports, [{ endpoint, actionId: action.id, taskId, finishedAt: 0, files, signed }]);
  expect(action.reason).toBe('x\ufffd');
  expect(await verifyHistory(ports)).toBeUndefined();
});

test(`${rounds} tamperings with actions, tasks and outcomes are ${rounds} times found`, async () => {
  await using ports = await openHistory();
  expect(await verifyHistory(ports)).toBeUndefined();
  const tools = new Database(join(ports.directory, 'store.sqlite'));
  tools.run('pragma foreign_keys = off');
  tools.run('attach ? as kept', [join(ports.directory, 'kept.sqlite')]);
  for (const table of tables) {
    tools.run(`create table kept.${table} as select * from main.${table}`);
  }
  const chance = seeded(testSeed());
  for (let round = 0; round < rounds; round += 1) {
    const way = chance.one(Object.keys(ways));
    const statement = ways[way]?.(chance) ?? '';
    tools.run(statement);
    const finding = await verifyHistory(ports);
    expect([round, statement, finding?.kind]).toEqual([round, statement, 'altered_history']);
    tools.transaction(() => {
      for (const table of tables.toReversed()) {
        tools.run(`delete from main.${table}`);
      }
      for (const table of tables) {
        tools.run(`insert into main.${table} select * from kept.${table}`);
      }
    })();
  }
  expect(await verifyHistory(ports)).toBeUndefined();
  tools.close();
}, 120_000);
