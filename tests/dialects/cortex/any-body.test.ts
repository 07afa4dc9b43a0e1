import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Json } from '#core/custody/event.ts';
import { badHash, badPath, type CortexWorld, openWorld, quarantineFields } from './world.ts';

let world: CortexWorld;
let headers: Readonly<Record<string, string>>;

beforeAll(async () => {
  world = await openWorld();
  headers = await world.key('Instance Administrator');
  await world.call('endpoints/quarantine', quarantineFields(world.web, world.mac));
  await world.work();
});

afterAll(() => world[Symbol.asyncDispose]());

const calls = [
  'endpoints/restore',
  'endpoints/quarantine',
  'quarantine/status',
  'actions/get_action_status',
  'endpoints/get_endpoints',
  'endpoints/get_endpoint',
  'endpoints/file_retrieval',
  'endpoints/delete',
  'endpoints/update_agent_name',
  'endpoints/get_policy',
  'tags/agents/assign',
  'tags/agents/remove',
  'actions/file_retrieval_details',
  'hash_exceptions/blocklist',
  'hash_exceptions/allowlist/remove',
  'api_keys/validate',
  'api_keys/get_api_keys',
  'api_keys/generate',
  'api_keys/delete',
  'system/get_tenant_info',
  'distributions/get_versions',
  'rbac/get_users',
  'rbac/get_roles',
  'rbac/get_user_group',
];

/** The one text of a 500 that stands for a mistake of ours. */
const unhandled = 'The server log has the details.';

const known = ['file_hash', 'endpoint_id', 'incident_id', 'filters', 'file_path', 'files', 'sort', 'search_from'];
const more = [
  'hash_list',
  'search_to',
  'group_action_id',
  'field',
  'operator',
  'value',
  'keyword',
  'linux',
  'request_data',
];
const ofKeys = ['roles', 'security_level', 'expiration', 'comment', 'role_names', 'group_names'];
const words = [
  'id',
  'Viewer',
  'advanced',
  badHash,
  badPath,
  'in',
  'gte',
  'contains',
  'all',
  'hostname',
  'endpoint_id_list',
  'first_seen',
  '\0',
  '\\x00',
];

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<unknown>(...words, '/', '__proto__', -1, 1e308, 2 ** 53, null),
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...known, ...more, ...ofKeys), fc.string()), tie('value'), { maxKeys: 6 }),
  ),
}));

describe('whatever JSON comes', () => {
  for (const call of calls) {
    test(`${call} answers it, or says what is wrong`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(fc.record({ request_data: value }), value), async (body) => {
          const response = await world.send({ path: `/public_api/v1/${call}`, headers, body: JSON.stringify(body) });
          const text = await response.text();
          expect([200, 500]).toContain(response.status);
          expect(text).not.toContain(unhandled);
          expect(response.status === 500).toBe(text.includes('"err_code"'));
        }),
        { numRuns: 150 },
      );
    });
  }

  test('text that is no JSON at all is 400, or is taken for an empty body', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }).filter(isNoJson), async (body) => {
        const response = await world.send({ path: '/public_api/v1/endpoints/restore', headers, body });
        expect(response.status).toBe(400);
      }),
    );
  });
});

describe('the number of endpoints', () => {
  test('of an answered action always equals that of its statuses, and is never zero', async () => {
    const ids = [world.web.endpoint.id, world.mac.endpoint.id, '0'.repeat(32), 'a host'];
    const some = fc.array(fc.constantFrom(...ids), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(some, fc.constantFrom('quarantine', 'restore', 'file_retrieval'), async (named, verb) => {
        const fields: Json = {
          filters: [{ field: 'endpoint_id_list', operator: 'in', value: named }],
          file_path: badPath,
          file_hash: badHash,
          files: { linux: [badPath] },
          ...(verb === 'restore' && named[0] !== undefined && { endpoint_id: named[0] }),
        };
        const { status, reply, text } = await world.call(`endpoints/${verb}`, fields);
        if (status !== 200) {
          expect(text).toContain('No endpoint was found for creating the requested action');
          return;
        }
        const action = await world.call('actions/get_action_status', { group_action_id: String(reply['action_id']) });
        const count = Object.keys(action.reply['data'] as object).length;
        expect(count).toBeGreaterThan(0);
        expect(reply['endpoints_count']).toBe(String(count));
      }),
      { numRuns: 60 },
    );
  });
});

function isNoJson(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch {
    return text.trim() !== '';
  }
}
