import { expect, test } from 'bun:test';
import { eventTypes } from '#core/custody/event.ts';
import { auditActions } from '#dialects/cybereason/audit/audit-actions.ts';
import { cefLine } from '#dialects/cybereason/audit/cef-line.ts';
import { unzip } from './unzip.ts';
import { openWorld, post } from './world.ts';

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
    roles: ['Analyst L2', 'Sensor Viewer'],
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
