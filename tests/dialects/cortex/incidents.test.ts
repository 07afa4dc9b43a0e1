import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import type { Json } from '#core/custody/event.ts';
import { parsePath } from '#core/file/file-path.ts';
import { incidentStatuses } from '#core/incident/incident.ts';
import { minute, second } from '#core/time.ts';
import { changeIncident } from '#core/verbs/change-incident.ts';
import { createIncident, type NewIncident } from '#core/verbs/create-incident.ts';
import { readIncident } from '#core/verbs/read-incident.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { administrator } from '#kit/fleet.ts';
import { type Answer, badHash, badPath, type CortexWorld, openWorld, quarantineFields } from './world.ts';

let world: CortexWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world[Symbol.asyncDispose]());

type Item = Readonly<Record<string, unknown>>;

interface Listed {
  readonly total_count: number;
  readonly result_count: number;
  readonly incidents: readonly Item[];
}

async function open(name: string, more: Partial<NewIncident> = {}): Promise<string> {
  const { incident } = await createIncident(world.ports, {
    ...{ origin: { principal: administrator, dialect: 'native' }, name, description: '', severity: 'medium' },
    ...{ endpointIds: [], files: [], processes: [], ...more },
  });
  world.ports.clock.advance(second);
  return incident.id;
}

async function listed(fields: Json): Promise<Listed> {
  const answer = await world.call('incidents/get_incidents/', fields);
  expect(answer.status).toBe(200);
  return answer.reply as unknown as Listed;
}

const where = (field: string, operator: string, value: Json): Json => ({ filters: [{ field, operator, value }] });
const ids = ({ incidents }: Listed) => incidents.map((item) => item['incident_id']);
const update = (id: string | number, data: Json): Promise<Answer> =>
  world.call('incidents/update_incident/', { incident_id: id, update_data: data });
const itemOf = async (id: string): Promise<Item> =>
  (await listed(where('incident_id_list', 'in', [id]))).incidents[0] ?? {};

describe('get_incidents', () => {
  let first: string;
  let second_: string;
  let before: number;

  beforeAll(async () => {
    before = world.ports.clock.now();
    first = await open('first evil', { endpointIds: [world.web.endpoint.id, world.mac.endpoint.id] });
    second_ = await open('second', { description: 'Ransom & <b>more</b>', severity: 'critical' });
    await changeIncident(world.ports, administrator, { incident: second_, changes: { starred: true } });
  });

  test('tells an incident whole: ids as text, hosts with their endpoints', async () => {
    const item = await itemOf(first);
    expect(item).toEqual(
      expect.objectContaining({
        ...{ incident_id: first, incident_name: 'first evil', description: 'first evil', status: 'new' },
        ...{ creation_time: before, modification_time: before, severity: 'medium', manual_severity: null },
        ...{ assigned_user_mail: null, assigned_user_pretty_name: null, resolve_comment: null, starred: false },
        ...{ host_count: 2, user_count: 0, alert_count: 0, low_severity_alert_count: 0, incident_sources: [] },
        hosts: [`web-1:${world.web.endpoint.id}`, `mac-1:${world.mac.endpoint.id}`],
        xdr_url: `https://custody.test:8443/incident-view/${first}`,
      }),
    );
  });

  test('answers the test of the connection, and whatever else asks for nothing', async () => {
    const test_ = { ...(where('creation_time', 'lte', before - minute) as object), search_from: 0, search_to: 1 };
    expect(await listed(test_ as Json)).toEqual({ total_count: 0, result_count: 0, incidents: [] });
    const bare = await world.send({
      path: '/public_api/v1/incidents/get_incidents',
      headers: await world.key('Viewer'),
    });
    expect(bare.status).toBe(200);
    expect(await bare.json()).toMatchObject({ reply: { total_count: 2 } });
  });

  test('narrows by every field and operator', async () => {
    const found = async (field: string, operator: string, value: Json) =>
      ids(await listed(where(field, operator, value)));
    expect(await found('incident_id_list', 'in', [Number(first), second_, 'x'])).toEqual([second_, first]);
    expect(await found('incident_id', 'eq', Number(first))).toEqual([first]);
    expect(await found('description', 'in', ['first evil'])).toEqual([first]);
    expect(await found('description', 'contains', 'ransom')).toEqual([second_]);
    expect(await found('status', 'eq', 'new')).toEqual([second_, first]);
    expect(await found('status', 'neq', 'NEW')).toEqual([]);
    expect(await found('starred', 'eq', true)).toEqual([second_]);
    expect(await found('starred', 'eq', false)).toEqual([first]);
    expect(await found('creation_time', 'gte', before + 1)).toEqual([second_]);
    expect(await found('creation_time', 'lte', String(before))).toEqual([first]);
    expect(await found('modification_time', 'gte', before + 2 * second)).toEqual([second_]);
    expect(await found('alert_sources', 'in', ['XDR Agent'])).toEqual([]);
    const both = [
      { field: 'starred', operator: 'eq', value: true },
      { field: 'starred', operator: 'eq', value: false },
    ];
    expect(ids(await listed({ filters: both }))).toEqual([]);
  });

  test('sorts and pages; the total counts without the page', async () => {
    expect(ids(await listed({ sort: { field: 'creation_time', keyword: 'asc' } }))).toEqual([first, second_]);
    expect(ids(await listed({ sort: { field: 'modification_time', keyword: 'DESC' } }))).toEqual([second_, first]);
    expect(ids(await listed({ sort: { field: 'incident_id', keyword: 'asc' } }))).toEqual([first, second_]);
    expect(await listed({ search_from: 1, search_to: 2 })).toMatchObject({ total_count: 2, result_count: 1 });
    expect(await listed({ search_from: 7, search_to: 2 })).toMatchObject({ total_count: 2, result_count: 0 });
  });

  test.each<readonly [Json, string]>([
    [where('owner', 'in', ['x']), 'owner'],
    [where('status', 'eq', 'closed'), 'resolved_other'],
    [where('starred', 'eq', 'yes'), 'true or false'],
    [where('creation_time', 'contains', 1), 'gte'],
    [where('incident_id_list', 'in', [{}]), 'digits'],
    [{ sort: { field: 'severity' } }, 'sort.field'],
  ])('refuses %j by name', async (fields, words) => {
    const answer = await world.call('incidents/get_incidents', fields);
    expect(answer).toMatchObject({ status: 500, reply: { err_extra: expect.stringContaining(words) } });
  });
});

describe('update_incident', () => {
  test('changes what is given, and nothing else; a mirror sees it by the time of change', async () => {
    const id = await open('to be handled');
    const created = (await itemOf(id))['modification_time'];
    const answer = await update(Number(id), {
      assigned_user_mail: 'Ana@example.com',
      assigned_user_pretty_name: 'Ana',
      manual_severity: 'HIGH',
      status: 'RESOLVED_THREAT_HANDLED',
      resolve_comment: 'Cleaned.',
      comment: { comment_action: 'add', value: 'done & dusted' },
      unknown: 1,
    });
    expect(answer.text).toBe('{"reply": true}');
    const changed = await itemOf(id);
    expect(changed).toEqual(
      expect.objectContaining({
        ...{ assigned_user_mail: 'Ana@example.com', manual_severity: 'high', severity: 'medium' },
        ...{ status: 'resolved_true_positive', resolve_comment: 'Cleaned.', resolved_timestamp: expect.any(Number) },
      }),
    );
    expect(Number(changed['modification_time'])).toBeGreaterThan(Number(created));
    await update(id, { assigned_user_mail: 'none', manual_severity: '', status: null });
    expect(await itemOf(id)).toMatchObject({
      ...{ assigned_user_mail: null, manual_severity: null, status: 'resolved_true_positive' },
    });
  });

  test.each([
    ['new', 'new'],
    ['under_investigation', 'under_investigation'],
    ['resolved_known_issue', 'resolved_known_issue'],
    ['resolved_duplicate', 'resolved_duplicate'],
    ['resolved_false_positive', 'resolved_false_positive'],
    ['resolved_true_positive', 'resolved_true_positive'],
    ['resolved_security_testing', 'resolved_security_testing'],
    ['resolved_other', 'resolved_other'],
    ['resolved_threat_handled', 'resolved_true_positive'],
    ['RESOLVED_DUPLICATE_INCIDENT', 'resolved_duplicate'],
    ['resolved_auto_resolve', 'resolved_other'],
  ])('takes the status %s', async (word, shown) => {
    const id = await open(`to become ${word}`);
    expect((await update(id, { status: word })).status).toBe(200);
    expect(await itemOf(id)).toMatchObject({ status: shown });
  });

  test('every status has a word, and hearing that word again changes nothing', async () => {
    for (const status of incidentStatuses) {
      const id = await open(`is ${status}`);
      await changeIncident(world.ports, administrator, { incident: id, changes: { status } });
      const item = await itemOf(id);
      expect(ids(await listed(where('status', 'eq', String(item['status']))))).toContain(id);
      await update(id, { status: String(item['status']) });
      expect((await readIncident(world.ports, id)).incident.status).toBe(status);
    }
  });

  test('a comment alone counts as a change', async () => {
    const id = await open('to be commented on');
    const since = world.ports.clock.now();
    await update(id, { comment: { comment_action: 'add', value: 'seen' } });
    expect(ids(await listed(where('modification_time', 'gte', since)))).toContain(id);
  });

  test.each<readonly [Json, string]>([
    [{ status: 'closed' }, 'update_data.status'],
    [{ manual_severity: 'worst' }, 'update_data.manual_severity'],
    [{ assigned_user_mail: 'ana' }, 'update_data.assigned_user_mail'],
    [{ comment: { comment_action: 'delete', value: 'x' } }, 'comment_action'],
    [{ comment: { comment_action: 'add', value: ' ' } }, 'comment'],
    [{ resolve_comment: 'x'.repeat(20_000) }, 'resolveComment'],
    ['x', 'update_data'],
  ])('refuses %.60j whole', async (data, words) => {
    const id = await open('to stay as it is');
    const both = typeof data === 'object' ? { assigned_user_mail: 'ben@example.com', ...(data as object) } : data;
    const answer = await update(id, both as Json);
    expect(answer).toMatchObject({ status: 500, reply: { err_extra: expect.stringContaining(words) } });
    expect(await itemOf(id)).toMatchObject({ assigned_user_mail: null });
  });

  test('there is nothing to update where there is no incident, and nobody may who may only look', async () => {
    expect((await update('7', { status: 'new' })).reply['err_msg']).toBe(
      'An error occurred while processing XDR public API - incident management - update_incident - Incident not found',
    );
    const fields = { incident_id: '7', update_data: {} };
    expect((await world.call('incidents/update_incident', fields, await world.key('Viewer'))).status).toBe(403);
  });
});

describe('get_incident_extra_data', () => {
  const extra = (fields: Json, headers?: Readonly<Record<string, string>>) =>
    world.call('incidents/get_incident_extra_data/', fields, headers);

  beforeEach(() => {
    world.ports.clock.advance(minute);
  });

  test('tells the files, the programs and the comments of an incident', async () => {
    const file = { endpointId: world.web.endpoint.id, path: parsePath(badPath), sha256: badHash };
    const id = await open('whole', { files: [file], processes: [{ ...file, pid: 7, userName: 'root' }] });
    await update(id, { comment: { comment_action: 'add', value: 'first' } });
    world.ports.clock.advance(second);
    await update(id, { comment: { comment_action: 'add', value: 'second' } });
    const { reply } = await extra({ incident_id: Number(id), alerts_limit: 1_000 });
    expect(reply['incident']).toEqual(
      expect.objectContaining({
        ...{ incident_id: id, users: ['root'], user_count: 1 },
        comments: ['first', 'second'].map((value) =>
          expect.objectContaining({ value, created_by: 'a Responder', created_time: expect.any(Number) }),
        ),
      }),
    );
    expect(reply['alerts']).toEqual({ total_count: 0, data: [] });
    expect(reply['network_artifacts']).toEqual({ total_count: 0, data: [] });
    expect(reply['file_artifacts']).toMatchObject({
      total_count: 1,
      data: [{ type: 'HASH', file_name: 'bad.bin', file_sha256: badHash, is_process: true, is_malicious: false }],
    });
  });

  test('says exactly that there is no such incident', async () => {
    for (const id of ['12', 12, 'abc', '9'.repeat(40), '1.5']) {
      expect(await extra({ incident_id: id })).toMatchObject({
        status: 500,
        text: '{"reply": {"err_code": 500, "err_msg": "An error occurred while processing XDR public API - incident management - get_incident_extra_data - Incident not found", "err_extra": "Incident not found"}}',
      });
    }
  });

  test('answers ten requests a minute of one key, and refuses the eleventh in the vendor envelope', async () => {
    const id = await open('asked for often');
    const [greedy, other] = [await world.key('Viewer'), await world.key('Viewer')];
    for (let count = 0; count < 10; count += 1) {
      expect((await extra({ incident_id: id }, greedy)).status).toBe(200);
      world.ports.clock.advance(second);
    }
    const refused = await extra({ incident_id: id }, greedy);
    expect(refused.status).toBe(429);
    expect(refused.reply).toEqual({
      err_code: 429,
      err_msg: 'An error occurred while processing XDR public API',
      err_extra: 'get_incident_extra_data answers at most 10 requests a minute: try again in 50 seconds.',
    });
    expect((await extra({ incident_id: id }, other)).status).toBe(200);
    world.ports.clock.advance(50 * second);
    expect((await extra({ incident_id: id }, greedy)).status).toBe(200);
    expect((await extra({ incident_id: id }, greedy)).status).toBe(429);
  });
});

test('what is ordered for an incident stands on its timeline', async () => {
  const id = await open('to be answered');
  await world.call('endpoints/quarantine', { ...quarantineFields(world.web), incident_id: Number(id) });
  await world.work();
  const native = createNativeDialect(world.ports);
  const url = `https://custody.test/api/v1/incidents/${id}/timeline`;
  const response = await native.handle(new Request(url), { remoteAddress: '192.0.2.1', local: true });
  const { items } = (await response.json()) as { items: readonly { type: string; facts: Item }[] };
  expect(items.map(({ type }) => type)).toEqual(['incident_created', 'action_started', 'tasks_sent', 'task_finished']);
  expect(items[1]?.facts).toMatchObject({ verb: 'quarantine', incidentId: id, dialect: 'cortex' });
});
