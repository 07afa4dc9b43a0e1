import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createCortexDialect } from '#dialects/cortex/index.ts';
import { operations } from '#dialects/cortex/operations.ts';
import type { Dialect } from '#dialects/dialect.ts';
import { type CortexWorld, openWorld } from './world.ts';

const mebibyte = 1024 * 1024;
const longestTest = 60_000;

let world: CortexWorld;
let dialect: Dialect;
let headers: Readonly<Record<string, string>>;

beforeAll(async () => {
  world = await openWorld();
  dialect = createCortexDialect(world.ports);
  headers = await world.key('Instance Administrator');
});

afterAll(() => world[Symbol.asyncDispose]());

interface Addressed {
  readonly method: string;
  readonly path: string;
}

type Body = string | Uint8Array;

const inData = (json: string) => `{"request_data": ${json}}`;

const noJson: Readonly<Record<string, Body>> = {
  'half an object': '{"request_data": {"file_hash": "ab"',
  'a form': 'request_data=1&file_hash=2',
  'single quotes': "{'request_data': {}}",
  'bytes that are no UTF-8': new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]),
  'UTF-16': new Uint8Array(Buffer.from('\ufeff{"request_data": {}}', 'utf16le')),
  'something compressed': Bun.gzipSync(inData('{}')),
  'a number that is none': inData('{"search_from": NaN}'),
  'two values': `${inData('{}')}${inData('{}')}`,
  'a million lists in each other, unclosed': '['.repeat(1_000_000),
  '10 MiB of lists in each other': '['.repeat(10 * mebibyte),
  '50,000 lists in each other': inData(`${'['.repeat(50_000)}${']'.repeat(50_000)}`),
  '50,000 objects in each other': inData(`${'{"filters": '.repeat(50_000)}1${'}'.repeat(50_000)}`),
};

const wrongShapes: Readonly<Record<string, Body>> = {
  'a number': '1e999',
  'a text': '"request_data"',
  'a truth': 'true',
  'request_data that is a number': inData('7'),
  'request_data that is a list': inData('[{}]'),
  'request_data that is a text of JSON': inData('"{}"'),
  '10 MiB of one text': `"${'a'.repeat(10 * mebibyte)}"`,
  'a million numbers': `[${'1,'.repeat(999_999)}1]`,
  'request_data twice, the last a list': '{"request_data": {}, "request_data": []}',
};

const tooLarge = new Uint8Array(32 * mebibyte + 1).fill(0x20);

/** Nothing that any call can act on, though some reads want no more. */
const nothingKnown: Readonly<Record<string, Body>> = {
  nothing: '',
  '10 MiB of spaces': ' '.repeat(10 * mebibyte),
  null: 'null',
  'an empty object': '{}',
  'request_data that is null': inData('null'),
  'request_data that is empty': inData('{}'),
  'a byte order mark': `\ufeff${inData('{}')}`,
  '10 MiB in a field': inData(`{"nothing": "${'a'.repeat(10 * mebibyte)}"}`),
  'fields whose length cannot be counted': inData(
    '{"filters": {"length": {"toString": null}}, "files": {"length": 3}}',
  ),
  'lone surrogates and NUL': inData(String.raw`{"alias": "\ud800", "nothing": "\u0000"}`),
  'a prototype': '{"__proto__": {"request_data": {"filters": "all"}}, "constructor": {"prototype": {}}}',
  'a prototype in request_data': inData('{"__proto__": {"filters": "all", "file_hash": "a"}}'),
  'fields outside request_data': '{"request_data": {}, "filters": "all", "script_uid": "x", "roles": ["Viewer"]}',
};

/** What a download is sent says nothing. */
const reading = operations.filter(
  ({ method, paths: [path = ''], access }) =>
    method !== 'GET' && 'permission' in access && !path.includes('/download/'),
);

const encoded = new Map<Body, Uint8Array<ArrayBuffer>>();

/** Encoded once: the same body goes to every call. */
function bytesOf(body: Body): Uint8Array<ArrayBuffer> {
  const bytes = encoded.get(body) ?? new Uint8Array(Buffer.from(body));
  encoded.set(body, bytes);
  return bytes;
}

async function send({ method, path }: Addressed, body: Body, contentType?: string): Promise<Response> {
  const type = contentType === undefined ? {} : { 'content-type': contentType };
  const init = { method, headers: { ...headers, ...type }, body: bytesOf(body) };
  // So that the calls with a rate are not refused for that.
  world.ports.clock.advance(60_000);
  return dialect.handle(new Request(`https://custody.test:8443${path}`, init), {
    remoteAddress: '192.0.2.99',
    local: false,
  });
}

async function kept(): Promise<readonly number[]> {
  return world.ports.store.read(async ({ actions, events }) => [
    (await actions.list({}, { offset: 0, limit: 0 })).total,
    (await events.list({}, 0, 10_000)).length,
  ]);
}

interface Envelope {
  readonly reply: Readonly<Record<string, unknown>>;
}

/** In the vendor's envelope, with words in it that a person can read, and nothing was done. */
async function expectRefusal(answer: Response, status: number, before: readonly number[]): Promise<void> {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/json']);
  const body = (await answer.json()) as Envelope;
  expect(Object.keys(body.reply)).toEqual(['err_code', 'err_msg', 'err_extra']);
  expect(body.reply['err_code']).toBe(status);
  expect(body.reply['err_msg']).toMatch(/^[^\n]{5,200}$/);
  expect(body.reply['err_extra']).toMatch(/^[^\n]{5,400}$/);
  expect(body.reply['err_extra']).not.toMatch(/server log|not ready|in time/);
  expect(await kept()).toEqual(before);
}

for (const operation of reading) {
  const call = { method: operation.method, path: operation.paths[0] ?? '' };
  describe(`${call.method} ${call.path}`, () => {
    for (const [what, body] of Object.entries(noJson)) {
      test(
        `400: ${what}`,
        async () => {
          const before = await kept();
          await expectRefusal(await send(call, body, 'application/json'), 400, before);
        },
        longestTest,
      );
    }

    for (const [what, body] of Object.entries(wrongShapes)) {
      test(
        `500: ${what}`,
        async () => {
          const before = await kept();
          await expectRefusal(await send(call, body, 'application/json'), 500, before);
        },
        longestTest,
      );
    }

    for (const [what, body] of Object.entries(nothingKnown)) {
      test(
        `an answer, and nothing done: ${what}`,
        async () => {
          const before = await kept();
          const answer = await send(call, body, 'application/json');
          if (answer.status !== 200) {
            await expectRefusal(answer, 500, before);
          }
          expect(await kept()).toEqual(before);
        },
        longestTest,
      );
    }

    test('413: more than 32 MiB, as soon as that many have come', async () => {
      const before = await kept();
      await expectRefusal(await send(call, tooLarge, 'application/json'), 413, before);
    });

    test('the same whatever the content type says, on every path of it', async () => {
      const before = await kept();
      const types = ['application/json; charset=utf-16', 'text/plain', 'multipart/form-data; boundary=x', undefined];
      for (const each of operation.paths) {
        for (const type of types) {
          await expectRefusal(await send({ method: operation.method, path: each }, '[7]', type), 500, before);
        }
      }
    });
  });
}
