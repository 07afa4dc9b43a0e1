import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { parsePath } from '#core/file/file-path.ts';
import { compactGuid, incidentGuid } from '#core/file/guid.ts';
import { type Incident, incidentStatuses } from '#core/incident/incident.ts';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type { Policy } from '#core/ports/policy.ts';
import { commentOnIncident } from '#core/verbs/comment-on-incident.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { factsAsked } from '#dialects/cybereason/query/malop-conditions.ts';
import type { QueryFilter } from '#dialects/cybereason/query/query-request.ts';
import { administrator, sha256Of } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';
import { openWorld, post, texts, type World } from './world.ts';

const calc = '/srv/calc.bin';

describe('A year of MalOps', () => {
  const count = 10_001;
  const began = 1_700_000_000_000;
  let world: World;
  let cookie: string;

  beforeAll(async () => {
    world = await openWorld();
    cookie = await world.cookieOf('Viewer');
    await world.ports.store.transact(async ({ incidents }) => {
      for (let number = 1; number <= count; number += 1) {
        await incidents.insert(incidentAt(String(number), began + number * 1_000), []);
      }
    });
  }, 60_000);

  afterAll(() => world[Symbol.asyncDispose]());

  const ask = (path: string, body: object) => world.send(post(path, cookie, body));

  test('is more than the inbox shows at once, and it says so instead of losing some', async () => {
    const all = await ask('/rest/detection/inbox', { startTime: 0, endTime: began * 2 });
    expect(all.status).toBe(400);
    expect(await all.json()).toMatchObject({
      status: 'QUERY_LIMIT_CROSSED',
      message: expect.stringContaining('narrow'),
    });
    const some = await ask('/rest/detection/inbox', { startTime: began + 9_999_000, endTime: began * 2 });
    const { malops } = (await some.json()) as { readonly malops: readonly { readonly displayName: string }[] };
    expect(malops.map(({ displayName }) => displayName)).toEqual(['10001', '10000', '9999']);
  });

  test('does not keep a client from the newest, which it asks for by their time', async () => {
    for (const facetName of ['creationTime', 'malopLastUpdateTime']) {
      const filters = [{ facetName, values: [began + 9_999_000.5], filterType: 'GreaterThan' }];
      const queryPath = [{ requestedType: 'MalopProcess', filters, result: true }];
      const answer = await (await ask('/rest/crimes/unified', { queryPath, totalResultLimit: 10_000 })).json();
      expect(answer).toMatchObject({ status: 'SUCCESS', data: { totalResults: 2 } });
    }
  });

  test('is read page by page in the order of its changes', async () => {
    const seen: string[] = [];
    for (let offset = 0; offset < count; offset += 1_000) {
      const answer = await ask('/rest/mmng/v2/malops', {
        ...{ range: { from: 0, to: began * 2 }, pagination: { pageSize: 5_000, offset } },
        sort: [{ field: 'LastUpdateTime', order: 'asc' }],
      });
      const { data } = (await answer.json()) as {
        readonly data: { readonly totalHits: number; readonly data: readonly { readonly displayName: string }[] };
      };
      expect(data.totalHits).toBe(count);
      seen.push(...data.data.map(({ displayName }) => displayName));
    }
    expect(seen).toEqual(Array.from({ length: count }, (_, index) => String(index + 1)));
  });
});

function incidentAt(name: string, at: number): Incident {
  const id = name as IncidentId;
  return {
    ...{ id, guid: incidentGuid(id), name, description: '', severity: 'low', status: 'new', assignedTo: null },
    ...{ createdBy: { kind: 'key', id: '1', name: 'siem' }, dialect: 'native', externalId: null },
    ...{ createdAt: at, updatedAt: at, resolvedAt: null },
    ...{ manualSeverity: null, starred: false, resolveComment: '' },
  };
}

describe('What the store is asked for', () => {
  const asked = (facetName: string, operator: QueryFilter['operator'], ...values: readonly (string | number)[]) =>
    factsAsked([{ facetName, operator, values: values.map(String) }]);

  test('is never narrower than the filter', () => {
    expect(asked('creationTime', 'GreaterThan', 10.5)).toEqual({ createdFrom: 10 });
    expect(asked('malopStartTime', 'LessOrEqualsTo', 10.5)).toEqual({ createdTo: 11 });
    expect(asked('malopLastUpdateTime', 'Between', 5, 9)).toEqual({ updatedFrom: 5, updatedTo: 9 });
    // Any of several values is enough.
    expect(asked('malopLastUpdateTime', 'GreaterThan', 9, 5)).toEqual({ updatedFrom: 5 });
    expect(asked('creationTime', 'LessThan', 9, 5)).toEqual({ createdTo: 9 });
    for (const value of ['soon', '', 'Infinity', '1e300']) {
      const { createdFrom = 0 } = asked('creationTime', 'GreaterThan', value);
      expect(createdFrom).toBe(0);
    }
    expect(asked('creationTime', undefined, 5)).toEqual({});
    expect(asked('creationTime', 'NotEquals', 5)).toEqual({});
    expect(asked('elementDisplayName', 'Equals', 'x')).toEqual({});
  });

  test('are the statuses and severities that pass, by whichever operator', () => {
    expect(asked('managementStatus', 'NotEquals', 'CLOSED', 'FP').statuses).toEqual(incidentStatuses.slice(0, 4));
    expect(asked('managementStatus', 'ContainsIgnoreCase', 'open').statuses).toEqual([
      'under_investigation',
      'reopened',
    ]);
    expect(asked('managementStatus', undefined, 'OPEN').statuses).toEqual(['under_investigation']);
    expect(asked('severity', 'Equals', 'PURPLE').severities).toEqual([]);
    const both = factsAsked([
      { facetName: 'creationTime', operator: 'GreaterThan', values: ['5'] },
      { facetName: 'creationTime', operator: 'LessThan', values: ['9'] },
      { facetName: 'malopStartTime', operator: 'GreaterOrEqualsTo', values: ['7'] },
    ]);
    expect(both).toEqual({ createdFrom: 7, createdTo: 9 });
  });
});

async function usualPolicy(): Promise<Policy> {
  await using ports = await openPorts();
  return ports.policy;
}

test('where the installation spells GUIDs compactly, no answer about MalOps has another spelling', async () => {
  const { cybereason } = await usualPolicy();
  await using world = await openWorld({ policy: { cybereason: { ...cybereason, guidSpelling: 'compact' } } });
  const cookie = await world.cookieOf('Investigator');
  const on = { endpointId: world.web.endpoint.id, path: parsePath(calc) };
  const origin = { principal: administrator, dialect: 'native' } as const;
  const { incident } = await createIncident(world.ports, {
    ...{ origin, name: 'n', description: '', severity: 'high', endpointIds: [], files: [on] },
    processes: [{ ...on, userName: 'bob' }],
  });
  await commentOnIncident(world.ports, administrator, { incident: incident.id, text: 'c' });
  const sha256 = sha256Of(new TextEncoder().encode(texts[calc] ?? ''));
  await quarantineFiles(world.ports, { origin, endpointIds: [on.endpointId], path: on.path, sha256 });
  await world.web.agent.work();
  const spelled = compactGuid(incident.guid);
  const range = { startTime: 0, endTime: 2 ** 45 };
  const answers = [
    await world.send(post('/rest/detection/inbox', cookie, range)),
    await world.send(post('/rest/detection/details', cookie, { malopGuid: spelled })),
    await world.send(post('/rest/mmng/v2/malops', cookie, { search: { malop: { guid: spelled } } })),
    await world.send({ path: `/rest/mmng/v2/malops/metadata/${spelled}`, headers: { cookie } }),
    await world.send(post('/rest/crimes/unified', cookie, { queryPath: [{ requestedType: 'MalopProcess' }] })),
    await world.send(post('/rest/malware/query', cookie, {})),
  ];
  for (const [index, answer] of answers.entries()) {
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(text).not.toMatch(/"-?\d{1,10}\.-?\d{10,19}/);
    expect(text).toContain(index === 5 ? compactGuid(world.web.guid) : spelled);
  }
});
