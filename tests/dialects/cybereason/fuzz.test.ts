import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { roles } from '#core/access/role.ts';
import { isBatchNumber } from '#core/action/action-id.ts';
import { parsePath } from '#core/file/file-path.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import { operations } from '#dialects/cybereason/operations.ts';
import { cybereasonStatuses } from '#dialects/cybereason/status.ts';
import type { Dialect } from '#dialects/dialect.ts';
import { testSeed } from '#kit/chance.ts';
import { administrator } from '#kit/fleet.ts';
import { damaged, jsonText, likeOne, pathPart } from '#kit/mutations.ts';
import { within } from '#kit/until.ts';
import { fuzzPatterns, type Named, type Pattern } from './fuzz-requests.ts';
import { openWorld, origin, post, remoteAddress, type World } from './world.ts';

/** Of all operations together. */
const requests = Number(process.env['CUSTODY_FUZZ_REQUESTS'] ?? 20_000);
const seed = testSeed();
const longestAnswer = 10_000;
const longestOperation = 120_000;
const contentTypes = ['application/json', 'application/json;charset=UTF-8', 'text/plain', 'multipart/form-data', 'x'];

const types: readonly string[] = [
  'application/json',
  'text/html',
  'application/zip',
  'text/csv',
  'text/plain',
  'application/octet-stream',
];

const failures: readonly string[] = cybereasonStatuses.filter((each) => !/SUCCESS/.test(each));

type Operation = Dialect['operations'][number];

let world: World;
let dialect: Dialect;
let cookie: string;
/** Of every role but the one that may do everything. */
let lesser: readonly string[];
let patterns: Readonly<Record<string, Pattern>>;
let kept: Kept;

beforeAll(async () => {
  world = await openWorld();
  dialect = createCybereasonDialect(world.ports);
  cookie = await world.cookieOf('Instance Administrator');
  lesser = await Promise.all(
    roles
      .filter((role) => role !== 'Instance Administrator')
      .map((role, index) => world.cookieOf(role, `lesser.${index}@example.com`)),
  );
  patterns = fuzzPatterns(world, await name());
  // So that nothing waits for an agent that does nothing.
  world.ports.clock.advance(10 * 60_000);
  kept = await look({ events: 0, actions: 0 });
});

afterAll(() => world[Symbol.asyncDispose]());

async function name(): Promise<Named> {
  const path = parsePath('/srv/calc.bin');
  const { incident } = await createIncident(world.ports, {
    origin: { principal: administrator, dialect: 'native' },
    ...{ name: 'calc went bad', description: 'seen', severity: 'critical', endpointIds: [] },
    files: [{ endpointId: world.web.endpoint.id, path }],
    processes: [{ endpointId: world.web.endpoint.id, path, pid: 7, startedAt: 1_000, commandLine: 'calc --go' }],
  });
  const ask = async (to: string, body: unknown) =>
    (await (await world.send(post(to, cookie, body))).json()) as { batchId: number; remediationId: string };
  const fileFilters = [{ fieldName: 'fileName', operator: 'Equals', values: ['calc.bin'] }];
  const search = await ask('/rest/sensors/action/fileSearch', { filters: [], fileFilters });
  const logs = await ask('/rest/sensors/action/fetchLogs', { filters: [] });
  const target = { targetId: world.mail.guidOf('/srv/report.txt'), actionType: 'QUARANTINE_FILE' };
  const remedy = await ask('/rest/remediate', { actionsByMachine: { [world.mail.guid]: [target] } });
  return {
    batches: await openBatches(),
    sensorBatches: [search.batchId, logs.batchId],
    malop: incident.guid,
    remediation: remedy.remediationId,
  };
}

async function openBatches(): Promise<readonly number[]> {
  const elementGuids = [world.web.guidOf('/srv/calc.bin')];
  for (let number = 0; number < 5; number += 1) {
    await world.send(post('/rest/fetchfile/start', cookie, { elementGuids, initiatorUserName: 'x' }));
  }
  await world.web.agent.work();
  const found = await world.ports.store.read(({ actions }) =>
    actions.list({ openBatches: true }, { offset: 0, limit: 100 }),
  );
  return found.items.flatMap(({ batchNumber }) => batchNumber ?? []);
}

/** How much there is of what a refused request must not add to. */
interface Kept {
  readonly events: number;
  readonly actions: number;
}

async function look(before: Kept): Promise<Kept> {
  return world.ports.store.read(async ({ events, actions }) => {
    const latest = await events.list({}, before.events, 10_000);
    const { total } = await actions.list({}, { offset: 0, limit: 0 });
    return { events: latest.at(-1)?.sequence ?? before.events, actions: total };
  });
}

interface Sent {
  readonly path: string;
  readonly cookie: string | undefined;
  readonly contentType: string | undefined;
  readonly body: Uint8Array | undefined;
  readonly waits: boolean;
}

function requestsFor({ method, paths }: Operation, pattern: Pattern): fc.Arbitrary<Sent> {
  const session =
    pattern.withoutSession === true ? [undefined] : [...Array.from({ length: 12 }, () => cookie), undefined];
  const text = likeOne(pattern.bodies ?? [{}]).map(pattern.isForm === true ? formText : jsonText);
  return fc.record({
    path: fc.constantFrom(...paths).chain((path) => filled(path, pattern)),
    cookie: fc.oneof(
      { arbitrary: fc.constantFrom(...session), weight: 12 },
      { arbitrary: fc.constantFrom(...(pattern.withoutSession === true ? session : lesser)), weight: 3 },
      { arbitrary: fc.constantFrom('', 'JSESSIONID=', `JSESSIONID=${'0'.repeat(32)}`, '=;=;='), weight: 1 },
    ),
    contentType: fc.constantFrom(...contentTypes, undefined),
    waits: fc.constant(pattern.waits === true),
    body: method === 'GET' ? fc.constant(undefined) : damaged(text),
  });
}

function formText(value: unknown): string {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return new URLSearchParams(
    Object.fromEntries(entries.map(([name, each]) => [name, String(JSON.stringify(each))])),
  ).toString();
}

function filled(path: string, { parameters = {} }: Pattern): fc.Arbitrary<string> {
  const parts = path.split(/(:\w+|\*)/).map((part) => {
    const isParameter = part.startsWith(':') || part === '*';
    return isParameter ? pathPart(parameters[part.replace(':', '')] ?? ['x']) : fc.constant(part);
  });
  const search = fc.constantFrom('', '', '', '?', '?a=1&a=2', '?%zz', '?error', '?page=-1&itemsPerPage=1e9');
  return fc.tuple(...parts, search).map((each) => each.join(''));
}

/** Sends it, and says what is wrong with the answer by throwing. */
async function judge(operation: Operation, sent: Sent): Promise<void> {
  const { path, contentType, body } = sent;
  const headers = {
    ...(sent.cookie !== undefined && { cookie: sent.cookie }),
    ...(contentType !== undefined && { 'content-type': contentType }),
  };
  const init = {
    ...{ method: operation.method, headers },
    ...(body !== undefined && { body: body.slice() }),
    ...(sent.waits && { signal: AbortSignal.timeout(20) }),
  };
  const openBefore = await isOpenBatch(path);
  const answering = dialect.handle(new Request(`${origin}${path}`, init), { remoteAddress, local: false });
  const answer = await within(longestAnswer, `${operation.method} ${path}`, answering);
  const bytes = await within(longestAnswer, `the body of ${operation.method} ${path}`, answer.bytes());
  if (answer.status >= 500) {
    // An archive that a role must not have is refused like one that is not there: whatever has 200 is saved.
    const isRefusedArchive = openBefore === true && lesser.includes(sent.cookie ?? '');
    expect([answer.status, isRefusedArchive ? false : openBefore]).toEqual([500, false]);
  }
  if (openBefore === false && sent.cookie === cookie) {
    expect([404, 500]).toContain(answer.status);
  }
  const isRefused = readAnswer(answer, bytes);
  const now = await look(kept);
  // What a role does not allow is refused on record.
  if (isRefused && answer.status !== 403 && 'permission' in operation.access) {
    expect(now).toEqual(kept);
  }
  kept = now;
}

/** Undefined where the path is none of the two whose unknown batches are a 500. */
async function isOpenBatch(path: string): Promise<boolean | undefined> {
  const part = /^\/rest\/fetchfile\/(?:getfiles|close)\/([^/?]*)/.exec(path)?.[1];
  if (part === undefined) {
    return undefined;
  }
  const number = /^-?\d{1,10}$/.test(part) ? Number(part) : Number.NaN;
  const action = isBatchNumber(number)
    ? await world.ports.store.read(({ actions }) => actions.byBatchNumber(number))
    : undefined;
  return action !== undefined && action.closedAt === null;
}

/** @returns whether it says that nothing was done. */
function readAnswer(answer: Response, bytes: Uint8Array): boolean {
  const type = answer.headers.get('content-type');
  if (answer.status === 302) {
    expect(bytes).toHaveLength(0);
    return true;
  }
  if (answer.status === 204) {
    return false;
  }
  expect(types).toContain(type?.split(';')[0] ?? '');
  if (type !== 'application/json') {
    expect(answer.status).toBe(200);
    return false;
  }
  const text = new TextDecoder().decode(bytes);
  expect(text).not.toContain(world.ports.directory);
  expect(text).not.toMatch(/sqlite|\.ts:\d|\bat async\b/i);
  const { status, message } = (JSON.parse(text) ?? {}) as { readonly status?: unknown; readonly message?: unknown };
  const isRefused = answer.status >= 400 || failures.includes(String(status));
  if (isRefused) {
    expect([typeof status, typeof message]).toEqual(['string', 'string']);
    expect(message).not.toBe('');
  }
  return isRefused;
}

/** Where there is nothing to get wrong, a few requests tell as much as many. */
function readsAnything({ method, paths }: Operation): boolean {
  return (method !== 'GET' || paths.some((path) => path.includes(':'))) && !paths.includes('/rest/*');
}

describe(`${requests} requests like those of clients, and unlike them, are answered; nothing refused leaves a trace`, () => {
  const shares = operations.map((operation) => (readsAnything(operation) ? 4 : 1));
  const whole = shares.reduce((sum, share) => sum + share, 0);

  test('every operation is tried', () => {
    const names = operations.map(({ method, paths }) => `${method} ${paths[0]}`);
    expect(Object.keys(patterns).toSorted()).toEqual(names.toSorted());
  });

  for (const [index, operation] of operations.entries()) {
    const runs = Math.ceil((requests * (shares[index] ?? 0)) / whole);
    const name = `${operation.method} ${operation.paths[0]}`;
    test(
      name,
      async () => {
        const pattern = patterns[name] ?? {};
        await fc.assert(
          fc.asyncProperty(requestsFor(operation, pattern), (sent) => judge(operation, sent)),
          { numRuns: runs, seed, endOnFailure: true },
        );
      },
      longestOperation,
    );
  }

  test('and afterwards the server serves as before', async () => {
    const query = { queryPath: [{ requestedType: 'File', filters: [], isResult: true }], totalResultLimit: 10 };
    const answer = await world.send(post('/rest/visualsearch/query/simple', cookie, query));
    expect(await answer.json()).toMatchObject({ status: 'SUCCESS' });
    const again = await world.cookieOf('Viewer');
    expect((await world.send({ path: '/rest/users/current', headers: { cookie: again } })).status).toBe(200);
  });
});
