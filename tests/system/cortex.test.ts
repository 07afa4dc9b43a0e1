import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CortexClient, newKey, type Started, send, startedSchema } from '#kit/cortex.ts';
import { portrait, sha256 } from '#kit/disk.ts';
import { custody, runProgram } from '#kit/program.ts';
import type { RealAgent } from '#kit/real-agent.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

let world: World;
let responder: CortexClient;

beforeAll(async () => {
  world = await openWorld({ agents: 2 });
  responder = await newKey(world.server, 'Responder');
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const finalStatuses = ['COMPLETED_SUCCESSFULLY', 'COMPLETED_PARTIAL', 'FAILED'];

interface ActionStatus {
  readonly data: Readonly<Record<string, string>>;
  readonly errorReasons?: Readonly<Record<string, { readonly errorDescription?: string }>>;
}

/** Asks for an action's status, as connectors do, until every endpoint has ended. */
function ended(actionId: string): Promise<ActionStatus> {
  return until(`action ${actionId} has ended`, async () => {
    const { reply } = await responder.call('actions/get_action_status', { group_action_id: Number(actionId) });
    const status = reply as ActionStatus;
    return Object.values(status.data).every((each) => finalStatuses.includes(each)) && status;
  });
}

function filtersFor(...agents: readonly RealAgent[]) {
  return [{ field: 'endpoint_id_list', operator: 'in', value: agents.map(({ id }) => id) }];
}

function quarantineFields(path: string, hash: string, ...agents: readonly RealAgent[]) {
  return { filters: filtersFor(...agents), file_path: path, file_hash: hash };
}

async function quarantine(agent: RealAgent, path: string): Promise<void> {
  const hash = sha256(readFileSync(path));
  const id = await responder.order('endpoints/quarantine', quarantineFields(path, hash, agent));
  expect(await ended(id)).toEqual({ data: { [agent.id]: 'COMPLETED_SUCCESSFULLY' } });
  expect(existsSync(path)).toBe(false);
}

async function isQuarantined(agent: RealAgent, path: string, hash: string): Promise<unknown> {
  const files = [{ endpoint_id: agent.id, file_path: path, file_hash: hash }];
  const { reply } = await responder.call('quarantine/status', { files });
  return (reply as readonly { readonly status: boolean }[])[0]?.status;
}

async function outcomesOf(actionId: string) {
  const { tasks } = await world.client.readAction(actionId);
  return tasks.flatMap(({ files }) => files.map(({ outcome, reason }) => ({ outcome, reason })));
}

/** The vendor's page, with its line breaks restored, but for host, key and hash, and with the authority added. */
const example = `curl -X POST https://$HOST/public_api/v1/endpoints/restore/ \\
-H "x-xdr-auth-id:$API_KEY_ID" \\
-H "Authorization:$API_KEY" \\
-H "Content-Type:application/json" \\
-d '{ "request_data":{ "file_hash":"'$HASH'", "incident_id": 302 } }' \\
--silent --show-error --cacert "$CA"`;

async function runExample(hash: string): Promise<Started> {
  const environment = {
    HOST: `127.0.0.1:${world.server.port}`,
    API_KEY_ID: String(responder.keyId),
    API_KEY: responder.secret,
    HASH: hash,
    CA: world.server.caFile,
  };
  const { code, out, err } = await runProgram(['sh', '-c', example], { environment });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return startedSchema.parse(JSON.parse(out).reply);
}

describe('The page about restoring a file', () => {
  test('holds: the file leaves its place, and the curl example brings it back as it was', async () => {
    const agent = world.agent(0);
    const path = agent.put('bin/tool', '#!/bin/sh\nexit 7\n');
    chmodSync(path, 0o2751);
    if (process.getuid?.() === 0) {
      chownSync(path, 12_345, 54_321);
      chmodSync(path, 0o2751);
    }
    const touched = await runProgram(['touch', '-m', '-d', '2001-02-03T04:05:06.123456789Z', path]);
    expect(touched.code).toBe(0);
    const before = portrait(path);
    expect(before['modified']).toBe('981173106123456789');

    await quarantine(agent, path);
    expect((await runProgram(['sh', '-c', path])).code).toBe(127);
    expect(await isQuarantined(agent, path, before['sha256'] ?? '')).toBe(true);

    const { action_id: id, endpoints_count: count } = await runExample(before['sha256'] ?? '');
    expect(count).toBe('1');
    expect(await ended(id)).toEqual({ data: { [agent.id]: 'COMPLETED_SUCCESSFULLY' } });
    expect(portrait(path)).toEqual(before);
    expect(await isQuarantined(agent, path, before['sha256'] ?? '')).toBe(false);
    expect((await world.client.readAction(id)).incidentId).toBe('302');

    const again = await runExample(before['sha256'] ?? '');
    expect(await ended(again.action_id)).toEqual({ data: { [agent.id]: 'COMPLETED_SUCCESSFULLY' } });
    expect(await outcomesOf(again.action_id)).toEqual([{ outcome: 'already_done', reason: null }]);
    expect(portrait(path)).toEqual(before);
  });

  test('without an endpoint restores on every one that holds the hash', async () => {
    const paths = world.agents.map((agent) => agent.put('both.bin', 'on both machines'));
    for (const [index, path] of paths.entries()) {
      await quarantine(world.agent(index), path);
    }
    const reply = await runExample(sha256('on both machines'));
    expect(reply.endpoints_count).toBe('2');
    const { data } = await ended(reply.action_id);
    expect(Object.keys(data).toSorted()).toEqual(world.agents.map(({ id }) => id).toSorted());
    expect(new Set(Object.values(data))).toEqual(new Set(['COMPLETED_SUCCESSFULLY']));
    for (const path of paths) {
      expect(readFileSync(path, 'utf8')).toBe('on both machines');
    }
  });

  test('with an endpoint restores there and nowhere else', async () => {
    const paths = world.agents.map((agent) => agent.put('one.bin', 'on one machine'));
    for (const [index, path] of paths.entries()) {
      await quarantine(world.agent(index), path);
    }
    const fields = { file_hash: sha256('on one machine').toUpperCase(), endpoint_id: world.agent(1).id };
    await ended(await responder.order('endpoints/restore', fields));
    expect(paths.map((path) => existsSync(path))).toEqual([false, true]);
  });

  test('overwrites nothing on an occupied name, and says so', async () => {
    const agent = world.agent(0);
    const path = agent.put('occupied.txt', 'the first');
    await quarantine(agent, path);
    writeFileSync(path, 'the second');
    const id = await responder.order('endpoints/restore', { file_hash: sha256('the first') });
    const { data, errorReasons } = await ended(id);
    expect(data).toEqual({ [agent.id]: 'FAILED' });
    expect(errorReasons?.[agent.id]?.errorDescription).toContain('the name is taken');
    expect(readFileSync(path, 'utf8')).toBe('the second');
    expect(await isQuarantined(agent, path, sha256('the first'))).toBe(true);
  });
});

describe('Quarantining', () => {
  test('a file whose hash is another leaves it untouched', async () => {
    const agent = world.agent(0);
    const path = agent.put('changed.txt', 'not what was meant');
    utimesSync(path, 1_000_000, 1_000_000);
    const before = portrait(path);
    const id = await responder.order('endpoints/quarantine', quarantineFields(path, sha256('what was meant'), agent));
    const { data, errorReasons } = await ended(id);
    expect(data).toEqual({ [agent.id]: 'FAILED' });
    expect(errorReasons?.[agent.id]?.errorDescription).toContain('another hash');
    expect(portrait(path)).toEqual(before);
    expect(await isQuarantined(agent, path, sha256('what was meant'))).toBe(false);
  });

  test('tells of each endpoint how it ended, in the order of the request', async () => {
    // Both agents look after this machine, so both go for the same file: one of them gets it.
    const path = world.agent(1).put('wanted-twice.txt', 'wanted twice');
    const order = [world.agent(1), world.agent(0)];
    const id = await responder.order('endpoints/quarantine', quarantineFields(path, sha256('wanted twice'), ...order));
    const { data } = await ended(id);
    expect(Object.keys(data)).toEqual(order.map((agent) => agent.id));
    expect(Object.values(data).toSorted()).toEqual(['COMPLETED_SUCCESSFULLY', 'FAILED']);
    expect(existsSync(path)).toBe(false);
  });

  test.each(['', '/'])('is reached with a path that ends in "%s"', async (ending) => {
    const path = world.agent(0).put('ending.txt', `ends in "${ending}"`);
    const fields = quarantineFields(path, sha256(`ends in "${ending}"`), world.agent(0));
    await ended(await responder.order(`endpoints/quarantine${ending}`, fields));
    expect(existsSync(path)).toBe(false);
  });
});

describe('Retrieving files', () => {
  test('ends with an archive behind a link that GET and POST download', async () => {
    const agent = world.agent(0);
    const path = agent.put('retrieve/me.bin', 'retrieved \u0000 bytes');
    const missing = agent.path('retrieve/missing.bin');
    const fields = { filters: filtersFor(agent), files: { linux: [path, missing] } };
    const id = await responder.order('endpoints/file_retrieval', fields);
    expect((await ended(id)).data).toEqual({ [agent.id]: 'COMPLETED_PARTIAL' });
    const details = await responder.call('actions/file_retrieval_details', { group_action_id: id });
    const link = (details.reply as { readonly data: Readonly<Record<string, string>> }).data[agent.id] ?? '';
    expect(link).toStartWith(`${world.server.url}/public_api/v1/download/`);
    const { headers } = responder;
    for (const method of ['GET', 'POST']) {
      const answer = await world.server.fetch(new URL(link).pathname, { method, headers });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename=[\w.-]+$/);
      await expectRetrieved(await answer.bytes(), { path, missing });
    }
    const stranger = await world.server.fetch(new URL(link).pathname);
    expect(stranger.status).toBe(401);
  });
});

async function expectRetrieved(
  zip: Uint8Array,
  { path, missing }: { readonly path: string; readonly missing: string },
): Promise<void> {
  const directory = join(world.directory, `retrieved-${Math.random()}`);
  mkdirSync(directory);
  const file = join(directory, 'retrieved.zip');
  writeFileSync(file, zip);
  const { code, err } = await runProgram(['unzip', '-q', file, '-d', directory]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const log = JSON.parse(readFileSync(join(directory, 'retrieval_log.json'), 'utf8'));
  const name = log[0].archive_name;
  expect(readFileSync(join(directory, name), 'utf8')).toBe('retrieved \u0000 bytes');
  expect(log).toMatchObject([
    { file_path: path, status: 'done', archive_name: name },
    { file_path: missing, status: 'not_found', archive_name: null },
  ]);
}

describe('Keys', () => {
  test('of the advanced level sign with a nonce and a time', async () => {
    const advanced = await newKey(world.server, 'Responder', 'advanced');
    expect((await advanced.call('endpoints/get_endpoints', {})).status).toBe(200);
    const { authorization = '' } = advanced.headers;
    const forged = { ...advanced.headers, authorization: authorization.replaceAll(/[0-4]/g, '9') };
    const answer = await send(world.server, '/public_api/v1/endpoints/get_endpoints', { headers: forged, body: '{}' });
    expect(answer.status).toBe(401);
  });
});

describe('A key that another key made', () => {
  test('works at once, and no longer once the command line has deleted it, whatever becomes of the server', async () => {
    const root = await newKey(world.server, 'Instance Administrator');
    const fields = { roles: ['Viewer'], security_level: 'standard', comment: 'for a day' };
    const { reply } = await root.call('api_keys/generate', fields);
    const { id, key } = reply as { readonly id: number; readonly key: string };
    const validate = async () => {
      const headers = { 'x-xdr-auth-id': String(id), authorization: key };
      return (await world.server.fetch('/api_keys/validate/', { method: 'POST', headers, body: '{}' })).status;
    };
    expect(await validate()).toBe(200);
    const deleted = await runProgram([custody, 'key', 'delete', String(id), '--data', world.server.data]);
    expect([deleted.code, deleted.out]).toEqual([0, `Key ${id} is deleted.\n`]);
    expect(await validate()).toBe(401);
    await world.server.end('SIGKILL');
    await world.server.start();
    expect(await validate()).toBe(401);
  });
});

describe('Errors come in the vendor’s envelope, each for its true reason', () => {
  const restore = '/public_api/v1/endpoints/restore/';
  const anyHash = { request_data: { file_hash: 'a'.repeat(64) } };

  async function refusal(headers: Readonly<Record<string, string>>, body: string) {
    const before = (await world.client.listActions()).total;
    const { status, reply } = await send(world.server, restore, { headers, body });
    expect((await world.client.listActions()).total).toBe(before);
    expect(reply).toMatchObject({ err_code: status, err_msg: expect.any(String) });
    return { status, extra: String((reply as { readonly err_extra: unknown }).err_extra) };
  }

  test('400: the body is no JSON', async () => {
    expect(await refusal(responder.headers, '{ "request_data": ')).toMatchObject({ status: 400 });
  });

  test('401: the key is wrong', async () => {
    const headers = { ...responder.headers, authorization: 'wrong' };
    expect(await refusal(headers, JSON.stringify(anyHash))).toEqual({ status: 401, extra: 'null' });
  });

  test('403: the role may only look', async () => {
    const viewer = await newKey(world.server, 'Viewer');
    expect(await refusal(viewer.headers, JSON.stringify(anyHash))).toMatchObject({ status: 403 });
  });

  test('500: no endpoint ever quarantined that hash', async () => {
    const { status, extra } = await refusal(responder.headers, JSON.stringify(anyHash));
    expect(status).toBe(500);
    expect(extra).toContain('No endpoint was found for creating the requested action');
  });

  test('500: the hash is no SHA-256, and the field is named', async () => {
    const { status, extra } = await refusal(responder.headers, '{"request_data":{"file_hash":"<hash value>"}}');
    expect(status).toBe(500);
    expect(extra).toContain('file_hash');
  });

  test('402: the installation has no licence', async () => {
    await world.server.end('SIGKILL');
    await world.server.start({ CUSTODY_LICENSE: 'none' });
    expect(await refusal(responder.headers, JSON.stringify(anyHash))).toMatchObject({ status: 402 });
  });

  test('and the command line asks for no licence to quarantine or to bring back', async () => {
    const agent = world.agent(0);
    const path = agent.put('unlicensed.txt', 'taken without a licence');
    const run = (...words: readonly string[]) => runProgram([custody, ...words, '--wait', '--data', world.server.data]);
    const hash = sha256('taken without a licence');
    const taken = await run('quarantine', '--endpoint', agent.id, '--path', path, '--sha256', hash);
    expect({ code: taken.code, err: taken.err, exists: existsSync(path) }).toMatchObject({ code: 0, exists: false });
    const back = await run('restore', '--sha256', hash);
    expect({ code: back.code, err: back.err, exists: existsSync(path) }).toMatchObject({ code: 0, exists: true });
  });
});
