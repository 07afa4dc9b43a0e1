import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type CortexClient, newKey } from '#kit/cortex.ts';
import { sha256 } from '#kit/disk.ts';
import { type Http2Output, type Http2Request, sendOverHttp2 } from '#kit/http2-client.ts';
import { runProgram } from '#kit/program.ts';
import { openWorld, type World } from '#kit/world.ts';

/** Under the strict rule, which the vendor's SDK keeps: it signs every request anew. */
const strict = { CUSTODY_CORTEX_SIGNATURES: 'strict' } as const;

let world: World;
let client: CortexClient;

beforeAll(async () => {
  world = await openWorld({ agents: 1, settings: strict });
  client = await newKey(world.server, 'Responder', 'advanced');
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** As the vendor's SDK signs: a nonce of 64 hex digits, the time in milliseconds. */
function signature() {
  const nonce = randomBytes(32).toString('hex');
  const timestamp = Date.now().toString();
  return {
    'x-xdr-auth-id': String(client.keyId),
    'x-xdr-nonce': nonce,
    'x-xdr-timestamp': timestamp,
    authorization: createHash('sha256').update(`${client.secret}${nonce}${timestamp}`).digest('hex'),
  };
}

function post(call: string, fields?: unknown): Http2Request {
  const headers = { ...signature(), 'content-type': 'application/json' };
  const body = JSON.stringify(fields === undefined ? {} : { request_data: fields });
  return { method: 'POST', path: `/public_api/v1/${call}`, headers, body };
}

/** Parses only what the SDK would. */
function jsonOf({ headers, base64 }: Http2Output['answers'][number]): unknown {
  expect(String(headers['content-type']).split(';')).toContain('application/json');
  return JSON.parse(Buffer.from(base64, 'base64').toString('utf8')).reply;
}

async function one(request: Http2Request): Promise<{ readonly status: number; readonly reply: unknown }> {
  const { answers } = await sendOverHttp2(world.server, [request]);
  const [answer = expect.unreachable()] = answers;
  return { status: answer.status, reply: jsonOf(answer) };
}

function filters() {
  return [{ field: 'endpoint_id_list', operator: 'in', value: [world.agent(0).id] }];
}

/** How it ended, as the vendor's API says, once the native one has said that it has. */
async function ended(started: { readonly reply: unknown }): Promise<unknown> {
  const { action_id: id } = started.reply as { readonly action_id: string };
  await world.client.waitForAction(id, { longestPause: 200 });
  const { reply } = await one(post('actions/get_action_status', { group_action_id: Number(id) }));
  return (reply as { readonly data: Readonly<Record<string, string>> }).data[world.agent(0).id];
}

describe('A client that speaks nothing but HTTP/2', () => {
  test('asks many things at once over one session', async () => {
    const calls = ['endpoints/get_endpoints', 'endpoints/get_endpoint/', 'distributions/get_versions'];
    const { protocol, answers } = await sendOverHttp2(
      world.server,
      [...calls, ...calls, ...calls].map((call) => post(call)),
    );
    expect(protocol).toBe('h2');
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 9 }, () => 200));
    expect(jsonOf(answers[0] ?? expect.unreachable())).toMatchObject([{ agent_id: world.agent(0).id }]);
  });

  test('quarantines a file and restores it', async () => {
    const path = world.agent(0).put('over-http2.bin', 'over HTTP/2');
    const fields = { filters: filters(), file_path: path, file_hash: sha256('over HTTP/2') };
    const taken = await one(post('endpoints/quarantine', fields));
    expect(await ended(taken)).toBe('COMPLETED_SUCCESSFULLY');
    expect(existsSync(path)).toBe(false);
    const restored = await one(post('endpoints/restore', { file_hash: sha256('over HTTP/2') }));
    expect(await ended(restored)).toBe('COMPLETED_SUCCESSFULLY');
    expect(readFileSync(path, 'utf8')).toBe('over HTTP/2');
  });

  test('retrieves a file of some size and downloads it with GET and with POST', async () => {
    const bytes = randomBytes(3_000_000).toString('hex');
    const path = world.agent(0).put('large.txt', bytes);
    const started = await one(post('endpoints/file_retrieval', { filters: filters(), files: { linux: [path] } }));
    const { action_id: id } = started.reply as { readonly action_id: string };
    expect(await ended(started)).toBe('COMPLETED_SUCCESSFULLY');
    const details = await one(post('actions/file_retrieval_details', { group_action_id: id }));
    const link = Object.values((details.reply as { readonly data: Readonly<Record<string, string>> }).data)[0] ?? '';
    const download = (method: 'GET' | 'POST'): Http2Request => ({
      ...{ method, path: new URL(link).pathname, headers: signature() },
      ...(method === 'POST' && { body: '{}' }),
    });
    const { answers } = await sendOverHttp2(world.server, [download('GET'), download('POST')]);
    for (const { status, headers, base64 } of answers) {
      expect([status, headers['content-type']]).toEqual([200, 'application/zip']);
      expect(String(headers['content-disposition'])).toMatch(/^attachment; filename=[\w.-]+\.zip$/);
      const zip = Buffer.from(base64, 'base64');
      expect(zip.subarray(0, 2).toString()).toBe('PK');
      expect(zip.length).toBeGreaterThan(2_900_000);
    }
  });

  test('sees each refusal as it is, although its body was not read', async () => {
    const large = 'x'.repeat(1_000_000);
    const requests = [
      { ...post('endpoints/restore'), headers: {}, body: JSON.stringify({ request_data: { file_hash: large } }) },
      { ...post('endpoints/restore'), body: '{ "request_data": ' },
      post('endpoints/restore'),
      post('no/such/call', { large }),
      post('api_keys/get_api_keys', { filters: [], large }),
    ];
    const { answers } = await sendOverHttp2(world.server, requests);
    expect(answers.map(({ status }) => status)).toEqual([401, 400, 500, 404, 403]);
    for (const answer of answers) {
      expect(jsonOf(answer)).toMatchObject({ err_code: answer.status });
    }
  });
});

describe('The same port', () => {
  test('speaks HTTP/1.1 to those who do not ask for more, and either to those who leave it open', async () => {
    const ask = (version: string) => {
      const headers = Object.entries(signature()).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
      const url = `${world.server.url}/public_api/v1/endpoints/get_endpoints`;
      const out = ['-o', '/dev/null', '-w', '%{http_version} %{http_code}', '--cacert', world.server.caFile];
      return runProgram(['curl', '-sS', version, '-X', 'POST', ...headers, ...out, url]);
    };
    expect((await ask('--http1.1')).out).toBe('1.1 200');
    expect((await ask('--http2')).out).toBe('2 200');
    const answer = await world.server.fetch('/api_keys/validate/', {
      method: 'POST',
      headers: signature(),
      body: '{}',
    });
    expect([answer.status, await answer.text()]).toEqual([200, '{"reply": true}']);
  });

  test('takes a signature once, whichever protocol it comes by, and not after the server was killed either', async () => {
    const once: Http2Request = { method: 'POST', path: '/api_keys/validate', headers: signature(), body: '{}' };
    expect((await one(once)).status).toBe(200);
    const again = () => world.server.fetch(once.path, { method: 'POST', headers: once.headers, body: '{}' });
    expect((await again()).status).toBe(401);
    await world.server.end('SIGKILL');
    await world.server.start();
    expect((await again()).status).toBe(401);
    expect((await one({ ...once, headers: signature() })).status).toBe(200);
  });
});
