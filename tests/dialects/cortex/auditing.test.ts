import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Json } from '#core/custody/event.ts';
import { eventTypes } from '#core/custody/event.ts';
import { minute } from '#core/time.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { logIn } from '#core/verbs/log-in.ts';
import { agentKinds } from '#dialects/cortex/audit/agent-kinds.ts';
import { managementKinds } from '#dialects/cortex/audit/management-kinds.ts';
import { administrator } from '#kit/fleet.ts';
import { badHash, badPath, type CortexWorld, openWorld, quarantineFields } from './world.ts';

let world: CortexWorld;
let auditor: Readonly<Record<string, string>>;
let before: number;
let after: number;

interface Log {
  readonly total_count: number;
  readonly result_count: number;
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

async function logOf(call: string, fields: Json): Promise<Log> {
  const { status, reply, text } = await world.call(call, fields, auditor);
  expect(text).toStartWith('{"reply": {"total_count"');
  expect(status).toBe(200);
  return reply as unknown as Log;
}

const management = (fields: Json) => logOf('audits/management_logs', fields);
const reports = (fields: Json) => logOf('audits/agents_reports/', fields);
const where = (field: string, operator: string, value: Json): Json => ({ filters: [{ field, operator, value }] });

beforeAll(async () => {
  world = await openWorld();
  auditor = await world.key('Privileged Investigator');
  before = world.ports.clock.now();
  world.ports.clock.advance(minute);
  await world.call('endpoints/quarantine', { ...quarantineFields(world.web, world.mac), incident_id: 77 });
  world.mac.disk.delete(badPath);
  await world.work();
  const address = { remoteAddress: '198.51.100.7', dialect: 'native' } as const;
  const wrong = { email: 'Eve@example.com', password: 'no', ...address };
  await logIn(world.ports, wrong).catch(() => undefined);
  world.ports.clock.advance(minute);
  after = world.ports.clock.now();
  const name = 'not found </script> "invalid" \u202e\n\ufffd';
  await createIncident(world.ports, {
    ...{ origin: { principal: { ...administrator, kind: 'user', name }, dialect: 'native' }, name, description: '' },
    ...{ severity: 'low', endpointIds: [], files: [], processes: [] },
  });
});

afterAll(() => world[Symbol.asyncDispose]());

describe('the management log', () => {
  test('tells of an order who gave it, what it was and for which incident', async () => {
    const { total_count, result_count, data } = await management(where('sub_type', 'in', ['quarantine file']));
    expect({ total_count, result_count }).toEqual({ total_count: 1, result_count: 1 });
    expect(data[0]).toMatchObject({
      AUDIT_OWNER_NAME: 'a Responder',
      AUDIT_OWNER_EMAIL: '',
      AUDIT_RESULT: 'SUCCESS',
      AUDIT_ENTITY: 'RESPONSE',
      AUDIT_ENTITY_SUBTYPE: 'Quarantine File',
      AUDIT_CASE_ID: 77,
      AUDIT_INSERT_TIME: before + minute,
      AUDIT_SEVERITY: 'SEV_030_MEDIUM',
      AUDIT_ADDITIONAL_INFORMATION: { endpoint_names: [], endpoint_count: 2 },
    });
    const asset = data[0]?.['AUDIT_ASSET_JSON'];
    expect(JSON.parse(String(asset))).toMatchObject({ verb: 'quarantine', endpointsCount: 2 });
  });

  test.each<readonly [readonly [string, string, Json], readonly string[]]>([
    [['email', 'in', ['EVE@example.com']], ['Login']],
    [['result', 'in', ['FAIL']], ['Login']],
    [['result', 'neq', 'success'], ['Login']],
    [['type', 'IN', 'auth'], ['Login']],
    [['type', 'in', ['INCIDENT_MANAGEMENT', 'no such']], ['Create Incident']],
    [['type', 'in', ['no such']], []],
  ])('is narrowed by %j', async ([field, operator, value], expected) => {
    const { data, total_count } = await management(where(field, operator, value));
    expect(data.map((line) => line['AUDIT_ENTITY_SUBTYPE'])).toEqual([...expected]);
    expect(total_count).toBe(expected.length);
  });

  test('is narrowed by time at both ends, and by all filters together', async () => {
    const since = { field: 'timestamp', operator: 'gte', value: before + minute };
    const until = { field: 'timestamp', operator: 'lte', value: after - 1 };
    const { data } = await management({ filters: [since, until] });
    expect(data.map((line) => line['AUDIT_ENTITY_SUBTYPE'])).toEqual(['Login', 'Quarantine File']);
    const response = { field: 'type', operator: 'in', value: ['RESPONSE'] };
    expect(await management({ filters: [since, until, response] })).toMatchObject({ total_count: 1 });
  });

  test('is sorted by each of its fields, and paged: the total counts without the page', async () => {
    const all = await management({ search_from: 0, search_to: 100 });
    const times = all.data.map((line) => Number(line['AUDIT_INSERT_TIME']));
    expect(times).toEqual([...times].sort((one, other) => other - one));
    for (const [field, key] of [
      ['type', 'AUDIT_ENTITY'],
      ['sub_type', 'AUDIT_ENTITY_SUBTYPE'],
      ['result', 'AUDIT_RESULT'],
      ['timestamp', 'AUDIT_INSERT_TIME'],
    ] as const) {
      for (const keyword of ['ASC', 'desc']) {
        const { data } = await management({ sort: { field, keyword } });
        const values = data.map((line) => line[key] as string);
        const ascending = [...values].sort((one, other) => (one < other ? -1 : 1));
        expect(values).toEqual(keyword === 'ASC' ? ascending : ascending.reverse());
      }
    }
    const page = await management({ search_from: 1, search_to: 3 });
    expect(page).toMatchObject({ total_count: all.total_count, result_count: 2 });
    expect(page.data).toEqual(all.data.slice(1, 3));
    expect(await management({ search_from: 5_000, search_to: 10 })).toMatchObject({ result_count: 0, data: [] });
  });

  test('keeps hostile names as they are, and no word that a client takes for a failure', async () => {
    const { text } = await world.call('audits/management_logs', where('type', 'in', 'INCIDENT_MANAGEMENT'), auditor);
    expect(text).not.toMatch(/invalid|not found/i);
    expect(JSON.parse(text).reply.data[0].AUDIT_OWNER_NAME).toContain('not found </script> "invalid"');
  });

  test('is for auditors, and refuses what it cannot answer by name', async () => {
    expect((await world.call('audits/management_logs', {})).status).toBe(403);
    for (const [fields, words] of [
      [where('owner', 'in', ['x']), 'owner'],
      [where('timestamp', 'in', [1]), 'gte'],
      [where('timestamp', 'gte', 'yesterday'), 'milliseconds'],
      [where('type', 'contains', ['x']), 'contains'],
      [{ sort: { field: 'owner' } }, 'sort.field'],
    ] as const) {
      const answer = await world.call('audits/management_logs', fields, auditor);
      expect(answer).toMatchObject({ status: 500, reply: { err_extra: expect.stringContaining(words) } });
    }
  });
});

describe('the reports of agents', () => {
  test('tell how orders ended on each endpoint, and why one did not succeed', async () => {
    const { data } = await reports(where('type', 'in', ['Action']));
    const byName = new Map(data.map((line) => [line['ENDPOINTNAME'], line]));
    expect(byName.get('web-1')).toMatchObject({
      ENDPOINTID: world.web.endpoint.id,
      CATEGORY: 'Audit',
      SUBTYPE: 'Quarantine File',
      RESULT: 'Success',
      REASON: null,
      TRAPSVERSION: '0.1.0',
      DESCRIPTION: expect.stringContaining(badPath),
    });
    expect(byName.get('mac-1')).toMatchObject({
      RESULT: 'Fail',
      REASON: 'There is no such file on the endpoint.',
      DESCRIPTION: expect.stringContaining(badPath),
    });
    expect(data.find((line) => String(line['DESCRIPTION']).includes(badHash))).toBeUndefined();
  });

  test.each<readonly [readonly [string, string, Json | (() => Json)], number]>([
    [['result', 'in', ['Fail']], 1],
    [['result', 'in', ['success']], 3],
    [['result', 'eq', 'N/A'], 2],
    [['result', 'in', ['Success', 'Fail', 'N/A']], 6],
    [['result', 'in', ['Partial']], 0],
    [['type', 'in', ['Installation']], 2],
    [['sub_type', 'in', ['Connected', 'Install']], 4],
    [['category', 'in', ['status']], 4],
    [['category', 'eq', 'AUDIT'], 2],
    [['endpoint_name', 'in', ['WEB-1']], 3],
    [['endpoint_id', 'in', () => [world.mac.endpoint.id.toUpperCase()]], 3],
    [['endpoint_id', 'in', ['no id']], 0],
    [['domain', 'in', ['']], 6],
    [['domain', 'in', ['corp']], 0],
    [['xdr_version', 'in', ['0.1.0']], 6],
    [['trapsversion', 'in', ['9']], 0],
    [['timestamp', 'gte', () => before + 1], 2],
    [['timestamp', 'lte', () => before], 4],
  ])('are narrowed by %j', async ([field, operator, value], expected) => {
    const asked = typeof value === 'function' ? value() : value;
    const { data, total_count } = await reports(where(field, operator, asked));
    expect({ total: total_count, shown: data.length }).toEqual({ total: expected, shown: expected });
  });

  test('are sorted by each of their fields, and paged', async () => {
    for (const [field, key] of [
      ['type', 'TYPE'],
      ['category', 'CATEGORY'],
      ['trapsversion', 'TRAPSVERSION'],
      ['timestamp', 'TIMESTAMP'],
      ['domain', 'DOMAIN'],
    ] as const) {
      const { data } = await reports({ sort: { field, keyword: 'asc' } });
      const values = data.map((line) => line[key] as string);
      const pairs = values.slice(1).map((value, index) => [values[index] ?? value, value] as const);
      expect(pairs.every(([one, next]) => one <= next)).toBe(true);
    }
    expect(await reports({ search_from: 4, search_to: 5 })).toMatchObject({ total_count: 6, result_count: 1 });
  });
});

test('every event is told by one log, by both, or is an inner step of an order', () => {
  const told = new Set([...managementKinds, ...agentKinds].map(({ kind }) => kind.type));
  expect(eventTypes.filter((type) => !told.has(type))).toEqual(['tasks_sent', 'evidence_opened']);
});
