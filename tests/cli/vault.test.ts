import { expect, test } from 'bun:test';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { until } from '#kit/until.ts';
import { type CommandWorld, openCommands, type Ran } from './command-world.ts';

const bytes = new TextEncoder().encode('evil bytes');
const others = new TextEncoder().encode('other bytes');
const sha256 = sha256Of(bytes);
const paths = ['/srv/evil.bin', '/srv/twin.bin'];

interface Listing {
  readonly items: readonly {
    readonly vaultObject: string;
    readonly actionId: string;
    readonly path: string;
    readonly state: string;
  }[];
}

interface Fleet {
  readonly world: CommandWorld;
  readonly agents: readonly TestAgent[];
  work(): Promise<unknown>;
  /** Runs a command while the agents work. */
  meanwhile(words: readonly string[]): Promise<Ran>;
  held(): Promise<Listing['items']>;
}

interface HashListing {
  readonly items: readonly { readonly sha256: string; readonly held: number; readonly endpointsCount: number }[];
}

/** Machines with two copies of one file each. */
async function openFleet(machines = 1): Promise<Fleet> {
  const world = await openCommands();
  const agents: TestAgent[] = [];
  for (let number = 1; number <= machines; number += 1) {
    const endpoint = await enrolMachine(world.ports, { hostName: `web-${number}` });
    const files = paths.map((path) => fileFacts(path, bytes));
    await inventory(world.ports, endpoint, files);
    agents.push(startAgent(world.ports, endpoint, Object.fromEntries(paths.map((path) => [path, bytes]))));
  }
  const work = () => Promise.all(agents.map((agent) => agent.work()));
  return {
    world,
    agents,
    work,
    async meanwhile(words) {
      let ran: Ran | undefined;
      const running = world.run([...words, '--data', world.directory]).then((result) => {
        ran = result;
      });
      while (ran === undefined) {
        await work();
        await Promise.race([running, Bun.sleep(20)]);
      }
      return ran;
    },
    held: async () => ((await world.json(['vault', 'list'])) as Listing).items,
  };
}

test('quarantine by hash takes every copy on the named endpoint, or everywhere', async () => {
  const { world, agents, work } = await openFleet(2);
  await using _ = world;
  const [first] = agents;
  const started = await world.json(['quarantine', '--sha256', sha256, '--endpoint', first?.endpoint.id ?? '']);
  expect(started).toMatchObject({ endpointsCount: 1 });
  await work();
  expect(agents.map((agent) => agent.disk.size)).toEqual([0, 2]);
  expect(await world.json(['quarantine', '--sha256', sha256, '--everywhere'])).toMatchObject({ endpointsCount: 1 });
  await work();
  expect(agents.map((agent) => agent.disk.size)).toEqual([0, 0]);
  const none = await world.run(['quarantine', '--sha256', sha256, '--everywhere', '--data', world.directory]);
  expect(none).toMatchObject({ code: 1, out: '' });
});

test('a preview says what a quarantine everywhere would touch, and touches nothing', async () => {
  const { world, agents, work } = await openFleet(2);
  await using _ = world;
  const asked = ['quarantine', '--sha256', sha256, '--preview'];
  const found = (await world.json(asked)) as { readonly targets: { readonly digest: string } };
  expect(found).toMatchObject({
    seen: { files: 4, endpoints: 2 },
    fleet: { endpoints: 2, percent: 100 },
    searched: null,
  });
  const search = (await world.json(['search', '--sha256', sha256, '--live', '--endpoint', 'all', '--no-wait'])) as {
    id: string;
  };
  await work();
  const { out } = await world.run([...asked, '--search', search.id, '--data', world.directory]);
  expect(out).toMatch(/^files +4 on 2 endpoints \(2 connected\), 100 % of the fleet of 2$/m);
  expect(out).toMatch(/^paths +\/srv\/evil.bin \(2\), \/srv\/twin.bin \(2\)$/m);
  expect(out).toMatch(/^running +nowhere, where 2 of 2 endpoints have answered the search; 0 processes in incidents$/m);
  expect(out).toMatch(/^approval +not needed$/m);
  expect(out).toContain(found.targets.digest);
  expect(agents.map((agent) => agent.disk.size)).toEqual([2, 2]);
});

test('one object is restored to another path, and what stood there is told of', async () => {
  const { world, agents, work, held, meanwhile } = await openFleet();
  await using _ = world;
  await world.json(['quarantine', '--sha256', sha256, '--everywhere']);
  await work();
  const object = (await held())[0] ?? expect.unreachable();
  const to = '/srv/else where';
  agents[0]?.disk.set(to, others);
  const words = ['restore', '--object', object.vaultObject, '--to', to, '--wait'];
  const refused = await meanwhile(words);
  expect(refused.code).toBe(1);
  expect(refused.out).toContain('conflict');
  const { code, out } = await meanwhile([...words, '--if-occupied', 'swap']);
  expect(code).toBe(0);
  expect(out).toContain(`was ${object.path}`);
  expect(agents[0]?.disk.get(to)).toEqual(bytes);
  expect((await held()).map((item) => item.path).toSorted()).toEqual([to, ...paths.filter((p) => p !== object.path)]);
});

test('vault fetch brings a file out and leaves it there; vault purge leaves nothing', async () => {
  const { world, agents, work, held, meanwhile } = await openFleet();
  await using _ = world;
  await world.json(['quarantine', '--sha256', sha256, '--everywhere']);
  await work();
  const [first, second] = await held();
  const taken = await world.json(['vault', 'list', '--action', first?.actionId ?? '']);
  expect(taken).toMatchObject({ total: 2 });
  expect(await world.json(['vault', 'list', '--action', '7'])).toEqual({ items: [], total: 0 });
  const [counted] = ((await world.json(['vault', 'hashes', '--path-contains', 'twin'])) as HashListing).items;
  expect(counted).toMatchObject({ sha256, held: 1, endpointsCount: 1 });
  expect((await world.run(['vault', 'hashes', '--data', world.directory])).out).toMatch(/^HELD .*\n2 .* and 1 more\n$/);
  const fetched = await meanwhile(['vault', 'fetch', '--object', first?.vaultObject ?? '', '--wait', '--json']);
  const { id } = JSON.parse(fetched.out) as { id: string };
  const words = ['evidence', 'get', id, '--file', '0', '--output', '-', '--data', world.directory];
  expect((await world.run(words)).bytes).toEqual(bytes);
  const listed = await world.json(['evidence', 'list', '--sha256', sha256, '--path-contains', '/SRV']);
  expect(listed).toMatchObject({
    items: [{ sources: [{ actionId: id, hostName: 'web-1' }], sourcesCount: 1, actionsCount: 1 }],
  });
  expect(await world.json(['evidence', 'list', '--path-contains', 'no such'])).toEqual({ items: [], total: 0 });
  expect(await held()).toHaveLength(2);
  expect((await meanwhile(['vault', 'purge', '--object', first?.vaultObject ?? '', '--wait'])).code).toBe(0);
  expect(await held()).toEqual([second ?? expect.unreachable()]);
  expect((await meanwhile(['vault', 'purge', '--sha256', sha256, '--everywhere', '--wait'])).code).toBe(0);
  expect(await held()).toEqual([]);
  expect(agents[0]?.disk.size).toBe(0);
  const all = (await world.json(['vault', 'list', '--all'])) as Listing;
  expect(all.items.map((item) => item.state)).toEqual(['purged', 'purged']);
  for (const gone of [
    ['vault', 'fetch', '--sha256', sha256],
    ['vault', 'purge', '--sha256', sha256, '--everywhere'],
  ]) {
    expect((await world.run([...gone, '--data', world.directory])).code).toBe(1);
  }
});

test('a search prints its hits as a table and as JSON', async () => {
  const { world, agents, meanwhile } = await openFleet(2);
  await using _ = world;
  const { code, out, err } = await meanwhile(['search', '--sha256', sha256, '--endpoint', 'all']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toMatch(/^ENDPOINT +SIZE +MODIFIED +SHA256 +RUN BY +PATH$/);
  expect(lines[1]).toContain(sha256);
  const id = agents[0]?.endpoint.id ?? '';
  const one = await meanwhile(['search', '--path', paths[0] ?? '', '--endpoint', id, '--live', '--json']);
  expect(JSON.parse(one.out)).toMatchObject({
    status: 'completed_successfully',
    hits: [{ endpointId: id, hostName: 'web-1', path: paths[0], sha256, size: bytes.length, live: true, running: [] }],
    notes: [],
  });
  expect(JSON.parse(one.out)).toMatchObject({ hits: [{ modifiedAt: '2023-11-14T22:13:20.000Z' }] });
  const none = await meanwhile(['search', '--path', '/srv/none', '--endpoint', id, '--json']);
  expect(JSON.parse(none.out)).toMatchObject({ hits: [] });
  const started = await world.json(['search', '--md5', '0'.repeat(32), '--endpoint', id, '--no-wait']);
  expect(started).toMatchObject({ verb: 'search', status: 'pending' });
});

test('a search that an endpoint could not make does not end with 0', async () => {
  const { world, agents } = await openFleet();
  await using _ = world;
  const words = ['search', '--sha256', sha256, '--endpoint', 'all', '--data', world.directory];
  const { rung } = world.ports;
  const before = rung.length;
  const running = world.run(words);
  await until('the search is ordered', async () => rung.length > before || undefined);
  await agents[0]?.abort();
  const { code, out, err } = await running;
  expect(code).toBe(1);
  expect(out.trimEnd().split('\n')).toHaveLength(1);
  expect(err).toContain('web-1: cancelled');
});

test('a search that one endpoint has not answered shows what the others have found', async () => {
  const { world, meanwhile } = await openFleet();
  await using _ = world;
  await enrolMachine(world.ports, { hostName: 'asleep' });
  const words = ['search', '--sha256', sha256, '--endpoint', 'all', '--timeout', '1s'];
  const { code, out, err } = await meanwhile(words);
  expect({ code, hits: out.trimEnd().split('\n').length - 1 }).toEqual({ code: 1, hits: paths.length });
  expect(err).toContain('1 endpoint has not answered yet; "custody actions show ');
});
