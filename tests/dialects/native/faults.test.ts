import { expect, test } from 'bun:test';
import { Fault, faultCodes } from '#core/fault.ts';
import { faultRenderings, renderFault } from '#dialects/native/faults.ts';
import { problem, problemMediaType } from '#dialects/native/schemas/problem.ts';
import { type Asking, openNative } from './world.ts';

const sha256 = 'a'.repeat(64);
const endpointIds = ['0'.repeat(32)];

const table: readonly (readonly [what: string, path: string, asking: Asking, status: number, details: object])[] = [
  ['no JSON', '/files/search', { method: 'POST', body: '{' }, 400, { code: 'invalid_json' }],
  [
    'a wrong type',
    '/files/search',
    { method: 'POST', body: { limit: 'many' } },
    400,
    { details: { in: 'body', field: 'limit' } },
  ],
  [
    'an object whose length cannot be counted',
    '/actions/fetch',
    { method: 'POST', body: { guids: { length: { toString: '0' } } } },
    400,
    { code: 'invalid_request', details: { in: 'body', field: 'guids' } },
  ],
  ['an unknown field', '/files/search', { method: 'POST', body: { lmit: 3 } }, 400, { code: 'invalid_request' }],
  [
    'a hash that is none',
    '/actions/restore',
    { method: 'POST', body: { sha256: 'zz' } },
    400,
    { details: { in: 'body', field: 'sha256' } },
  ],
  ['a wrong query value', '/endpoints?presence=asleep', {}, 400, { details: { in: 'query', field: 'presence.0' } }],
  ['an unknown query name', '/endpoints?colour=red', {}, 400, { code: 'invalid_request' }],
  ['an id that is none', '/endpoints/xyz', {}, 400, { details: { in: 'path', field: 'endpointId' } }],
  ['an unknown endpoint', `/endpoints/${'0'.repeat(32)}`, {}, 404, { code: 'not_found' }],
  ['an unknown file', '/files/1234567890.1', {}, 404, { code: 'not_found' }],
  ['an unknown action', '/actions/1', {}, 404, { code: 'not_found' }],
  ['an unknown path', '/nothing', {}, 404, { details: { what: 'path' } }],
  ['no known GUID', '/actions/fetch', { method: 'POST', body: { guids: ['1.1'] } }, 422, { code: 'no_target' }],
  [
    'too many GUIDs',
    '/actions/fetch',
    { method: 'POST', body: { guids: ['1.1', '1.2', '1.3'] } },
    422,
    { code: 'limit_exceeded' },
  ],
  [
    'too many paths',
    '/actions/retrieve',
    { method: 'POST', body: { endpointIds, paths: ['/a', '/b', '/c'] } },
    422,
    { code: 'limit_exceeded', details: { limit: 2, asked: 3 } },
  ],
  [
    'no known endpoint',
    '/actions/quarantine',
    { method: 'POST', body: { endpointIds, path: '/a', sha256 } },
    422,
    { code: 'no_target' },
  ],
  [
    'a short password',
    '/users',
    { method: 'POST', body: { email: 'a@example.org', password: 'short', role: 'Viewer' } },
    400,
    { details: { field: 'password' } },
  ],
  [
    'a body over 1 MiB',
    '/files/search',
    { method: 'POST', body: `"${'x'.repeat(1024 * 1024)}"` },
    413,
    { code: 'too_large' },
  ],
];

test.each(table)('%s gets its answer', async (...row) => {
  const [, path, asking, status, expected] = row;
  await using world = await openNative({ policy: { batchLimit: 2 } });
  const response = await world.ask(path, asking);
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe(problemMediaType);
  const body = await response.json();
  expect(problem.safeParse(body).error).toBeUndefined();
  expect(body).toMatchObject({ status, ...expected });
});

test('a taken address is a conflict', async () => {
  await using world = await openNative();
  const asking = { method: 'POST', body: { email: 'a@example.org', password: 'long enough now', role: 'Viewer' } };
  expect((await world.ask('/users', asking)).status).toBe(201);
  expect((await world.ask('/users', asking)).status).toBe(409);
});

test('without evidence storage nothing is fetched, and the server says so', async () => {
  await using world = await openNative({ evidence: 'off' });
  const response = await world.ask('/actions/fetch', { method: 'POST', body: { guids: ['1.1'] } });
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ code: 'evidence_unavailable' });
  const server = await world.ask('/server');
  expect(await server.json()).toMatchObject({ evidence: { state: 'off' } });
});

test('every fault of the closed list becomes problem details with its own status', async () => {
  for (const code of faultCodes) {
    const response = renderFault(new Fault(code, 'What is wrong.', { details: { field: 'x' } }));
    expect(response.status).toBe(faultRenderings[code].status);
    expect(await response.json()).toEqual({
      type: `urn:custody:fault:${code}`,
      title: faultRenderings[code].title,
      status: faultRenderings[code].status,
      detail: 'What is wrong.',
      code,
      details: { field: 'x' },
    });
  }
});
