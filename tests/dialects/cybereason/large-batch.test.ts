import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePath } from '#core/file/file-path.ts';
import { compactGuid, fileGuid, type Guid } from '#core/file/guid.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { runProgram } from '#kit/program.ts';
import { openWorld, post, type World } from './world.ts';

const machines = 200;
const filesEach = 5;
const names = ['same name.bin', 'größe.txt', 'файл.exe', 'a.dll', 'b.dll'];

interface Row {
  readonly batchId: number;
  readonly succeeded: boolean;
  readonly fileName: string;
  readonly machineName: string;
}

let world: World;
let cookie: string;
let agents: readonly TestAgent[];
let guids: readonly Guid[];

beforeAll(async () => {
  world = await openWorld();
  cookie = await world.cookieOf('Investigator');
  const fleet = await Promise.all(Array.from({ length: machines }, (_, index) => startMachine(`host-${index + 1}`)));
  agents = fleet.map(({ agent }) => agent);
  guids = fleet.flatMap((machine) => machine.guids);
}, 60_000);

afterAll(() => world[Symbol.asyncDispose]());

async function startMachine(hostName: string): Promise<{ readonly agent: TestAgent; readonly guids: readonly Guid[] }> {
  const endpoint = await enrolMachine(world.ports, { hostName });
  const disk = new Map(names.map((name) => [`/srv/${name}`, new TextEncoder().encode(`${name} of ${hostName}`)]));
  await inventory(
    world.ports,
    endpoint,
    [...disk].map(([path, bytes]) => fileFacts(path, bytes)),
  );
  return {
    agent: startAgent(world.ports, endpoint, Object.fromEntries(disk)),
    guids: [...disk.keys()].map((path) => fileGuid(endpoint.number, parsePath(path))),
  };
}

async function start(elementGuids: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const body = { elementGuids, initiatorUserName: 'investigator@example.com' };
  const answer = await world.send(post('/rest/fetchfile/start', cookie, body));
  expect(answer.status).toBe(200);
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}

async function rows(): Promise<readonly Row[]> {
  const answer = await world.send({ path: '/rest/fetchfile/downloads/progress', headers: { cookie } });
  return ((await answer.json()) as { data: readonly Row[] }).data;
}

async function close(batch: number | undefined): Promise<void> {
  const answer = await world.send({ path: `/rest/fetchfile/close/${batch}`, headers: { cookie } });
  expect(answer.status).toBe(200);
}

async function started(): Promise<number> {
  return world.ports.store.read(async ({ actions }) => (await actions.list({}, { offset: 0, limit: 1 })).total);
}

describe('A start with 1,000 GUIDs across 200 machines', () => {
  let batch: number | undefined;

  test('is one batch, whatever spelling and however often each is named', async () => {
    expect(guids).toHaveLength(machines * filesEach);
    const spelt = guids.map((guid, index) => (index % 2 === 0 ? guid : compactGuid(guid)));
    const again = guids.map((guid, index) => (index % 3 === 0 ? ` ${compactGuid(guid)} ` : guid));
    expect(await start([...spelt, ...again])).toMatchObject({ data: true, status: 'SUCCESS', message: '' });
    expect(await started()).toBe(1);
    expect(new Set(world.ports.rung).size).toBe(machines);
    const all = await rows();
    expect(all).toHaveLength(guids.length);
    expect(new Set(all.map(({ batchId }) => batchId)).size).toBe(1);
    batch = all[0]?.batchId;
  });

  test('delivers what has come, and keeps the rows of what has not', async () => {
    agents[0]?.disk.delete('/srv/a.dll');
    const [first, ...others] = agents;
    await first?.work();
    const early = await world.send({ path: `/rest/fetchfile/getfiles/${batch}`, headers: { cookie } });
    await early.bytes();
    const left = await rows();
    expect(left).toHaveLength(guids.length - filesEach + 1);
    expect(left.filter(({ machineName }) => machineName === 'host-1')).toMatchObject([
      { fileName: 'a.dll', succeeded: false, state: 'Failed', outcome: 'not_found' },
    ]);
    await Promise.all(others.map((agent) => agent.work()));
    expect((await rows()).filter((row) => row.succeeded)).toHaveLength(guids.length - filesEach);
  }, 60_000);

  test('is a ZIP that stock tools open, with every file under its own machine', async () => {
    const answer = await world.send({ path: `/rest/fetchfile/getfiles/${batch}`, headers: { cookie } });
    const zip = join(world.ports.directory, 'batch.zip');
    await writeFile(zip, await answer.bytes());
    const tested = await runProgram(['unzip', '-tq', zip], { environment: { LC_ALL: 'C.UTF-8' } });
    expect({ code: tested.code, err: tested.err }).toEqual({ code: 0, err: '' });
    const script =
      'import json, sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(json.dumps({n: z.read(n).decode() for n in z.namelist()}))';
    const read = await runProgram(['python3', '-c', script, zip]);
    const expected = agents.flatMap(({ endpoint }, index) =>
      names
        .filter((name) => index !== 0 || name !== 'a.dll')
        .map((name) => [`${endpoint.hostName}/${name}`, `${name} of ${endpoint.hostName}`]),
    );
    expect(JSON.parse(read.out)).toEqual(Object.fromEntries(expected));
    expect(await rows()).toMatchObject([{ fileName: 'a.dll', succeeded: false }]);
  });

  test('is over when it is closed', async () => {
    await close(batch);
    expect(await rows()).toEqual([]);
  });
});

describe('A batch takes 1,000 files and not one more', () => {
  test('1,001 different GUIDs start nothing', async () => {
    const before = await started();
    const rung = world.ports.rung.length;
    expect(await start([...guids, world.web.guidOf('/srv/calc.bin')])).toMatchObject({
      data: false,
      status: 'QUERY_LIMIT_CROSSED',
      message: 'One batch holds at most 1000 files; 1001 were asked for.',
    });
    expect(await start(Array.from({ length: 100_000 }, (_, index) => `${index}.${index}`))).toMatchObject({
      status: 'QUERY_LIMIT_CROSSED',
    });
    expect([await started(), world.ports.rung.length]).toEqual([before, rung]);
  });

  test('100,000 GUIDs that are one GUID are one file', async () => {
    expect(await start(Array.from({ length: 100_000 }, () => world.web.guidOf('/srv/calc.bin')))).toMatchObject({
      status: 'SUCCESS',
    });
    const all = await rows();
    expect(all).toHaveLength(1);
    await close(all[0]?.batchId);
  });
});

test('Files and quarantined files go into one batch, each once, by whichever of its GUIDs', async () => {
  const path = parsePath('/srv/report.txt');
  const bytes = world.web.agent.disk.get('/srv/report.txt') ?? new Uint8Array();
  const origin = { principal: administrator, dialect: 'native' } as const;
  const sha256 = sha256Of(bytes);
  await quarantineFiles(world.ports, { origin, endpointIds: [world.web.endpoint.id], path, sha256 });
  await world.web.agent.work();
  const [held] = await world.ports.store.read(({ quarantine }) =>
    quarantine.heldByGuids([world.web.guidOf('/srv/report.txt')]),
  );
  const asked = [
    ...[held?.guid ?? '', world.web.guidOf('/srv/report.txt'), world.web.guidOf('/srv/calc.bin')],
    world.mail.guidOf('/srv/report.txt'),
  ];
  expect(await start(asked)).toMatchObject({ status: 'SUCCESS' });
  await world.web.agent.work();
  await world.mail.agent.work();
  const all = await rows();
  expect(all.map(({ machineName, fileName, succeeded }) => [machineName, fileName, succeeded]).toSorted()).toEqual([
    ['mail-1', 'report.txt', true],
    ['web-1', 'calc.bin', true],
    ['web-1', 'report.txt', true],
  ]);
  await close(all[0]?.batchId);
});

test('A list of thousands of rows is whole, newest batch first', async () => {
  for (let number = 0; number < 5; number += 1) {
    world.ports.clock.advance(1_000);
    await start(guids);
  }
  const all = await rows();
  expect(all).toHaveLength(5 * guids.length);
  const order = [...new Set(all.map(({ batchId }) => batchId))];
  const found = await world.ports.store.read(({ actions }) =>
    actions.list({ openBatches: true }, { offset: 0, limit: 10 }),
  );
  expect(order).toEqual(found.items.map(({ batchNumber }) => Number(batchNumber)));
});
