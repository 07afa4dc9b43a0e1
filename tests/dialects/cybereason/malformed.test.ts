import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import malformed from './malformed-start.json' with { type: 'json' };
import { openWorld, post, type World } from './world.ts';

let world: World;
let cookie: string;

beforeAll(async () => {
  world = await openWorld();
  cookie = await world.cookieOf('Investigator');
});

afterAll(() => world[Symbol.asyncDispose]());

describe('A start whose JSON is wrong gets 200, data false, FAILURE and a message that names what is wrong', () => {
  for (const { body, message } of malformed) {
    test(JSON.stringify(body), async () => {
      const answer = await world.send(post('/rest/fetchfile/start', cookie, body));
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ data: false, status: 'FAILURE', message });
    });
  }

  test('also when the body is no JSON at all, with 400', async () => {
    for (const text of ['', '{', 'elementGuids=1.2', '['.repeat(100_000), '{"elementGuids":[NaN]}']) {
      const answer = await world.send({ ...post('/rest/fetchfile/start', cookie, {}), body: text });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ data: false, status: 'FAILURE' });
    }
  });

  test('a body beyond 32 MiB gets 413', async () => {
    const answer = await world.send({ ...post('/rest/fetchfile/start', cookie, {}), body: ' '.repeat(2 ** 25 + 1) });
    expect(answer.status).toBe(413);
  });
});

describe('A member that cannot be text is no failure of the server', () => {
  const untold = { toString: null, length: { valueOf: null } };
  for (const path of ['/rest/sensors/query', '/rest/malware/query']) {
    test(path, async () => {
      const body = { sortDirection: untold, sortingFieldName: untold, limit: untold, offset: untold, filters: untold };
      for (const [key, value] of Object.entries(body)) {
        const answer = await world.send(post(path, cookie, { [key]: value }));
        expect([key, answer.status < 500]).toEqual([key, true]);
      }
    });
  }
});

const words = fc.constantFrom(
  'queryPath requestedType filters facetName values filterType guidList isResult result connectionFeature featureName',
  'elementGuids initiatorUserName totalResultLimit perGroupLimit customFields File Machine __proto__ toString',
);
const word = fc.oneof(
  words.chain((line) => fc.constantFrom(...line.split(' '))),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(word, fc.double(), fc.boolean(), fc.constant(null), fc.bigInt().map(String)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(word, tie('value'), { maxKeys: 4 }),
  ),
})).value;
const filter = fc.record(
  {
    facetName: fc.constantFrom(
      'elementDisplayName',
      'size',
      'ownerMachine',
      'ownerMachine.osType',
      'isSigned',
      'sha1String',
    ),
    values: fc.oneof(fc.array(fc.oneof(word, fc.double(), fc.boolean())), json),
    filterType: fc.constantFrom('Equals', 'MatchesWildcard', 'Between', 'GreaterThan', 'NotEquals', 'toString', null),
  },
  { requiredKeys: ['facetName', 'values'] },
);
const element = fc.record(
  {
    requestedType: fc.oneof(fc.constantFrom('File', 'Machine', 'User', 'constructor'), json),
    filters: fc.oneof(fc.array(filter, { maxLength: 3 }), json),
    guidList: fc.oneof(fc.array(fc.constantFrom('1.2', 'Q127xRCi55eyTiwX', 'x')), json),
    isResult: json,
    connectionFeature: fc.oneof(fc.constant({ featureName: 'ownerMachine' }), json),
  },
  { requiredKeys: ['requestedType'] },
);
const query = fc.record(
  { queryPath: fc.array(element, { maxLength: 3 }), totalResultLimit: json, customFields: json },
  {},
);

describe('No JSON body makes the server fail', () => {
  test('nor one with an object whose length cannot be counted', async () => {
    const customFields = { length: { toString: '0' } };
    const answer = await world.send(
      post('/rest/visualsearch/query/simple', cookie, { queryPath: [{ requestedType: 'File' }], customFields }),
    );
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ status: 'FAILURE', message: expect.stringContaining('customFields') });
  });

  const calls: readonly (readonly [string, fc.Arbitrary<unknown>])[] = [
    ['/rest/fetchfile/start', json],
    ['/rest/fetchfile/start', fc.record({ elementGuids: fc.oneof(fc.array(json), json), initiatorUserName: json })],
    ['/rest/visualsearch/query/simple', json],
    ['/rest/visualsearch/query/simple', query],
  ];
  for (const [index, [path, bodies]] of calls.entries()) {
    test(`${index}: ${path}`, async () => {
      await fc.assert(
        fc.asyncProperty(bodies, async (body) => {
          const answer = await world.send(post(path, cookie, body));
          const { status, message } = (await answer.json()) as { readonly status: string; readonly message: string };
          expect(path.includes('query') ? [200, 400] : [200]).toContain(answer.status);
          expect(['SUCCESS', 'FAILURE', 'QUERY_LIMIT_CROSSED', 'PARTIAL_SUCCESS']).toContain(status);
          expect(status === 'SUCCESS' || message !== '').toBe(true);
        }),
        { numRuns: 150 },
      );
    });
  }
});
