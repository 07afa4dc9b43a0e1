import { describe, expect, test } from 'bun:test';
import { type Licence, licences } from '#core/access/licence.ts';
import { operations } from '#dialects/cortex/operations.ts';
import { operations as cybereasonOperations } from '#dialects/cybereason/operations.ts';
import { operations as nativeOperations } from '#dialects/native/operations.ts';
import { goodPath, openWorld, quarantineFields, retrievalFields } from './world.ts';

/** What answers at each licence; the reference's 2c. */
const table: readonly (readonly [Licence, { readonly quarantine: number; readonly retrieval: number }])[] = [
  ['prevent', { quarantine: 200, retrieval: 200 }],
  ['pro_per_endpoint', { quarantine: 200, retrieval: 200 }],
  ['pro_per_gb', { quarantine: 200, retrieval: 402 }],
  ['host_insights', { quarantine: 402, retrieval: 402 }],
];

/** Whoever lacks a licence must still see that, and be able to change keys. */
const needNone = [
  '/public_api/v1/api_keys/get_api_keys',
  '/public_api/v1/api_keys/generate',
  '/public_api/v1/api_keys/delete',
  '/public_api/v1/system/get_tenant_info',
];

const routes = operations.flatMap(({ method, paths, access }) =>
  paths.map((path) => ({
    call: `${method} ${path}`,
    method,
    path: path.replaceAll(/:\w+/g, '00'),
    demand: 'licence' in access ? access.licence : [],
  })),
);

describe('an installation with the one licence', () => {
  for (const [licence, expected] of table) {
    test(`${licence} answers ${expected.quarantine} to a quarantine and ${expected.retrieval} to a retrieval`, async () => {
      await using world = await openWorld({ policy: { licences: [licence] } });
      const quarantine = await world.call('endpoints/quarantine', quarantineFields(world.web));
      const paths = { linux: [goodPath] };
      const retrieval = await world.call('endpoints/file_retrieval', retrievalFields(paths, world.web));
      expect({ quarantine: quarantine.status, retrieval: retrieval.status }).toEqual(expected);
    });
  }

  test.each(licences.map((licence) => [licence]))('%s answers 402 just where another is asked for', async (licence) => {
    await using world = await openWorld({ policy: { licences: [licence] } });
    const headers = await world.key('Instance Administrator');
    for (const { call, method, path, demand } of routes) {
      const lacks = demand.length > 0 && !demand.includes(licence);
      const answer = await world.send({ method, path, headers, ...(method !== 'GET' && { body: '{' }) });
      await answer.text();
      expect([call, answer.status === 402]).toEqual([call, lacks]);
    }
  });
});

test('without any licence every call is refused but those that need none', async () => {
  const some = operations.filter(({ access }) => 'licence' in access && access.licence.length === 0);
  expect(some.map(({ paths }) => paths[0]).toSorted()).toEqual(needNone.toSorted());
});

test('a licence is asked for before a permission, and after a key', async () => {
  await using world = await openWorld({ policy: { licences: [] } });
  const path = '/public_api/v1/endpoints/restore';
  expect((await world.send({ path, headers: await world.key('Viewer'), body: '{}' })).status).toBe(402);
  expect((await world.send({ path, headers: {}, body: '{}' })).status).toBe(401);
});

test('the refusal for want of a licence says which would do', async () => {
  await using world = await openWorld({ policy: { licences: [] } });
  const { text } = await world.call('endpoints/restore', {});
  expect(text).toBe(
    '{"reply": {"err_code": 402, "err_msg": "Unauthorized access. User does not have the required license type to run this API.", "err_extra": "This needs one of the licences prevent, pro_per_endpoint, pro_per_gb."}}',
  );
});

describe('no other API ever asks for a licence', () => {
  test.each([
    ['the native API', nativeOperations],
    ['the Cybereason API', cybereasonOperations],
  ] as const)('%s', (_, others) => {
    const asking = others.filter(({ access }) => 'licence' in access && access.licence.length > 0);
    expect(asking.map(({ paths }) => paths[0])).toEqual([]);
    expect(others.length).toBeGreaterThan(30);
  });
});
