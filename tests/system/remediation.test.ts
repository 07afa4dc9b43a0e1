import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { type CybereasonClient, newUser } from '#kit/cybereason.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

setDefaultTimeout(120_000);

const content = 'what a real agent takes and gives back';

let world: World;
let ana: CybereasonClient;
let machine: string;

beforeAll(async () => {
  world = await openWorld({ agents: 1 });
  ana = await newUser(world.server, 'ana@example.com', 'Responder');
  const { hostName } = await world.client.readEndpoint(world.agent(0).id);
  const found = await ana.query('Machine', [{ facetName: 'elementDisplayName', values: [hostName] }]);
  machine = Object.keys(found)[0] ?? expect.unreachable();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const answerSchema = z.object({
  remediationId: z.uuid(),
  malopId: z.string(),
  initiatingUser: z.literal('ana@example.com'),
  start: z.int(),
  end: z.int().nullable(),
  statusLog: z
    .array(
      z.object({
        status: z.string(),
        error: z.object({ message: z.string(), errorType: z.string() }).nullable(),
        timestamp: z.int(),
      }),
    )
    .min(1),
});

/** As a connector does: orders, asks once, at once, and reads the last row. */
async function remediate(targetId: string, actionType: string, malopId?: string) {
  const body = {
    ...(malopId !== undefined && { malopId }),
    actionsByMachine: { [machine]: [{ targetId, actionType }] },
  };
  const ordered = answerSchema.parse(await (await ana.post('/rest/remediate', body)).json());
  const path = `/rest/remediate/progress/ana@example.com/${ordered.malopId}/${ordered.remediationId}`;
  const { statusLog, end } = answerSchema.parse(await (await ana.get(path)).json());
  return { statuses: statusLog.map(({ status }) => status), error: statusLog.at(-1)?.error ?? null, end };
}

const success = { statuses: ['PENDING', 'IN_PROGRESS', 'SUCCESS'], error: null, end: expect.any(Number) };

test('One question after the order is enough to see a real file quarantined, and restored.', async () => {
  const path = world.agent(0).put('Documents/evil.bin', content);
  const guid = await world.known(world.agent(0), path);
  const { incident } = await world.client.createIncident({ name: 'evil was seen', severity: 'high' });
  const { id, guid: malop } = incident;
  expect(await remediate(guid, 'QUARANTINE_FILE', malop)).toEqual(success);
  expect(existsSync(path)).toBe(false);
  expect((await remediate(guid, 'UNQUARANTINE_FILE', malop)).error?.errorType).toBe('INVALID_ARGUMENT');
  const held = await ana.query('QuarantineFile', [{ facetName: 'elementDisplayName', values: ['evil.bin'] }]);
  const quarantined = Object.keys(held)[0] ?? expect.unreachable();
  expect(quarantined).not.toBe(guid);
  expect(await remediate(quarantined, 'UNQUARANTINE_FILE', malop)).toEqual(success);
  expect(readFileSync(path, 'utf8')).toBe(content);
  const { items } = await world.client.listActions();
  expect(items.map(({ verb, incidentId }) => [verb, incidentId])).toEqual([
    ['restore', id],
    ['quarantine', id],
  ]);
});

test('A file that changed after it was indexed is left alone, and that is told.', async () => {
  const path = world.agent(0).put('Documents/changing.txt', 'as it was');
  const guid = await world.known(world.agent(0), path);
  world.agent(0).put('Documents/changing.txt', 'as it is now');
  const { statuses, error } = await remediate(guid, 'QUARANTINE_FILE');
  // The agent may have told of the new bytes before the order was made: then it takes those.
  expect(existsSync(path)).toBe(statuses.at(-1) !== 'SUCCESS');
  expect(error?.errorType).toBe(statuses.at(-1) === 'SUCCESS' ? undefined : 'HASH_MISMATCH');
});

test('A blocked file is taken when it appears, by a remediation that knows only its MD5.', async () => {
  const hash = new Bun.CryptoHasher('md5').update('blocked bytes').digest('hex');
  expect(await remediate(hash, 'BLOCK_FILE')).toMatchObject({ statuses: ['SUCCESS'], error: null });
  const path = world.agent(0).put('Documents/blocked.bin', 'blocked bytes');
  await until('the blocked file is gone', () => Promise.resolve(existsSync(path) ? undefined : true));
});

test('An agent that is away leaves the order open, and an abort withdraws it.', async () => {
  const path = world.agent(0).put('Documents/waiting.txt', 'not yet');
  const guid = await world.known(world.agent(0), path);
  await world.agent(0).end('SIGTERM');
  await until('the server misses the agent', async () => {
    const { presence } = await world.client.readEndpoint(world.agent(0).id);
    return presence === 'connected' ? undefined : true;
  });
  const body = { actionsByMachine: { [machine]: [{ targetId: guid, actionType: 'QUARANTINE_FILE' }] } };
  const { remediationId } = answerSchema.parse(await (await ana.post('/rest/remediate', body)).json());
  const aborted = await ana.post(`/rest/remediate/abort/NOMALOP/${remediationId}`, {});
  expect(answerSchema.parse(await aborted.json()).statusLog.at(-1)).toMatchObject({
    status: 'ABORTED',
    error: { errorType: 'ABORTED' },
  });
  await world.agent(0).connect();
  // An agent that tells of another file has been handed what it was to do.
  await world.known(world.agent(0), world.agent(0).put('Documents/later.txt', 'later'));
  expect(existsSync(path)).toBe(true);
});
