import { afterAll, beforeAll, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type CybereasonClient, newUser } from '#kit/cybereason.ts';
import { runProgram } from '#kit/program.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

const actionSchema = z.looseObject({
  batchId: z.int(),
  finalState: z.boolean(),
  aborterUser: z.string().nullable(),
  globalStats: z.object({ stats: z.record(z.string(), z.int()) }),
});
const resultsSchema = actionSchema.extend({
  sensors: z.array(
    z.looseObject({
      pylumId: z.string(),
      status: z.string(),
      files: z.array(z.looseObject({ path: z.string(), guid: z.string().nullable() })),
    }),
  ),
});
const sensorsSchema = z.looseObject({
  sensors: z.array(z.looseObject({ sensorId: z.string(), pylumId: z.string(), guid: z.string(), status: z.string() })),
});

let world: World;
let ana: CybereasonClient;

beforeAll(async () => {
  world = await openWorld({ agents: 2 });
  ana = await newUser(world.server, 'ana@example.com', 'Privileged Responder');
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

async function json<Schema extends z.ZodType>(schema: Schema, answer: Promise<Response>): Promise<z.output<Schema>> {
  return schema.parse(await (await answer).json());
}

/** The sensor of an agent of this world. */
async function sensorOf(index: number) {
  const { sensors } = await json(sensorsSchema, ana.post('/rest/sensors/query', {}));
  const number = String(world.agent(index).number);
  const sensor = sensors.find(({ guid }) => guid.startsWith(`${number}.`));
  if (sensor === undefined) {
    throw new Error(`Agent ${index} is no sensor.`);
  }
  return sensor;
}

const start = '/rest/sensors/action/fileSearch';

function ended(batchId: number) {
  return until('the search is over', async () => {
    const results = await json(resultsSchema, ana.get(`${start}/results/${batchId}`));
    return results.finalState ? results : undefined;
  });
}

test('two agents search their disks now, and what they find can be fetched', async () => {
  const name = 'Wanted Häufung.txt';
  const [path, other] = [world.agent(0).put(`deep/er/${name}`, 'found'), world.agent(1).put(name, 'found as well')];
  await world.known(world.agent(0), path);
  const body = {
    filters: [],
    fileFilters: [{ fieldName: 'fileName', operator: 'EqualsIgnoreCase', values: ['wanted HÄUFUNG.txt'] }],
  };
  const { batchId } = await json(actionSchema, ana.post(start, body));
  const { globalStats, sensors } = await ended(batchId);
  expect(globalStats.stats).toMatchObject({ Succeeded: 2, None: 0 });
  expect(sensors.flatMap(({ files }) => files.map((file) => file.path)).toSorted()).toEqual([path, other].toSorted());
  const guid = sensors.flatMap(({ files }) => files).find((file) => file.path === path)?.guid ?? '';
  expect(await ana.start([guid])).toMatchObject({ status: 'SUCCESS' });
  await until('the file has arrived', async () => (await ana.progress()).find((row) => row.succeeded));
});

test('a folder is searched to the bottom, and one that is not there is told as such', async () => {
  const path = world.agent(0).put('only/here/a.txt', 'a');
  const search = async (folder: string) => {
    const fileFilters = [{ fieldName: 'folder', operator: 'Equals', values: [folder] }];
    return ended((await json(actionSchema, ana.post(start, { filters: [], fileFilters }))).batchId);
  };
  // Both agents run on this machine, and see the same directories.
  const { globalStats, sensors } = await search(world.agent(0).path('only'));
  expect(globalStats.stats).toMatchObject({ Succeeded: 2 });
  expect(sensors.flatMap(({ files }) => files.map((file) => file.path))).toEqual([path, path]);
  const nowhere = await search('/no/such/folder');
  expect(nowhere.globalStats.stats).toMatchObject({ Succeeded: 0, EndedWithNoValidFolder: 2 });
});

test('the log of an agent arrives as a ZIP, after empty bodies', async () => {
  const { sensorId } = await sensorOf(0);
  const { batchId } = await json(actionSchema, ana.post('/rest/sensors/action/fetchLogs', { sensorsIds: [sensorId] }));
  const bytes = await until('the logs are there', async () => {
    const body = await (await ana.get(`/rest/sensors/action/download-logs/${batchId}`)).bytes();
    return body.length > 0 ? body : undefined;
  });
  const file = join(world.directory, 'logs.zip');
  writeFileSync(file, bytes);
  const { out, code } = await runProgram(['unzip', '-p', file, 'agent.log']);
  expect(code).toBe(0);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => z.looseObject({ name: z.string() }).parse(JSON.parse(line)));
  expect(lines.length).toBeGreaterThan(0);
  expect(new Set(lines.map(({ name }) => name))).toEqual(new Set(['custody-agent']));
});

test('what has not reached its sensor is aborted, and what a sensor has done is left', async () => {
  await world.agent(1).end('SIGTERM');
  const fileFilters = [{ fieldName: 'fileName', operator: 'Equals', values: ['nothing'] }];
  const { batchId } = await json(actionSchema, ana.post(start, { filters: [], fileFilters }));
  await until('one has answered', async () => {
    const { globalStats } = await json(resultsSchema, ana.get(`${start}/results/${batchId}`));
    return globalStats.stats['Succeeded'] === 1;
  });
  const aborted = await json(actionSchema, ana.get(`/rest/sensors/abort/${batchId}`));
  expect(aborted).toMatchObject({ finalState: true, aborterUser: 'ana@example.com' });
  expect(aborted.globalStats.stats).toMatchObject({ Succeeded: 1, Aborted: 1 });
  const { actionId } = await actionOf();
  await expect(world.client.cancelAction(actionId)).resolves.toMatchObject({ withdrawn: 0, asked: 0 });
  await world.agent(1).connect();
});

async function actionOf(): Promise<{ readonly actionId: string }> {
  const { items } = await world.client.listActions({ verb: ['search'], limit: 1 });
  return { actionId: items[0]?.id ?? '' };
}

test('an archived sensor comes back when its agent does; a deleted one is parted from, and stays out', async () => {
  const agent = await world.addAgent();
  const { sensorId } = await sensorOf(2);
  await ana.post('/rest/sensors/action/archive', { sensorsIds: [sensorId], argument: 'put aside' });
  expect((await sensorOf(2)).status).toBe('Archived');
  await agent.end('SIGTERM');
  await agent.connect();
  await until('it is back', async () => (await sensorOf(2)).status === 'Online');
  const removed = await json(actionSchema, ana.post('/rest/sensors/action/delete', { sensorsIds: [sensorId] }));
  expect(removed.globalStats.stats).toMatchObject({ Succeeded: 1, Failed: 0 });
  await until('the agent has ended, because it is refused for good', async () => !agent.program.isRunning);
  expect(agent.program.err()).toContain('revoked');
  await expect(sensorOf(2)).rejects.toThrow('is no sensor');
});
