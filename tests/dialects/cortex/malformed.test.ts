import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Json } from '#core/custody/event.ts';
import { sha256Of } from '#kit/fleet.ts';
import malformed from './malformed.json' with { type: 'json' };
import { badHash, badPath, type CortexWorld, goodPath, openWorld, quarantineFields } from './world.ts';

const many = 100_000;
const longestTest = 60_000;
/** A connector gives up after this time at the latest. */
const patience = 20_000;
const processing = 'An error occurred while processing XDR public API';
const noEndpoint = 'No endpoint was found for creating the requested action';

let world: CortexWorld;
let headers: Readonly<Record<string, string>>;

beforeAll(async () => {
  world = await openWorld();
  headers = await world.key('Instance Administrator');
});

afterAll(() => world[Symbol.asyncDispose]());

/** Of what a refused call must not add to. */
async function kept(): Promise<readonly number[]> {
  return world.ports.store.read(async ({ actions, events }) => [
    (await actions.list({}, { offset: 0, limit: 0 })).total,
    (await events.list({}, 0, 10_000)).length,
  ]);
}

function post(call: string, body: string, type = 'application/json'): Promise<Response> {
  return world.send({ path: `/public_api/v1/${call}`, headers: { ...headers, 'content-type': type }, body });
}

describe('A field that is wrong gets 500 in the envelope of the vendor, with words that name it, and nothing is done', () => {
  const filters = JSON.stringify([{ field: 'endpoint_id_list', operator: 'in', value: ['a'.repeat(32)] }]);
  for (const { call, data, extra } of malformed) {
    const text = JSON.stringify(data)
      .replaceAll('"{{filters}}"', filters)
      .replaceAll('{{id}}', 'a'.repeat(32))
      .replaceAll('{{hash}}', 'b'.repeat(64));
    test(`${call} with ${text.slice(0, 300)}`, async () => {
      const before = await kept();
      const { status, reply } = await world.call(call, JSON.parse(text), headers);
      expect(status).toBe(500);
      expect(reply).toEqual({ err_code: 500, err_msg: expect.any(String), err_extra: extra });
      expect(reply['err_msg']).toMatch(extra.startsWith('Missing required param') ? /unexpected behavior/ : processing);
      expect(await kept()).toEqual(before);
    });
  }
});

function ids(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => index.toString(16).padStart(32, '0'));
}

function named(...values: readonly string[]): Json {
  return [{ field: 'endpoint_id_list', operator: 'in', value: [...values] }];
}

/** Sends a large call, and holds that its answer comes in time. */
async function timely(call: string, fields: Json) {
  const start = performance.now();
  const answer = await world.call(call, fields, headers);
  expect(performance.now() - start).toBeLessThan(patience);
  return answer;
}

describe(`${many} endpoints in one call are answered in time`, () => {
  const tooMany: readonly (readonly [string, (value: Json) => Json, string | RegExp])[] = [
    ['endpoints/quarantine', (filters) => ({ filters, file_path: badPath, file_hash: badHash }), /1000 endpoints/],
    ['endpoints/file_retrieval', (filters) => ({ filters, files: { linux: [goodPath] } }), /10 endpoints/],
  ];

  test.each(tooMany.map((each) => [...each]))(
    '%s: more endpoints than it takes are refused',
    async (call, fieldsOf, words) => {
      const before = await kept();
      const { status, reply } = await timely(call, fieldsOf(named(world.web.endpoint.id, ...ids(many))));
      expect([status, reply['err_extra']]).toEqual([500, expect.stringMatching(words)]);
      expect(await kept()).toEqual(before);
    },
    longestTest,
  );

  const script = { script_uid: '414763381b5bfb7b05796c9fe690df46', parameters_values: { path: goodPath } };
  const reaching: readonly (readonly [string, (filters: Json) => Json])[] = [
    ['endpoints/scan', (filters) => ({ filters })],
    ['scripts/run_script', (filters) => ({ ...script, filters })],
  ];

  test.each(reaching.map((each) => [...each]))(
    '%s: those that nobody knows are left out, and nothing is started on none',
    async (call, fieldsOf) => {
      const some = await timely(call, fieldsOf(named(...ids(many), world.web.endpoint.id)));
      expect(some).toMatchObject({ status: 200, reply: { endpoints_count: '1' } });
      await world.work();
      const before = await kept();
      const none = await timely(call, fieldsOf(named(...ids(many))));
      expect(none).toMatchObject({ status: 500, reply: { err_extra: noEndpoint } });
      expect(await kept()).toEqual(before);
    },
    longestTest,
  );

  test.each(['endpoints/isolate', 'endpoints/unisolate', 'endpoints/abort_scan'])(
    '%s starts nothing on endpoints that nobody knows',
    async (call) => {
      const before = await kept();
      const { status, reply } = await timely(call, { filters: named(...ids(many)) });
      expect([status, Object.keys(reply)]).toEqual([500, ['err_code', 'err_msg', 'err_extra']]);
      expect(await kept()).toEqual(before);
    },
    longestTest,
  );

  test(
    'quarantine/status has an entry for each file, in order',
    async () => {
      await world.call('endpoints/quarantine', quarantineFields(world.mac));
      await world.work();
      const held = { endpoint_id: world.mac.endpoint.id, file_path: badPath, file_hash: badHash };
      const files = [
        ...ids(many - 1).map((endpoint_id) => ({ endpoint_id, file_path: badPath, file_hash: badHash })),
        held,
      ];
      const { status, reply } = await timely('quarantine/status', { files });
      expect(status).toBe(200);
      const statuses = reply as unknown as readonly { readonly endpoint_id: string; readonly status: boolean }[];
      expect(statuses).toHaveLength(many);
      expect(statuses.flatMap((each) => (each.status ? [each.endpoint_id] : []))).toEqual([world.mac.endpoint.id]);
      expect(statuses.map(({ endpoint_id }) => endpoint_id)).toEqual(files.map(({ endpoint_id }) => endpoint_id));
    },
    longestTest,
  );

  test(
    'get_endpoint finds those that there are',
    async () => {
      const { status, reply } = await timely('endpoints/get_endpoint', {
        filters: named(...ids(many), world.web.endpoint.id),
      });
      expect([status, reply['total_count'], reply['result_count']]).toEqual([200, 1, 1]);
    },
    longestTest,
  );
});

describe(`${many} of anything else are too`, () => {
  test(
    'filters, all alike',
    async () => {
      const [filter] = named(world.web.endpoint.id) as readonly Json[];
      const filters = Array.from({ length: many }, () => filter ?? null);
      const { status, reply } = await timely('endpoints/get_endpoint', { filters });
      expect(status === 200 || reply['err_code'] === 500).toBe(true);
      expect(String(reply['err_extra'])).not.toMatch(/server log|not ready|in time/);
    },
    longestTest,
  );

  test('an id as often finds one endpoint, and starts one task', async () => {
    const same = Array.from({ length: 1_000 }, () => world.web.endpoint.id);
    const answer = await timely('endpoints/quarantine', { ...quarantineFields(world.web), filters: named(...same) });
    expect(answer).toMatchObject({ status: 200, reply: { endpoints_count: '1' } });
  });

  test('keys to delete are refused, and all are kept', async () => {
    const before = await world.ports.store.read(({ credentials }) => credentials.keys());
    const value = Array.from({ length: many }, (_, index) => index + 1);
    const { status, reply } = await timely('api_keys/delete', { filters: [{ field: 'id', operator: 'in', value }] });
    expect([status, reply['err_code']]).toEqual([500, 500]);
    expect(await world.ports.store.read(({ credentials }) => credentials.keys())).toEqual(before);
  });

  test('paths to retrieve are refused', async () => {
    const linux = Array.from({ length: many }, (_, index) => `/srv/${index}`);
    const before = await kept();
    const { status, reply } = await timely('endpoints/file_retrieval', {
      filters: named(world.web.endpoint.id),
      files: { linux },
    });
    expect([status, reply['err_extra']]).toEqual([500, expect.stringContaining('20 files')]);
    expect(await kept()).toEqual(before);
  });
});

describe('Text is UTF-8, whatever the content type says', () => {
  const path = '/srv/böse 文件 \u{1f41b} é.bin'.normalize('NFC');
  const bytes = new TextEncoder().encode('bytes of a file with a foreign name');
  const hash = sha256Of(bytes);
  const types = [
    'application/json; charset=latin1',
    'application/json; charset=utf-16',
    'text/plain',
    'x; charset=none',
  ];

  test.each(types)('%s: a quarantine takes the file with this very name, raw or escaped', async (type) => {
    const { web } = world;
    const raw = JSON.stringify({ request_data: { ...quarantineFields(web), file_path: path, file_hash: hash } });
    const escaped = raw.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    for (const body of [raw, escaped, `\ufeff${raw}`]) {
      web.disk.set(path, bytes);
      expect((await post('endpoints/quarantine', body, type)).status).toBe(200);
      await world.work();
      expect(web.disk.has(path)).toBe(false);
    }
    const files = [{ endpoint_id: web.endpoint.id, file_path: path, file_hash: hash }];
    expect((await world.call('quarantine/status', { files })).reply).toMatchObject([{ file_path: path, status: true }]);
  });

  test('another spelling of the same letters is another file', async () => {
    const files = [{ endpoint_id: world.web.endpoint.id, file_path: path.normalize('NFD'), file_hash: hash }];
    const { reply } = await world.call('quarantine/status', { files });
    expect(reply).toMatchObject([{ file_path: path.normalize('NFD'), status: false }]);
  });
});

describe('Of a key that stands there twice, the last counts', () => {
  test('for a hash', async () => {
    const twice = (first: string, last: string) =>
      post('endpoints/restore', `{"request_data": {"file_hash": "${first}", "file_hash": "${last}"}}`);
    const before = await kept();
    expect((await twice(badHash, 'f'.repeat(64))).status).toBe(500);
    expect(await kept()).toEqual(before);
    expect((await twice('f'.repeat(64), badHash)).status).toBe(200);
  });

  test('for request_data', async () => {
    const one = JSON.stringify({ group_action_id: 1 });
    const answer = await post('actions/get_action_status', `{"request_data": ${one}, "request_data": {}}`);
    expect(await answer.json()).toMatchObject({ reply: { err_extra: 'Missing required param: `group_action_id`' } });
  });
});

describe('Without request_data nothing is done, though the fields stand beside it', () => {
  test.each(['endpoints/quarantine', 'endpoints/restore', 'endpoints/scan', 'api_keys/generate', 'api_keys/delete'])(
    '%s',
    async (call) => {
      const fields = { ...quarantineFields(world.web), roles: ['Viewer'], security_level: 'standard' };
      const before = await kept();
      const answer = await post(call, JSON.stringify(fields));
      expect([answer.status, await answer.json()]).toMatchObject([
        500,
        { reply: { err_extra: 'Missing required param: `request_data`' } },
      ]);
      expect(await kept()).toEqual(before);
    },
  );
});

test('One slash at the end is nothing, two are another path', async () => {
  const body = JSON.stringify({ request_data: quarantineFields(world.web) });
  expect((await post('endpoints/quarantine/', body)).status).toBe(200);
  const before = await kept();
  for (const end of ['//', '/%2f', '/.//', '%2F']) {
    expect([end, (await post(`endpoints/quarantine${end}`, body)).status]).toEqual([end, 404]);
  }
  expect(await kept()).toEqual(before);
});
