import { expect, test } from 'bun:test';
import { builtInRole } from '#core/access/role.ts';
import { Fault } from '#core/fault.ts';
import { parsePath } from '#core/file/file-path.ts';
import { fileGuid, machineGuid, quarantineFileGuid } from '#core/file/guid.ts';
import type { Remedy } from '#core/remediation/remediation.ts';
import { day } from '#core/time.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import type { Origin } from '#core/verbs/open-action.ts';
import { purgeFiles } from '#core/verbs/purge-files.ts';
import { remediate } from '#core/verbs/remediate.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { type UndoneRow, undoRemediation } from '#core/verbs/undo-remediation.ts';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

const file = '/srv/file';
const bytesOf = (name: string) => new TextEncoder().encode(`the bytes of ${name}`);
const origin: Origin = { principal: administrator, dialect: 'native', reason: 'a false alarm' };

interface Wish {
  readonly remedy: Remedy;
  readonly agent: TestAgent;
  readonly target?: string;
}

/** Machines with one file each, of bytes of their own. */
async function openFleet(names: readonly string[]) {
  const ports = await openPorts();
  const agents: TestAgent[] = [];
  for (const hostName of names) {
    const endpoint = await enrolMachine(ports, { hostName });
    await inventory(ports, endpoint, [fileFacts(file, bytesOf(hostName))]);
    agents.push(startAgent(ports, endpoint, { [file]: bytesOf(hostName) }));
  }
  const start = (wishes: readonly Wish[], more: Partial<Origin> = {}) =>
    remediate(ports, {
      origin: { ...origin, ...more },
      rows: wishes.map(({ remedy, agent, target }) => ({
        ...{ remedy, actionType: remedy, machine: machineGuid(agent.endpoint.number) },
        target: target ?? fileGuid(agent.endpoint.number, parsePath(file)),
      })),
    });
  return { ports, agents, start, [Symbol.asyncDispose]: () => ports[Symbol.asyncDispose]() };
}

const named = (agents: readonly TestAgent[], index: number) => agents[index] ?? expect.unreachable();
const has = ({ endpoint, disk }: TestAgent) =>
  Buffer.from(disk.get(file) ?? []).equals(Buffer.from(bytesOf(endpoint.hostName)));

async function outcomesOf(ports: TestPorts, rows: readonly UndoneRow[]) {
  const found: (string | undefined)[] = [];
  for (const row of rows) {
    if (row.kind === 'undone' && row.undo !== null) {
      const { tasks } = await describeAction(ports, row.undo.id);
      found.push(...tasks.flatMap(({ outcomes }) => outcomes.map(({ outcome, reason }) => reason ?? outcome)));
    }
  }
  return found;
}

const words = (rows: readonly UndoneRow[]) =>
  rows.map((row) => {
    if (row.kind === 'kept') {
      return row.why;
    }
    return `${row.undo === null ? 'withdrawn' : 'undone'} ${row.withdrawn} ${row.asked}`;
  });

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  try {
    await work;
  } catch (thrown) {
    return thrown instanceof Fault ? thrown : expect.unreachable();
  }
  return expect.unreachable();
}

const eventsOf = (ports: TestPorts) => ports.store.read(({ events }) => events.list({}, 0, 1_000));

test('one call gives back all that a remediation took: reported or not, begun or not, here or away; every other row says why it stays', async () => {
  await using fleet = await openFleet(['reported', 'away', 'silent', 'sent', 'never', 'held', 'blocked', 'other']);
  const { ports, agents, start } = fleet;
  const [reported, away, silent, sent, never, held, blocked] = agents.map((_, index) => named(agents, index));
  const unreachable = () => expect.unreachable();
  const before = await start([{ remedy: 'quarantine', agent: held ?? unreachable() }]);
  await held?.work();
  const records = await ports.store.read(({ quarantine }) => quarantine.list({}, { offset: 0, limit: 1 }));
  const object = quarantineFileGuid(
    held?.endpoint.number ?? unreachable(),
    records.items[0]?.vaultObject ?? unreachable(),
  );
  const { incident } = await createIncident(ports, {
    ...{ origin, name: 'n', description: '', severity: 'high', endpointIds: [], processes: [], files: [] },
  });
  const incidentId = incident.id;
  const taking = [reported, away, silent, sent, never].map((agent) => agent ?? unreachable());
  const started = await start(
    [
      ...taking.map((agent) => ({ remedy: 'quarantine', agent }) as const),
      { remedy: 'quarantine', agent: named(taking, 0) },
      { remedy: 'restore', agent: held ?? unreachable(), target: object },
      { remedy: 'block', agent: blocked ?? unreachable() },
      { remedy: 'quarantine', agent: named(agents, 7), target: '1.1' },
    ],
    { incidentId },
  );
  await reported?.work();
  await away?.work();
  await silent?.workSilently();
  await takeDeliverable(ports, { endpointIds: [sent?.endpoint.id ?? unreachable()] });
  expect(taking.map(has)).toEqual([false, false, false, true, true]);

  ports.rung.length = 0;
  const { id, rows } = await undoRemediation(ports, { origin, named: started.id.toUpperCase() });
  expect(id).toBe(started.id);
  expect(words(rows)).toEqual([
    ...['undone 0 0', 'undone 0 0', 'undone 0 1', 'undone 0 1', 'withdrawn 1 0', 'undone 0 0'],
    ...['not_a_quarantine', 'listed', 'not_ordered'],
  ]);
  expect(rows.flatMap((row) => (row.kind === 'kept' ? [row.message] : []))).toEqual([
    'A restore is taken back by a quarantine: quarantine the file by its hash.',
    expect.stringMatching(/^The hash [0-9a-f]+ stays on the block list: take it off the list/),
    expect.stringMatching(/^Nothing was ordered, so there is nothing to undo\. ./),
  ]);
  expect(rows.map(({ row }) => row)).toEqual([...started.rows]);
  expect(new Set(ports.rung)).toEqual(new Set(taking.slice(0, 4).map(({ endpoint }) => endpoint.id)));
  const [first, ...rest] = rows.map((row) => (row.kind === 'undone' ? row.undo?.id : undefined));
  expect(rest[4]).toBe(first);

  for (const agent of [reported, silent, sent, never]) {
    await agent?.work();
  }
  expect(taking.map(has)).toEqual([true, false, true, true, true]);
  ports.clock.advance(3 * day);
  await away?.work();
  expect(taking.map(has)).toEqual([true, true, true, true, true]);
  const events = await eventsOf(ports);
  expect(events.filter(({ type }) => type === 'remediation_undone')).toMatchObject([
    {
      ...{ actor: { kind: 'local', id: 'test', name: 'test' }, incidentId },
      facts: {
        ...{ remediationId: id, reason: 'a false alarm', dialect: 'native', undone: 5, withdrawn: 1, kept: 3 },
        endpointsCount: 4,
        rows: { length: 9, 0: { result: 'undone', actionType: 'quarantine' }, 7: { result: 'listed' } },
      },
    },
  ]);
  const opened = events.filter(({ type, facts }) => type === 'action_started' && facts['undoes'] !== undefined);
  expect(opened.map(({ facts }) => [facts['remediationId'], facts['reason'], facts['incidentId']])).toEqual(
    Array(4).fill([id, 'a false alarm', incidentId]),
  );
  expect(before.id).not.toBe(id);
});

test('it may be repeated: what is back is asked for again, harms nothing, and what was purged since is told as not found', async () => {
  await using fleet = await openFleet(['one', 'two']);
  const { ports, agents, start } = fleet;
  const [one, two] = [named(agents, 0), named(agents, 1)];
  const started = await start(agents.map((agent) => ({ remedy: 'quarantine', agent })));
  await one.work();
  await two.work();
  const { endpoint } = two;
  await purgeFiles(ports, { origin, endpointIds: [endpoint.id], sha256: sha256Of(bytesOf('two')) });
  await two.work();
  const undone = await undoRemediation(ports, { origin, named: started.id });
  expect(words(undone.rows)).toEqual(['undone 0 0', 'undone 0 0']);
  await one.work();
  await two.work();
  expect(await outcomesOf(ports, undone.rows)).toEqual(['done', 'not_found']);
  const again = await undoRemediation(ports, { origin, named: started.id });
  expect(words(again.rows)).toEqual(['undone 0 0', 'undone 0 0']);
  await one.work();
  await two.work();
  expect([has(one), has(two)]).toEqual([true, false]);
  expect((await eventsOf(ports)).filter(({ type }) => type === 'remediation_undone')).toHaveLength(2);
});

test('what is blocked stays while the rest comes back, and is allowed in the same act for who manages the lists', async () => {
  await using fleet = await openFleet(['one', 'two']);
  const { ports, agents, start } = fleet;
  const [one, two] = [named(agents, 0), named(agents, 1)];
  const blocked = sha256Of(bytesOf('one'));
  const started = await start([
    { remedy: 'quarantine', agent: one },
    { remedy: 'block', agent: one, target: blocked },
    { remedy: 'quarantine', agent: two },
  ]);
  await one.work();
  await two.work();
  const partly = await undoRemediation(ports, { origin, named: started.id });
  expect(words(partly.rows)).toEqual(['blocked', 'listed', 'undone 0 0']);
  expect(partly.rows[0]).toMatchObject({
    message: expect.stringContaining(`The hash ${blocked} is on the block list`),
  });
  await one.work();
  await two.work();
  expect([has(one), has(two)]).toEqual([false, true]);

  const viewer = { ...administrator, role: builtInRole('Viewer') };
  const asked = { named: started.id, allow: true };
  const lists = () => ports.store.read(({ hashLists }) => hashLists.byHashes([blocked]));
  const seen = (await eventsOf(ports)).length;
  const forbidden = await faultOf(undoRemediation(ports, { origin: { ...origin, principal: viewer }, ...asked }));
  expect(forbidden.code).toBe('permission_denied');
  expect([(await lists())[0]?.list, (await eventsOf(ports)).length]).toEqual(['block', seen]);
  const wholly = await undoRemediation(ports, { origin, ...asked });
  expect(words(wholly.rows)).toEqual(['undone 0 0', 'listed', 'undone 0 0']);
  expect(wholly.rows[1]).toMatchObject({ message: `The hash ${blocked} is not on the block list any more.` });
  await one.work();
  expect([has(one), (await lists())[0]?.list]).toEqual([true, 'allow']);
});

test('where nothing can be undone the call is refused with the reasons, and nothing is written', async () => {
  await using fleet = await openFleet(['one', 'two', 'three']);
  const { ports, agents, start } = fleet;
  const [one, two, three] = [named(agents, 0), named(agents, 1), named(agents, 2)];
  const blocked = sha256Of(bytesOf('one'));
  const refuses = async (wishes: readonly Wish[], work: () => Promise<unknown> = async () => undefined) => {
    const started = await start(wishes);
    await work();
    const seen = await eventsOf(ports);
    const { code, message, details } = await faultOf(undoRemediation(ports, { origin, named: started.id }));
    expect(await eventsOf(ports)).toEqual(seen);
    return { code, message, details };
  };
  const removed = await refuses([{ remedy: 'quarantine', agent: two }], async () => {
    await two.work();
    await ports.store.transact(({ endpoints }) => endpoints.revoke([two.endpoint.id], 1));
  });
  expect(removed).toMatchObject({ code: 'no_target', message: expect.stringContaining('removed since') });
  three.disk.delete(file);
  const nothing = await refuses([{ remedy: 'quarantine', agent: three }], () => three.work());
  expect(nothing).toEqual({
    code: 'no_target',
    message: 'Nothing of the remediation can be undone. The action took nothing that could be given back.',
    details: {},
  });
  const both = [
    { remedy: 'quarantine', agent: one },
    { remedy: 'block', agent: one, target: blocked },
  ] as const;
  expect(await refuses(both, () => one.work())).toMatchObject({
    ...{ code: 'conflict', details: { what: 'hash', hash: blocked } },
  });
  expect(await refuses([{ remedy: 'quarantine', agent: one, target: '1.1' }])).toMatchObject({ code: 'no_target' });
  for (const unknown of ['x', '00000000-0000-4000-8000-000000000000']) {
    expect((await faultOf(undoRemediation(ports, { origin, named: unknown }))).code).toBe('not_found');
  }
});

test('the answer and the event count what could not be undone, and why, endpoints that are gone with an open order among it', async () => {
  await using fleet = await openFleet(['back', 'removed', 'gone', 'unordered']);
  const { ports, agents, start } = fleet;
  const [back, removed, gone, unordered] = [0, 1, 2, 3].map((index) => named(agents, index));
  const started = await start([
    ...[back, removed, gone].map((agent) => ({ remedy: 'quarantine', agent: agent ?? expect.unreachable() }) as const),
    { remedy: 'quarantine', agent: unordered ?? expect.unreachable(), target: '1.1' },
  ]);
  await back?.work();
  await removed?.work();
  await gone?.accept();
  const revoked = [removed, gone].flatMap((agent) => agent?.endpoint.id ?? []);
  await ports.store.transact(({ endpoints }) => endpoints.revoke(revoked, 1));
  const { counts, rows } = await undoRemediation(ports, { origin, named: started.id });
  expect(words(rows)).toEqual(['undone 0 0', 'removed', 'withdrawn 0 1', 'not_ordered']);
  const expected = { undone: 1, withdrawn: 1, kept: 2, keptFor: { removed: 1, not_ordered: 1 }, removed: 1 };
  expect(counts).toEqual(expected);
  const [event] = (await eventsOf(ports)).filter(({ type }) => type === 'remediation_undone');
  expect(event?.facts).toMatchObject(expected);
});

test('a remediation of 200 machines comes back whole', async () => {
  await using fleet = await openFleet(Array.from({ length: 200 }, (_, index) => `m${index}`));
  const { ports, agents, start } = fleet;
  // Of this dialect the guard holds nothing.
  const wishes = agents.map((agent): Wish => ({ remedy: 'quarantine', agent }));
  const started = await start(wishes, { dialect: 'cybereason' });
  for (const agent of agents.slice(0, 120)) {
    await agent.work();
  }
  for (const agent of agents.slice(120, 160)) {
    await agent.accept();
  }
  const { rows } = await undoRemediation(ports, { origin, named: started.id });
  expect(new Map([...Map.groupBy(words(rows), (word) => word)].map(([word, group]) => [word, group.length]))).toEqual(
    new Map([
      ['undone 0 0', 120],
      ['undone 0 1', 40],
      ['withdrawn 1 0', 40],
    ]),
  );
  for (const agent of agents) {
    await agent.work();
  }
  expect(agents.filter((agent) => !has(agent))).toEqual([]);
}, 240_000);
