import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Json } from '#core/custody/event.ts';
import { second } from '#core/time.ts';
import { changeIncident } from '#core/verbs/change-incident.ts';
import { alertOfCef } from '#dialects/cortex/incidents/alert-of-cef.ts';
import { parseCef } from '#dialects/cortex/incidents/cef.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { administrator, enrolMachine } from '#kit/fleet.ts';
import { badHash, type CortexWorld, openWorld } from './world.ts';

let world: CortexWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world[Symbol.asyncDispose]());

type Item = Readonly<Record<string, unknown>>;

interface Listed {
  readonly total_count: number;
  readonly result_count: number;
  readonly alerts: readonly Item[];
}

/** As the vendor's connector for XSOAR sends it. */
const parsed = (name: string, more: object = {}): Json => ({
  product: 'VPN & Firewall-1',
  vendor: 'Check Point',
  local_ip: '198.51.100.254',
  local_port: 35_398,
  remote_ip: '203.0.113.9',
  remote_port: 0,
  event_timestamp: 1_543_270_652_000,
  severity: 'Low',
  alert_name: name,
  alert_description: 'Alert Description',
  ...more,
});

const insert = (...alerts: readonly Json[]) => world.call('alerts/insert_parsed_alerts/', { alerts });
const insertCef = (...alerts: readonly Json[]) => world.call('alerts/insert_cef_alerts/', { alerts });

async function listed(fields: Json, call = 'alerts/get_alerts_multi_events'): Promise<Listed> {
  const answer = await world.call(call, fields);
  expect([answer.status, answer.text.slice(0, 200)]).toEqual([200, expect.any(String)]);
  return answer.reply as unknown as Listed;
}

async function named(name: string): Promise<readonly Item[]> {
  const { alerts } = await listed({ search_to: 100 });
  return alerts.filter((alert) => alert['name'] === name);
}

async function incidentOf(alert: Item | undefined): Promise<Item> {
  const ids = { field: 'incident_id_list', operator: 'in', value: [String(alert?.['case_id'])] };
  const answer = await world.call('incidents/get_incidents', { filters: [ids] });
  return (answer.reply as unknown as { readonly incidents: readonly Item[] }).incidents[0] ?? {};
}

describe('insert_parsed_alerts', () => {
  test('opens an incident, which tells of the alert everywhere', async () => {
    const answer = await insert(parsed('first of its kind', { severity: 'HIGH', action_status: 'Blocked' }));
    expect([answer.status, answer.text]).toEqual([200, '{"reply": true}']);
    const [alert] = await named('first of its kind');
    expect(alert).toEqual(
      expect.objectContaining({
        ...{ alert_id: expect.stringMatching(/^\d+$/), severity: 'high', source: 'Check Point VPN & Firewall-1' },
        ...{ detection_timestamp: 1_543_270_652_000, local_insert_ts: world.ports.clock.now(), action: 'Blocked' },
        ...{ description: 'Alert Description', host_ip: ['198.51.100.254'], endpoint_id: null },
        events: [expect.objectContaining({ action_local_port: '35398', action_remote_ip: '203.0.113.9' })],
      }),
    );
    expect(await incidentOf(alert)).toEqual(
      expect.objectContaining({
        ...{ incident_name: 'first of its kind', severity: 'high', alert_count: 1, high_severity_alert_count: 1 },
        ...{ incident_sources: ['Check Point VPN & Firewall-1'], status: 'new' },
      }),
    );
    const extra = await world.call('incidents/get_incident_extra_data', { incident_id: Number(alert?.['case_id']) });
    expect(extra.reply['alerts']).toMatchObject({ total_count: 1, data: [{ name: 'first of its kind' }] });
    expect(extra.reply['network_artifacts']).toMatchObject({
      total_count: 1,
      data: [{ type: 'IP', network_remote_ip: '203.0.113.9', network_remote_port: 0 }],
    });
  });

  test('keeps an alert once that is told twice, in one call or two', async () => {
    const twice = parsed('told twice');
    expect((await insert(twice, twice)).status).toBe(200);
    expect((await insert(twice)).status).toBe(200);
    expect(await named('told twice')).toHaveLength(1);
  });

  test('puts alerts of one kind and place into one incident, which is as bad as the worst of them', async () => {
    await insert(
      parsed('again', { event_timestamp: 1 }),
      parsed('again', { event_timestamp: 2, severity: 'Critical' }),
    );
    await insert(parsed('again', { event_timestamp: 3 }), parsed('again', { local_ip: '198.51.100.7' }));
    const alerts = await named('again');
    const here = alerts.filter(({ detection_timestamp: at }) => Number(at) <= 3);
    expect(new Set(here.map((alert) => alert['case_id'])).size).toBe(1);
    expect(new Set(alerts.map((alert) => alert['case_id'])).size).toBe(2);
    expect(await incidentOf(here[0])).toMatchObject({ severity: 'critical', alert_count: 3 });
  });

  test('puts alerts about one endpoint into one incident, until that is resolved', async () => {
    const web = { local_ip: '192.0.2.10' };
    await insert(parsed('on web', web), parsed('on web too', web));
    const [[one], [other]] = [await named('on web'), await named('on web too')];
    expect(one).toMatchObject({ endpoint_id: world.web.endpoint.id, case_id: other?.['case_id'] });
    const incident = await incidentOf(one);
    expect(incident).toMatchObject({ hosts: [`web-1:${world.web.endpoint.id}`], host_count: 1, alert_count: 2 });
    const resolved = { incident: String(incident['incident_id']), changes: { status: 'resolved_other' } } as const;
    await changeIncident(world.ports, administrator, resolved);
    await insert(parsed('on web later', web));
    expect((await named('on web later'))[0]?.['case_id']).not.toBe(one?.['case_id']);
  });

  test('names no endpoint where two have the address', async () => {
    await using other = await openWorld();
    const address = '192.0.2.20';
    await enrolMachine(other.ports, { hostName: 'twin', addresses: [address] });
    await other.call('alerts/insert_parsed_alerts', { alerts: [parsed('somewhere', { local_ip: address })] });
    const { reply } = await other.call('alerts/get_alerts', {});
    expect(reply['alerts']).toMatchObject([{ name: 'somewhere', endpoint_id: null }]);
  });
});

describe('insert_parsed_alerts of what is no alert', () => {
  test.each<readonly [string, Json, string]>([
    ['no alerts', {}, 'Missing required param: `alerts`'],
    ['none', { alerts: [] }, 'alerts: must hold an alert'],
    ['no object', { alerts: ['x'] }, 'alerts.0: must be an object'],
    ['no name', { alerts: [parsed('')] }, 'alerts.0.alert_name: must not be empty'],
    ['no severity', { alerts: [parsed('x', { severity: null })] }, 'Missing required param: `alerts.0.severity`'],
    ['a wrong severity', { alerts: [parsed('x', { severity: 'bad' })] }, 'alerts.0.severity: must be one of unknown'],
    ['a wrong port', { alerts: [parsed('x', { local_port: 65_536 })] }, 'alerts.0.local_port: must be a port'],
    ['a wrong time', { alerts: [parsed('x', { event_timestamp: 'now' })] }, 'alerts.0.event_timestamp'],
    ['a NUL', { alerts: [parsed('x\0')] }, 'alerts.0.alert_name: must be whole characters'],
    ['half a character', { alerts: [parsed('x\uD800')] }, 'alerts.0.alert_name: must be whole characters'],
    ['too long a text', { alerts: [parsed('x'.repeat(1_001))] }, 'at most 1000 characters'],
    ['too many', { alerts: Array.from({ length: 61 }, (_, index) => parsed(`x${index}`)) }, 'at most 60 alerts'],
  ])('refuses %s and keeps nothing', async (_, fields, words) => {
    const { total_count: before } = await listed({});
    const good = 'alerts' in (fields as object) ? [parsed('good beside bad')] : [];
    const given = fields as { readonly alerts?: readonly Json[] };
    const body =
      given.alerts === undefined || given.alerts.length === 0 ? given : { alerts: [...given.alerts, ...good] };
    const answer = await world.call('alerts/insert_parsed_alerts', body as Json);
    expect(answer).toMatchObject({ status: 500, reply: { err_extra: expect.stringContaining(words) } });
    expect((await listed({})).total_count).toBe(before);
  });
});

describe('insert_cef_alerts', () => {
  test('takes what an antivirus writes: the file, the host, the time', async () => {
    const line = `Sep 26 05:58:32 mail CEF:0|Acme|AV \\| Pro|1.0|mal-7|Evil\\\\file found|9|rt=Sep 26 2019 05:58:32 shost=WEB-1 suser=ana filePath=/srv/bad file.bin fileHash=${badHash.toUpperCase()} act=quarantined externalId=77 msg=line one\\nkey\\=value cat=Malware`;
    expect((await insertCef(line)).text).toBe('{"reply": true}');
    const [alert] = await named('Evil\\file found');
    expect(alert).toMatchObject({
      ...{ source: 'Acme AV | Pro', severity: 'critical', category: 'Malware', external_id: '77' },
      ...{ detection_timestamp: Date.UTC(2019, 8, 26, 5, 58, 32), description: 'line one\nkey=value' },
      ...{ endpoint_id: world.web.endpoint.id, host_name: 'WEB-1', action: 'quarantined' },
      events: [{ action_file_path: '/srv/bad file.bin', action_file_name: 'bad file.bin', user_name: 'ana' }],
    });
    const extra = await world.call('incidents/get_incident_extra_data', { incident_id: Number(alert?.['case_id']) });
    expect(extra.reply['file_artifacts']).toMatchObject({
      data: [{ file_sha256: badHash, file_name: 'bad file.bin', alert_count: 1 }],
    });
    expect((await incidentOf(alert))['users']).toEqual(['ana']);
  });

  test('an alert about a file joins the incident of that file, on whatever host; its id tells it again', async () => {
    const line = `CEF:0|Acme|AV|1.0|x|Evil elsewhere|5|shost=other src=198.51.100.3 fileHash=${badHash} externalId=78`;
    await insertCef(line);
    await insertCef(line.replace('|5|', '|8|'));
    const alerts = await named('Evil elsewhere');
    expect(alerts).toHaveLength(1);
    expect(alerts[0]?.['case_id']).toBe((await named('Evil\\file found'))[0]?.['case_id']);
  });

  test('refuses all where one is none, and says which', async () => {
    const { total_count: before } = await listed({});
    const good = 'CEF:0|a|b|1|2|good|3|';
    for (const bad of [
      'CEF:0|a|b',
      'LEEF:1.0|x',
      '',
      'CEF:0|a|b|c|d||1|',
      7,
      `CEF:0|a|b|1|2|${'x'.repeat(1_001)}|3|`,
    ]) {
      const answer = await insertCef(good, bad);
      expect(answer).toMatchObject({ status: 500, reply: { err_extra: expect.stringContaining('alerts.1') } });
    }
    expect((await listed({})).total_count).toBe(before);
  });

  test('takes six hundred at once', async () => {
    await using other = await openWorld();
    const alerts = Array.from(
      { length: 600 },
      (_, index) => `CEF:0|a|b|1|2|alert ${index % 300}|3|externalId=${index}`,
    );
    expect((await other.call('alerts/insert_cef_alerts', { alerts })).text).toBe('{"reply": true}');
    const { reply } = await other.call('alerts/get_alerts', { search_from: 500, search_to: 600 });
    expect(reply).toMatchObject({ total_count: 600, result_count: 100 });
    const incidents = await other.call('incidents/get_incidents', {});
    expect(incidents.reply['total_count']).toBe(300);
    expect((await other.call('alerts/insert_cef_alerts', { alerts: [...alerts, alerts[0] ?? ''] })).status).toBe(500);
  });
});

describe('a CEF line', () => {
  const read = (line: string) => {
    const found = parseCef(line);
    return found === undefined ? undefined : alertOfCef(found);
  };

  test.each([
    ['0', 'low'],
    ['3', 'low'],
    ['4', 'medium'],
    ['7', 'high'],
    ['10', 'critical'],
    ['11', 'unknown'],
    ['Very-High', 'critical'],
    ['Unknown', 'unknown'],
    ['', 'unknown'],
  ])('of severity %s is %s', (given, severity) => {
    expect(read(`CEF:0|a|b|c|d|e|${given}|`)).toMatchObject({ severity });
  });

  test('names the end of the connection that is ours', () => {
    const both = 'src=192.0.2.1 spt=1 shost=a dst=192.0.2.2 dpt=2 dhost=b';
    const outwards = {
      localAddress: '192.0.2.1',
      localPort: 1,
      hostName: 'a',
      remoteAddress: '192.0.2.2',
      remotePort: 2,
    };
    expect(read(`CEF:0|a|b|c|d|e|1|${both}`)).toMatchObject(outwards);
    expect(read(`CEF:0|a|b|c|d|e|1|${both} deviceDirection=1`)).toMatchObject(outwards);
    const inwards = { localAddress: '192.0.2.2', hostName: 'b', remoteAddress: '192.0.2.1', remotePort: 1 };
    expect(read(`CEF:0|a|b|c|d|e|1|${both} deviceDirection=0`)).toMatchObject(inwards);
    expect(read('CEF:0|a|b|c|d|e|1|dst=192.0.2.2 dpt=99999')).toMatchObject({
      ...{ localAddress: '192.0.2.2', localPort: null, remoteAddress: '' },
    });
  });

  test.each([
    ['rt=1569477512000', 1_569_477_512_000],
    ['rt=Sep 26 2019 05:58:32.500 UTC', Date.UTC(2019, 8, 26, 5, 58, 32, 500)],
    ['end=2019-09-26T05:58:32Z', Date.UTC(2019, 8, 26, 5, 58, 32)],
    ['rt=Sep 26 05:58:32', null],
    ['rt=soon', null],
    ['act=x', null],
  ])('with %s was at %p', (extension, detectedAt) => {
    expect(read(`CEF:0|a|b|c|d|e|1|${extension}`)).toMatchObject({ detectedAt });
  });

  test('that goes on for long is read in no time', () => {
    const before = performance.now();
    read(`CEF:0|a|b|c|d|e|1|${'a'.repeat(30_000)}${' b=\\'.repeat(500)}`);
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});

describe('get_alerts', () => {
  test('narrows by every field, sorts and pages under all three names', async () => {
    await using other = await openWorld();
    world.ports.clock.advance(second);
    const alerts = [parsed('one', { event_timestamp: 1_000 }), parsed('two', { severity: 'high', vendor: 'V' })];
    await other.call('alerts/insert_parsed_alerts', { alerts });
    const ask = async (fields: Json, call = 'alerts/get_alerts') => {
      const { reply } = await other.call(call, fields);
      return (reply['alerts'] as readonly Item[]).map(({ name }) => name);
    };
    const where = (field: string, operator: string, value: Json) => ask({ filters: [{ field, operator, value }] });
    const { reply } = await other.call('alerts/get_alerts/', {});
    const [two, one] = reply['alerts'] as readonly Item[];
    expect(await where('alert_id_list', 'in', [Number(one?.['alert_id']), 'x'])).toEqual(['one']);
    expect(await where('incident_id_list', 'in', [String(two?.['case_id'])])).toEqual(['two']);
    expect(await where('alert_source', 'in', ['V VPN & Firewall-1'])).toEqual(['two']);
    expect(await where('severity', 'in', ['HIGH'])).toEqual(['two']);
    expect(await where('severity', 'neq', 'high')).toEqual(['one']);
    const informed = [parsed('informed', { severity: 'Informational', event_timestamp: 0 })];
    await other.call('alerts/insert_parsed_alerts', { alerts: informed });
    expect(await where('severity', 'in', ['low'])).toEqual(['one', 'informed']);
    expect(await where('severity', 'in', ['informational'])).toEqual(['informed']);
    expect(await where('external_id_list', 'in', ['x'])).toEqual([]);
    expect(await where('creation_time', 'lte', 1_000)).toEqual(['one', 'informed']);
    expect(await where('server_creation_time', 'gte', other.ports.clock.now() + 1)).toEqual([]);
    expect(await ask({ sort: { field: 'severity', keyword: 'ASC' } })).toEqual(['informed', 'one', 'two']);
    expect(await ask({ search_from: 1, search_to: 2 }, 'alerts/get_alerts_multi_events/')).toEqual(['one']);
    const headers = await other.key('Viewer');
    const newer = await other.send({ path: '/public_api/v2/alerts/get_alerts_multi_events', headers });
    expect(await newer.json()).toMatchObject({ reply: { total_count: 3, result_count: 3 } });
    const refused = await other.call('alerts/get_alerts', { filters: [{ field: 'x', operator: 'in', value: [] }] });
    expect(refused).toMatchObject({ status: 500, reply: { err_extra: expect.stringContaining('the field x') } });
  });
});

test('alerts stand on the timeline of their incident in the native API, by whom they came', async () => {
  await insert(parsed('seen natively'));
  const [alert] = await named('seen natively');
  const url = `https://custody.test/api/v1/incidents/${alert?.['case_id']}/timeline`;
  const response = await createNativeDialect(world.ports).handle(new Request(url), {
    remoteAddress: '::1',
    local: true,
  });
  const { items } = (await response.json()) as { items: readonly { type: string; facts: Item }[] };
  expect(items.map(({ type }) => type)).toEqual(['incident_created', 'alert_reported']);
  expect(items[1]).toMatchObject({
    facts: { name: 'seen natively', severity: 'low', alertId: alert?.['alert_id'] },
  });
});
