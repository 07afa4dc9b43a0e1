import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { roles } from '#core/access/role.ts';
import { second } from '#core/time.ts';
import { createCortexDialect } from '#dialects/cortex/index.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { cybereason, type TestPorts } from '#kit/ports.ts';
import { openGoldenWorld } from '../cortex/golden-cases.ts';
import { play, scenarioSchema } from '../cybereason/scenario.ts';
import { openWorld as openCybereason } from '../cybereason/world.ts';
import { callCortex } from './cortex-requests.ts';
import { nativeRequests, openNativeFleet } from './native-requests.ts';
import {
  cookieOfOutsider,
  demandUnchanged,
  emptyRequests,
  guardedOperation,
  keyOfOutsider,
  marksOf,
  type Recorded,
  sendAgain,
  tablesOf,
} from './outsider.ts';

const directory = join(import.meta.dir, '../cybereason/golden');
const scenarios = readdirSync(directory)
  .filter((file) => file.endsWith('.json'))
  .map((name) => ({ name, scenario: scenarioSchema.parse(JSON.parse(readFileSync(join(directory, name), 'utf8'))) }));

describe('Whoever is limited to endpoints that do not exist learns nothing of those that do, and changes nothing', () => {
  test('over the Cortex XDR API, in every role, by every call of the golden cases', async () => {
    const golden = await openGoldenWorld();
    await using world = golden.world;
    const recorded = await callCortex(golden);
    const dialect = createCortexDialect(world.ports);
    demandAllAsked(dialect, recorded);
    const marks = marksOf(await tablesOf(world.ports.store));
    later(world.ports);
    for (const role of roles) {
      const headers = await keyOfOutsider(world.ports, role);
      const before = await tablesOf(world.ports.store);
      const asked = [...recorded, ...emptyRequests(dialect)].filter((each) => guardedOperation(dialect, each));
      expect(await sendAgain(dialect, asked, { headers, marks })).toEqual([]);
      demandUnchanged(before, await tablesOf(world.ports.store));
    }
  }, 240_000);

  for (const { name, scenario } of scenarios) {
    test(`over the Cybereason API, in every role, by every call of ${name}`, async () => {
      const { guidSpelling, honestUnauthorized } = scenario;
      const policy = { cybereason: { ...cybereason, guidSpelling, honestUnauthorized } };
      await using world = await openCybereason({ policy });
      const recorded: Recorded[] = [];
      const send: typeof world.send = (sent) => {
        recorded.push({ method: 'GET', headers: {}, ...sent });
        return world.send(sent);
      };
      await play({ ...world, send }, scenario);
      const dialect = createCybereasonDialect(world.ports);
      const marks = marksOf(await tablesOf(world.ports.store));
      for (const role of roles) {
        const headers = await cookieOfOutsider(world.ports, role);
        const before = await tablesOf(world.ports.store);
        const asked = recorded.filter((each) => guardedOperation(dialect, each));
        expect(await sendAgain(dialect, asked, { headers, marks })).toEqual([]);
        demandUnchanged(before, await tablesOf(world.ports.store));
      }
    }, 120_000);
  }

  test('over the Cybereason API, by every call, with nothing in it too', async () => {
    await using world = await openCybereason();
    const dialect = createCybereasonDialect(world.ports);
    const requests = scenarios.flatMap(({ scenario }) => scenario.steps.filter((step) => step.do === 'request'));
    demandAllAsked(dialect, requests, withoutCase);
    const marks = marksOf(await tablesOf(world.ports.store));
    for (const role of roles) {
      const headers = await cookieOfOutsider(world.ports, role);
      expect(await sendAgain(dialect, emptyRequests(dialect), { headers, marks })).toEqual([]);
    }
  }, 120_000);

  test('over the native API, in every role, by every call', async () => {
    await using world = await openNativeFleet();
    const recorded = await nativeRequests(world);
    const dialect = createNativeDialect(world.ports);
    demandAllAsked(dialect, recorded);
    const marks = marksOf(await tablesOf(world.ports.store));
    later(world.ports);
    for (const role of roles) {
      const headers = await keyOfOutsider(world.ports, role);
      const before = await tablesOf(world.ports.store);
      const asked = [...recorded, ...emptyRequests(dialect)].filter((each) => guardedOperation(dialect, each));
      expect(await sendAgain(dialect, asked, { headers, marks })).toEqual([]);
      demandUnchanged(before, await tablesOf(world.ports.store));
    }
  }, 120_000);
});

/** Within one moment an outsider's own things may get, by chance, an id that something else has. */
function later({ clock }: Pick<TestPorts, 'clock'>): void {
  clock.advance(second);
}

/** The table of the dialect's calls says which there are. */
function demandAllAsked(
  dialect: ReturnType<typeof createNativeDialect>,
  recorded: readonly Pick<Recorded, 'method' | 'path'>[],
  others: readonly string[] = [],
): void {
  const asked = new Set(recorded.map((each) => guardedOperation(dialect, each)));
  const missing = dialect.operations.filter((operation) => 'permission' in operation.access && !asked.has(operation));
  expect(missing.map(({ method, paths }) => `${method} ${paths[0]}`)).toEqual([...others]);
}

/** No golden case has them; they are about no endpoint. */
const withoutCase = [
  'GET /rest/dynamic/v1/ti-reputation/api/v1/entity/lists/default',
  'POST /rest/dynamic/v1/ti-reputation/api/v1/lists/:list/reputations/search',
  'PUT /rest/dynamic/v1/ti-reputation/api/v1/lists/:list/reputations/:id',
  'GET /rest/users',
  'GET /rest/users/:username',
  'PUT /rest/users/reset',
  'GET /rest/policies',
  'POST /rest/detection/labels',
];
