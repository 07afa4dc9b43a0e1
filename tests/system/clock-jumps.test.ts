import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '#kit/disk.ts';
import { custody, runProgram } from '#kit/program.ts';
import { SettableClock } from '#kit/settable-clock.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

const hour = 3_600_000;
const year = 365 * 24 * hour;
const jumps = [hour, -hour, year, -year];

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'custody-clocks-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const clockOf = (name: string) => new SettableClock(join(directory, name));

/** The shortest that there is, so that an hour ahead is beyond every deadline. */
async function shortenLifetimes({ client }: World): Promise<void> {
  await client.changeLifetimes({ fetch: 3_600, quarantine: 3_600 });
}

/** Two sweeps of the server's, each of which ends what is overdue. */
async function sweepsPass(): Promise<void> {
  await Bun.sleep(4_500);
}

async function doubts({ client }: World, is: boolean): Promise<void> {
  await until(is ? 'the jump is seen' : 'the clock is believed', async () => {
    return ((await client.readServer()).clockDoubt !== null) === is;
  });
}

/** The server's own time is the machine's, wherever its clock stands. */
async function keepsTime({ client }: World): Promise<void> {
  expect(Math.abs(Date.parse((await client.readServer()).time) - Date.now())).toBeLessThan(60_000);
}

async function statesOf({ client }: World, ids: readonly string[]): Promise<readonly string[]> {
  return Promise.all(ids.map(async (id) => (await client.readAction(id)).status));
}

/** All that a person can see of an order that was done: once, in order, and by a record that holds. */
async function endedWell({ client, server }: World, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    expect((await client.waitForAction(id, { timeout: 60_000 })).status).toBe('completed_successfully');
    const { items } = await client.listEvents({ actionId: id, limit: 1_000 });
    const types = items.map(({ type }) => type);
    expect(types.filter((type) => type === 'task_finished')).toHaveLength(1);
    expect(types).not.toContain('tasks_expired');
    expect(types.indexOf('action_started')).toBeLessThan(types.indexOf('tasks_sent'));
    expect(types.indexOf('tasks_sent')).toBeLessThan(types.indexOf('task_finished'));
  }
  const { items } = await client.listEvents({ limit: 1_000 });
  expect(items.map(({ sequence }) => sequence)).toEqual(items.map((_, index) => index + 1));
  const { code, out } = await runProgram([custody, 'verify', '--json', '--server-data', server.data]);
  expect({ code, ...JSON.parse(out) }).toMatchObject({ code: 0, finding: null });
}

test('a server whose clock jumps by an hour or a year, ahead or back, lets no order expire that waits for an agent, restarts included', async () => {
  const clock = clockOf('waiting');
  await using world = await openWorld({ agents: 1, serverUnder: clock.under });
  const { client, server } = world;
  const agent = world.agent(0);
  await shortenLifetimes(world);
  const guid = await world.known(agent, agent.put('wanted', 'wanted'));
  const path = agent.put('bad', 'bad');
  await agent.end('SIGTERM');
  const { action: fetch } = await client.startFetch({ guids: [guid] });
  const quarantine = await client.quarantineFile({ endpointIds: [agent.id], path, sha256: sha256('bad') });
  const ids = [fetch.id, quarantine.id];
  for (const jump of jumps) {
    clock.set(jump);
    await doubts(world, true);
    expect(server.program.err()).toContain('The machine’s clock jumped');
    expect(await (await server.fetch('/readyz')).text()).toContain('custody clock accept');
    await server.end('SIGKILL');
    await server.start();
    await doubts(world, true);
    await sweepsPass();
    await keepsTime(world);
    expect(await statesOf(world, ids)).toEqual(['pending', 'pending']);
    clock.set(0);
    await doubts(world, false);
    expect(await statesOf(world, ids)).toEqual(['pending', 'pending']);
  }
  expect(existsSync(path)).toBe(true);
  clock.set(year);
  await doubts(world, true);
  await agent.connect();
  await endedWell(world, ids);
  expect(existsSync(path)).toBe(false);
  clock.set(0);
}, 240_000);

test('who accepts a clock has what is overdue by it expire, and the command says so', async () => {
  const clock = clockOf('accepted');
  await using world = await openWorld({ agents: 1, serverUnder: clock.under });
  const { client, server } = world;
  const agent = world.agent(0);
  await shortenLifetimes(world);
  const guid = await world.known(agent, agent.put('wanted', 'wanted'));
  await agent.end('SIGTERM');
  const { action } = await client.startFetch({ guids: [guid] });
  clock.set(2 * hour);
  await doubts(world, true);
  const { out: status } = await runProgram([custody, 'status', '--data', server.data]);
  expect(status).toContain('NOT BELIEVED');
  const accept = ['clock', 'accept', '--reason', 'the machine was paused', '--data', server.data];
  const { code, out } = await runProgram([custody, ...accept]);
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('accepted: 7200 seconds ahead') });
  expect((await client.waitForAction(action.id)).status).toBe('expired');
  const { items } = await client.listEvents({ type: ['clock_accepted'] });
  expect(items).toMatchObject([{ facts: { reason: 'the machine was paused', kind: 'jumped' } }]);
  await doubts(world, false);
}, 60_000);

test('uploads go on while the clock of the server, and then of the agent, jumps by an hour or a year', async () => {
  const [clock, own] = [clockOf('uploads'), clockOf('uploads-agent')];
  const policy = join(directory, 'policy.toml');
  writeFileSync(policy, 'upload_rate = "1 MiB"\n');
  const ofAgents = { under: own.under, words: ['--policy', policy] };
  await using world = await openWorld({ agents: 1, serverUnder: clock.under, ofAgents });
  const { client } = world;
  const agent = world.agent(0);
  await shortenLifetimes(world);
  const bytes = Buffer.alloc(24 * 1024 ** 2, 'evidence ');
  const guid = await world.known(agent, agent.put('large', bytes));
  const { action } = await client.startFetch({ guids: [guid] });
  await until('the upload is under way', async () => (await statesOf(world, [action.id]))[0] === 'in_progress');
  const path = agent.put('bad', 'bad');
  for (const each of [clock, own]) {
    for (const jump of jumps) {
      each.set(jump);
      await Bun.sleep(1_500);
      expect(await statesOf(world, [action.id])).toEqual(['in_progress']);
      each.set(0);
      await Bun.sleep(300);
    }
  }
  own.set(year);
  const quarantine = await client.quarantineFile({ endpointIds: [agent.id], path, sha256: sha256('bad') });
  await endedWell(world, [action.id, quarantine.id]);
  own.set(0);
  const { items } = await client.listEvidence();
  expect(items).toMatchObject([{ sha256: sha256(bytes), state: 'kept' }]);
}, 240_000);

test('an agent whose clock is a year ahead, or back, when it starts does at the right end what waits for it, once', async () => {
  const own = clockOf('agent');
  await using world = await openWorld({ agents: 1, ofAgents: { under: own.under } });
  const { client } = world;
  const agent = world.agent(0);
  await shortenLifetimes(world);
  for (const jump of [year, hour, -hour, -year]) {
    const guid = await world.known(agent, agent.put(`wanted${jump}`, `wanted${jump}`));
    const path = agent.put(`bad${jump}`, `bad${jump}`);
    await agent.end('SIGTERM');
    const { action: fetch } = await client.startFetch({ guids: [guid] });
    const quarantine = await client.quarantineFile({ endpointIds: [agent.id], path, sha256: sha256(`bad${jump}`) });
    own.set(jump);
    agent.start();
    if (jump === -year) {
      // To this clock the server's certificate is not good yet.
      await until('the agent looked for its server', () => agent.program.err().includes('it is tried again'));
      expect(await statesOf(world, [fetch.id, quarantine.id])).toEqual(['pending', 'pending']);
      own.set(0);
    }
    await agent.connect();
    await endedWell(world, [fetch.id, quarantine.id]);
    expect(existsSync(path)).toBe(false);
    own.set(0);
    const { items } = await client.listQuarantine({ endpointId: [agent.id], limit: 1_000 });
    expect(items.filter((item) => item.path === path)).toHaveLength(1);
  }
}, 240_000);
