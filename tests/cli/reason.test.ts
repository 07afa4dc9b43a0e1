import { expect, test } from 'bun:test';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { startAgent } from '#kit/agent.ts';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openCommands, type Ran } from './command-world.ts';

const bytes = new TextEncoder().encode('odd');
const path = '/srv/odd';
const sha256 = sha256Of(bytes);

/** A server that asks why, with one machine. */
async function openFleet() {
  const world = await openCommands({ policy: { reasonRequired: true } });
  const endpoint = await enrolMachine(world.ports, { hostName: 'web-1' });
  await inventory(world.ports, endpoint, [fileFacts(path, bytes)]);
  const agent = startAgent(world.ports, endpoint, { [path]: bytes });
  const run = (...words: readonly string[]) => world.run([...words, '--data', world.directory]);
  const reasons = async () => {
    const told = await world.ports.store.read(({ events }) => events.list({ types: ['action_started'] }, 0, 99));
    return told.map(({ facts }) => `${facts['verb']}: ${facts['reason']}`);
  };
  return { world, agent, run, reasons, id: endpoint.id };
}

test('every command that a server asks why can say it, and nothing is done without', async () => {
  const { world, agent, run, reasons, id } = await openFleet();
  await using _ = world;
  const start = ['remediations', 'start', '--quarantine', `${id}=${await guidOf(run)}`];
  const quarantines = [start, ['hashes', 'block', sha256, '--existing']];
  for (const words of quarantines) {
    expect(await run(...words)).toMatchObject({ code: 2, err: expect.stringContaining('asks why') });
  }
  expect(await reasons()).toEqual([]);
  for (const words of quarantines) {
    expect(await run(...words, '--reason', 'a worm')).toMatchObject({ code: 0 });
  }
  await agent.work();
  const fetch = ['vault', 'fetch', '--sha256', sha256];
  expect(await run(...fetch)).toMatchObject({ code: 2, err: expect.stringContaining('asks why') });
  expect(await run(...fetch, '--reason', 'a worm')).toMatchObject({ code: 0 });
  expect(await run('vault', 'purge', '--sha256', sha256, '--everywhere', '--reason', 'a worm')).toMatchObject({
    code: 0,
  });
  expect(await reasons()).toEqual(['quarantine: a worm', 'quarantine: a worm', 'fetch: a worm', 'purge: a worm']);
});

test('logs are saved where the server asks why', async () => {
  const { world, agent, run, reasons, id } = await openFleet();
  await using _ = world;
  const output = join(world.directory, 'logs.zip');
  let ran: Ran | undefined;
  const running = run('endpoints', 'logs', id, '--output', output, '--reason', 'it is slow').then((result) => {
    ran = result;
  });
  while (ran === undefined) {
    await agent.work();
    await Promise.race([running, Bun.sleep(20)]);
  }
  expect(ran).toMatchObject({ code: 0 });
  expect((await stat(output)).size).toBeGreaterThan(0);
  expect(await reasons()).toEqual(['logs: it is slow']);
});

async function guidOf(run: (...words: readonly string[]) => Promise<Ran>): Promise<string> {
  const { items } = JSON.parse((await run('files', 'find', '--json')).out) as { items: { guid: string }[] };
  return items[0]?.guid ?? expect.unreachable();
}
