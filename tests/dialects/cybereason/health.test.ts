import { expect, test } from 'bun:test';
import type { NewEvent } from '#core/custody/event.ts';
import { eventTypes } from '#core/custody/event.ts';
import { parsePath } from '#core/file/file-path.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { auditActions } from '#dialects/cybereason/audit/audit-actions.ts';
import { auditParts } from '#dialects/cybereason/audit/audit-parts.ts';
import { cefLine } from '#dialects/cybereason/audit/cef-line.ts';
import { auditEntry } from '#dialects/cybereason/operations/download-audit-log.ts';
import { pylumId } from '#dialects/cybereason/pylum-id.ts';
import { administrator, sha256Of } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';
import { unzip } from '#kit/unzip.ts';
import { openWorld, post, texts, type World } from './world.ts';

test('the health routes answer what their clients index', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Viewer', 'ana@example.com');
  const get = async (path: string) => {
    const answer = await world.send({ path, headers: { cookie } });
    expect(answer.status).toBe(200);
    return answer;
  };
  const json = async (path: string): Promise<unknown> => (await get(path)).json();
  expect(await json('/rest/monitor/global/reg-server/status')).toMatchObject({ online: true, readyToServe: true });
  const { data } = (await json('/rest/monitor/global/server/version/all')) as {
    readonly data: { readonly version: string };
  };
  expect(data.version).toMatch(/^\d+(\.\d+)+$/);
  expect(await json('/rest/settings/configurations')).toMatchObject({ sessionTimeoutMs: 28_800_000 });
  const [server] = (await json('/rest/settings/get-detection-servers')) as readonly { readonly id: string }[];
  const sensors = await world.send(post('/rest/sensors/query', cookie, {}));
  const [sensor] = ((await sensors.json()) as { readonly sensors: readonly { readonly sensorId: string }[] }).sensors;
  expect(sensor?.sensorId).toStartWith(`${server?.id}:PYLUMCLIENT_`);
  expect(await json('/rest/groups')).toMatchObject([
    { name: 'Unassigned', groupAssignRule: null, policyId: '', lastUpdateTime: 0 },
  ]);
  expect(await json('/rest/users/current')).toMatchObject({
    username: 'ana@example.com',
    roles: ['Analyst L1', 'Sensor Viewer'],
  });
  expect(await (await get('/rest/ping')).text()).toMatch(/^application\.version=[\d.]+\nuptime=\d+\n$/);
  const features = (await json('/rest/translate/features/all/')) as Record<string, object>;
  expect(Object.keys(features['File'] ?? {})).toContain('sha1String');
});

test('the audit log says who did what, in the vendor’s words, and nothing of what machines did', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Instance Administrator', 'ana@example.com');
  const elementGuids = [world.web.guidOf('/srv/calc.bin')];
  await world.send(post('/rest/fetchfile/start', cookie, { elementGuids, initiatorUserName: 'x' }));
  await world.web.agent.work();
  const answer = await world.send({ path: '/rest/monitor/global/userAuditLog', headers: { cookie } });
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="userAuditLog.zip"');
  const files = await unzip(new Uint8Array(await answer.arrayBuffer()));
  const [[name, bytes] = ['', new Uint8Array()]] = Object.entries(files);
  expect(name).toBe('userAuditSyslog.log');
  const lines = (typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)).trimEnd().split('\n');
  const names = lines.map((line) => line.split('|')[5]);
  expect(names).toEqual(expect.arrayContaining(['Users/Create', 'General/Login', 'Investigation/StartFileDownload']));
  const logIn = lines.find((line) => line.includes('General/Login'));
  expect(logIn).toMatch(
    /^[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d custody\.test auditSyslogLogger CEF:0\|Cybereason\|Cybereason\|\|UserAction\|General\/Login\|0\|cs1Label=username cs1=\/ana@example\.com cn1Label=actionSuccess cn1=1 deviceCustomDate1Label=userActionTime deviceCustomDate1=[A-Z][a-z]{2} \d\d \d{4}, \d\d:\d\d:\d\d UTC cs2Label=details cs2=/,
  );
});

test('nobody’s text makes a line or a field of its own', () => {
  const actor = { kind: 'user', id: 'u', name: 'a|b=c\\d\nCEF:0|x' } as const;
  const line = cefLine({ type: 'logged_in', at: 0, actor, facts: { why: 'x=y\n' }, sequence: 1 }, 'h');
  expect(line?.split('\n')).toHaveLength(2);
  expect(line).toContain(String.raw`cs1=/a|b\=c\\d CEF:0|x cn1Label`);
  expect(Object.keys(auditActions).toSorted()).toEqual([...eventTypes].toSorted());
});

test('a long audit log is rotated, bounded, and holds every line once', async () => {
  expect(auditParts(0, 10)).toEqual([{ name: 'userAuditSyslog.log', after: 0, upTo: 0, isPacked: false }]);
  expect(auditParts(10, 10).map(({ name }) => name)).toEqual(['userAuditSyslog.log']);
  expect(auditParts(21, 10)).toEqual([
    { name: 'userAuditSyslog.log', after: 20, upTo: 21, isPacked: false },
    { name: 'userAuditSyslog-01.log.gz', after: 10, upTo: 20, isPacked: true },
    { name: 'userAuditSyslog-02.log.gz', after: 0, upTo: 10, isPacked: true },
  ]);
  const [newest, ...rotated] = auditParts(5_000_000);
  expect(newest).toMatchObject({ after: 4_900_000, upTo: 5_000_000 });
  expect(rotated).toHaveLength(9);
  await using ports = await openPorts();
  const eventOf = (number: number): NewEvent => ({
    type: number % 3 === 0 ? 'task_finished' : 'logged_in',
    at: ports.clock.now(),
    actor: { kind: 'user', id: 'u', name: `u${number}` },
    facts: {},
  });
  const numbers = Array.from({ length: 3_500 }, (_, index) => index + 1);
  await ports.store.transact(({ events }) => events.append(numbers.map(eventOf)));
  const entries = auditParts(3_200, 1_500).map((part) => auditEntry(ports, part));
  const texts: string[] = [];
  for (const { name, open } of entries) {
    const bytes = new Uint8Array(await new Response(await open()).arrayBuffer());
    texts.unshift(new TextDecoder().decode(name.endsWith('.gz') ? Bun.gunzipSync(bytes) : bytes));
  }
  const named = [...texts.join('').matchAll(/ cs1=\/u(\d+) /g)].map((match) => Number(match[1]));
  expect(named).toEqual(numbers.filter((number) => number <= 3_200 && number % 3 !== 0));
});

test('what was tried in vain is no success, and what a machine did has no line', () => {
  const at = 0;
  const user = { kind: 'user', id: 'u', name: 'ana' } as const;
  const line = (event: Pick<NewEvent, 'type' | 'facts'>, actor: NewEvent['actor'] = user) =>
    cefLine({ ...event, at, actor, sequence: 1 }, 'h');
  const facts = {};
  expect(line({ type: 'log_in_failed', facts })).toContain(
    '|General/Login|0|cs1Label=username cs1=/ana cn1Label=actionSuccess cn1=0 ',
  );
  expect(line({ type: 'log_in_begun', facts })).not.toContain('|General/Login|');
  expect(line({ type: 'logged_in', facts })).toContain('cn1=1 ');
  expect(line({ type: 'action_started', facts: { verb: 'restore' } })).toContain('|Remediation/UnquarantineFile|');
  expect(line({ type: 'action_started', facts: { verb: 'constructor' } })).toContain('|Actions/Start|');
  expect(line({ type: 'task_finished', facts })).toBeUndefined();
  expect(line({ type: 'logged_in', facts }, { ...user, kind: 'agent' })).toBeUndefined();
  expect(line({ type: 'backup_made', facts }, { ...user, kind: 'server' })).toContain('|System/Backup|');
});

interface Details {
  readonly [key: string]: unknown;
}

/** Of each line of the newest log: what was done, whether it was, and to what. */
async function auditLines(world: World, cookie: string) {
  const answer = await world.send({ path: '/rest/monitor/global/userAuditLog', headers: { cookie } });
  const files = await unzip(new Uint8Array(await answer.arrayBuffer()));
  const lines = (files['userAuditSyslog.log'] ?? '').trimEnd().split('\n');
  return lines.map((line) => ({
    action: line.split('|')[5] ?? '',
    success: / cn1=([01]) /.exec(line)?.[1],
    details: JSON.parse((line.split(' cs2=')[1] ?? '').replaceAll(/\\([=\\])/g, '$1')) as Details,
  }));
}

test('the audit log names the MalOp, the sensors and the files of what was done', async () => {
  await using world = await openWorld();
  const { web, mail, ports } = world;
  const cookie = await world.cookieOf('Instance Administrator', 'ana@example.com');
  const call = (path: string, body: unknown) => world.send(post(path, cookie, body));
  const [calc, gone] = ['/srv/calc.bin', '/srv/on-disk-no-more.bin'];
  const { incident } = await createIncident(ports, {
    origin: { principal: administrator, dialect: 'native' },
    ...{ name: 'n', description: '', severity: 'high', endpointIds: [], processes: [] },
    files: [{ endpointId: web.endpoint.id, path: parsePath(calc) }],
  });
  const elementGuids = [web.guidOf(calc), mail.guidOf(gone)];
  await call('/rest/fetchfile/start', { elementGuids, initiatorUserName: 'x' });
  const quarantine = { targetId: web.guidOf(calc), actionType: 'QUARANTINE_FILE' };
  await call('/rest/remediate', { malopId: incident.guid, actionsByMachine: { [web.guid]: [quarantine] } });
  const kill = { targetId: web.guidOf(calc), actionType: 'KILL_PROCESS' };
  await call('/rest/remediate', { actionsByMachine: { [web.guid]: [kill] } });
  await call('/rest/sensors/action/restart', { sensorsIds: [pylumId(web.endpoint)] });
  await call(`/rest/crimes/comment/${incident.guid}`, 'seen');
  const hashes = Array.from({ length: 25 }, (_, index) => index.toString(16).padStart(32, '0'));
  await call('/rest/classification/update', [{ keys: hashes, maliciousType: 'blacklist', prevent: false }]);
  const lines = await auditLines(world, cookie);
  const of = (action: string) => lines.filter((line) => line.action === action);
  const calcHash = sha256Of(new TextEncoder().encode(texts[calc]));
  expect(of('Investigation/StartFileDownload')).toMatchObject([
    {
      success: '1',
      details: {
        sensors: ['web-1', 'mail-1'],
        files: [
          { sensor: 'web-1', path: calc, sha256: calcHash },
          { sensor: 'mail-1', path: gone },
        ],
      },
    },
  ]);
  expect(of('Remediation/QuarantineFile')).toMatchObject([
    {
      success: '1',
      details: {
        malop: incident.guid,
        sensors: ['web-1'],
        files: [{ sensor: 'web-1', path: calc, sha256: calcHash }],
      },
    },
  ]);
  expect(of('Remediation/Start')).toMatchObject([
    {
      success: '1',
      details: {
        malop: incident.guid,
        rows: [{ actionType: 'QUARANTINE_FILE', sensor: 'web-1', path: calc, result: 'ordered' }],
      },
    },
    { success: '0', details: { rows: [{ actionType: 'KILL_PROCESS', sensor: 'web-1', result: 'unsupported' }] } },
  ]);
  expect(of('Sensors/UnsupportedAction')).toMatchObject([
    { success: '0', details: { name: 'restart', sensors: ['web-1'] } },
  ]);
  expect(of('Malops/Comment')).toMatchObject([{ details: { malop: incident.guid } }]);
  const [listed] = of('Reputations/Update');
  expect(listed?.details).toMatchObject({ hashes: hashes.slice(0, 20), moreHashes: 5 });
});

test('the audit log has a line for what was refused, once a minute for each caller and call', async () => {
  await using world = await openWorld();
  const administers = await world.cookieOf('Instance Administrator', 'ana@example.com');
  const looks = await world.cookieOf('Viewer', 'vic@example.com');
  const start = post('/rest/fetchfile/start', looks, { elementGuids: ['1.1'], initiatorUserName: 'x' });
  const refused = async () => {
    const lines = await auditLines(world, administers);
    return lines.filter(({ action }) => action === 'General/PermissionRefused').map(({ details }) => details);
  };
  for (let times = 0; times < 3; times += 1) {
    expect((await world.send(start)).status).toBe(403);
  }
  expect(await refused()).toMatchObject([
    { operation: 'POST /rest/fetchfile/start', permission: 'files.fetch', role: 'Viewer' },
  ]);
  world.ports.clock.advance(60_000);
  await world.send(start);
  await world.send({ path: '/rest/monitor/global/userAuditLog', headers: { cookie: looks } });
  expect((await refused()).map(({ operation }) => operation)).toEqual([
    'POST /rest/fetchfile/start',
    'POST /rest/fetchfile/start',
    'GET /rest/monitor/global/userAuditLog',
  ]);
});
