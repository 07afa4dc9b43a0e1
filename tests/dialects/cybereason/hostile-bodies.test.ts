import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import { operations } from '#dialects/cybereason/operations.ts';
import type { Dialect } from '#dialects/dialect.ts';
import { openWorld, origin, remoteAddress, type World } from './world.ts';

const mebibyte = 1024 * 1024;
const longestTest = 60_000;

let world: World;
let dialect: Dialect;
let cookie: string;

beforeAll(async () => {
  world = await openWorld();
  dialect = createCybereasonDialect(world.ports);
  cookie = await world.cookieOf('Instance Administrator');
});

afterAll(() => world[Symbol.asyncDispose]());

type Body = string | Uint8Array;

/** They take a text, as it stands, whatever its content type says. */
const takeText: readonly string[] = ['/rest/crimes/comment/:guid', '/rest/crimes/get-comments'];

const noJson: Readonly<Record<string, Body>> = {
  'half an object': '{"elementGuids":["1.2"',
  'a form': 'elementGuids=1.2&initiatorUserName=x',
  'bytes that are no UTF-8': new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]),
  'a number that is none': '{"totalResultLimit":NaN}',
  'two values': '{}{}',
  '100,000 lists in each other, unclosed': '['.repeat(100_000),
  '50,000 lists in each other': `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  '10 MiB of lists in each other': '['.repeat(10 * mebibyte),
};

const wrongShapes: Readonly<Record<string, Body>> = {
  'a number': '1e999',
  'a text': '"elementGuids"',
  'a lone surrogate': '"\\ud800"',
  '10 MiB of one text': `"${'a'.repeat(10 * mebibyte)}"`,
  'a million numbers': `[${'1,'.repeat(999_999)}1]`,
};

const tooLarge = new Uint8Array(32 * mebibyte + 1).fill(0x20);

/** Nothing that is known: some reads want no more. */
const nothingKnown: Readonly<Record<string, Body>> = {
  nothing: '',
  '10 MiB of spaces': ' '.repeat(10 * mebibyte),
  null: 'null',
  '10 MiB in a field': `{"nothing":"${'a'.repeat(10 * mebibyte)}"}`,
  'an object with a length that cannot be counted': '{"length":{"toString":null}}',
  'a prototype': '{"__proto__":{"elementGuids":["1.2"]},"constructor":{"prototype":{}}}',
};

function withBodies(): Dialect['operations'] {
  return operations.filter(
    ({ method, paths, access }) => method !== 'GET' && 'permission' in access && !paths.includes('/rest/*'),
  );
}

type Addressed = Pick<Dialect['operations'][number], 'method' | 'paths'>;

function send({ method, paths }: Addressed, body: Body, contentType?: string): Promise<Response> {
  const headers = { cookie, ...(contentType !== undefined && { 'content-type': contentType }) };
  const request = new Request(`${origin}${paths[0]?.replaceAll(/:\w+/g, '1')}`, {
    method,
    headers,
    body: bytesOf(body),
  });
  return dialect.handle(request, { remoteAddress, local: false });
}

const encoded = new Map<Body, Uint8Array<ArrayBuffer>>();

/** Encoded once: the same body goes to every operation. */
function bytesOf(body: Body): Uint8Array<ArrayBuffer> {
  const bytes = encoded.get(body) ?? new Uint8Array(Buffer.from(body));
  encoded.set(body, bytes);
  return bytes;
}

async function kept(): Promise<readonly number[]> {
  return world.ports.store.read(async ({ actions, events }) => [
    (await actions.list({}, { offset: 0, limit: 0 })).total,
    (await events.list({}, 0, 10_000)).length,
  ]);
}

/** In the vendor's envelope, with words in it, and nothing was done. */
async function expectRefusal(answer: Response, before: readonly number[]): Promise<void> {
  expect(answer.headers.get('content-type')).toBe('application/json');
  const { status, message } = (await answer.json()) as { readonly status: string; readonly message: string };
  expect(message).toMatch(/^[^\n]{5,400}$/);
  expect([answer.status < 500, status]).toEqual([true, expect.stringMatching(/^(FAILURE|QUERY_LIMIT_CROSSED)$/)]);
  expect(await kept()).toEqual(before);
}

for (const operation of withBodies()) {
  describe(`${operation.method} ${operation.paths[0]}`, () => {
    for (const [what, body] of Object.entries(noJson)) {
      test(
        `is refused with ${what}`,
        async () => {
          const before = await kept();
          const answer = await send(operation, body, 'application/json');
          expect(answer.status >= 400 || takeText.includes(operation.paths[0] ?? '')).toBe(true);
          await expectRefusal(answer, before);
        },
        longestTest,
      );
    }

    for (const [what, body] of Object.entries(wrongShapes)) {
      test(
        `is refused with ${what}`,
        async () => {
          const before = await kept();
          await expectRefusal(await send(operation, body, 'application/json'), before);
        },
        longestTest,
      );
    }

    for (const [what, body] of Object.entries(nothingKnown)) {
      test(`answers, and does nothing, with ${what}`, async () => {
        const before = await kept();
        const answer = await send(operation, body, 'application/json');
        expect(answer.status).toBeLessThan(500);
        expect(await kept()).toEqual(before);
      });
    }

    test('is refused beyond 32 MiB, as soon as that many have come', async () => {
      const before = await kept();
      const answer = await send(operation, tooLarge, 'application/json');
      expect([404, 413]).toContain(answer.status);
      await expectRefusal(answer, before);
    });

    test('answers the same whatever the content type says', async () => {
      const before = await kept();
      const answers = await Promise.all(
        ['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/xml', undefined].map(
          (type) => send(operation, '[7]', type),
        ),
      );
      const first = await answers[0]?.clone().text();
      for (const answer of answers) {
        expect(await answer.clone().text()).toBe(first ?? '');
        await expectRefusal(answer, before);
      }
    });
  });
}
