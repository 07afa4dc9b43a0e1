import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { builtInRole } from '#core/access/role.ts';
import type { Fault } from '#core/fault.ts';
import { parsePath } from '#core/file/file-path.ts';
import { compactGuid, type Guid, quarantineFileGuid } from '#core/file/guid.ts';
import { outcomeReasons, outcomes } from '#core/outcome.ts';
import { remedies } from '#core/remediation/remediation.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { listHashes } from '#core/verbs/list-hashes.ts';
import { remediate } from '#core/verbs/remediate.ts';
import { revokeEndpoints } from '#core/verbs/revoke-endpoints.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { unlistHashes } from '#core/verbs/unlist-hashes.ts';
import { errorObject } from '#dialects/cybereason/remediation/failure-words.ts';
import { administrator, enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import type { TestPortsOptions } from '#kit/ports.ts';
import { openWorld, post, texts } from './world.ts';

interface LogRow {
  readonly machineId: string;
  readonly targetId: string;
  readonly status: string;
  readonly actionType: string;
  readonly error: { readonly message: string; readonly errorType: string } | null;
}

interface Remediation {
  readonly malopId: string;
  readonly remediationId: string;
  readonly end: number | null;
  readonly statusLog: readonly LogRow[];
}

const bytesOf = (path: string) => new TextEncoder().encode(texts[path]);
const calc = '/srv/calc.bin';
const quarantine = (targetId: string) => ({ targetId, actionType: 'QUARANTINE_FILE' });
const restore = (targetId: string) => ({ targetId, actionType: 'UNQUARANTINE_FILE' });
const block = (targetId: string) => ({ targetId, actionType: 'BLOCK_FILE' });

async function openDesk(options: TestPortsOptions = {}, role = 'Responder') {
  const world = await openWorld(options);
  const cookie = await world.cookieOf(role, 'ana@example.com');
  const call = (path: string, body: unknown) => world.send(post(path, cookie, body));
  const get = (path: string) => world.send({ path, headers: { cookie } });
  const desk = {
    ...{ world, call, get },
    order: async (actions: readonly object[], more: object = {}) =>
      (
        await call('/rest/remediate', { actionsByMachine: { [world.web.guid]: actions }, ...more })
      ).json() as Promise<Remediation>,
    async progress(id: string) {
      return (await (await get(`/rest/remediate/progress/a/b/${id}`)).json()) as Remediation;
    },
    async actions() {
      const { items } = await world.ports.store.read(({ actions }) => actions.list({}, { offset: 0, limit: 1_000 }));
      return items;
    },
    async heldGuid() {
      const { items } = await world.ports.store.read(({ quarantine: vaults }) =>
        vaults.list({ states: ['held'] }, { offset: 0, limit: 10 }),
      );
      const record = items[0] ?? expect.unreachable();
      return quarantineFileGuid(world.web.endpoint.number, record.vaultObject);
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
  return desk;
}

type Desk = Awaited<ReturnType<typeof openDesk>>;

function incidentOf({ world }: Desk, facts: { readonly sha256?: string; readonly path?: string } = {}) {
  const { sha256, path = calc } = facts;
  const file = { endpointId: world.web.endpoint.id, path: parsePath(path) };
  return createIncident(world.ports, {
    origin: { principal: administrator, dialect: 'native' },
    ...{ name: 'n', description: '', severity: 'high', endpointIds: [], processes: [] },
    files: [sha256 === undefined ? file : { ...file, sha256: sha256Of(new TextEncoder().encode(sha256)) }],
  });
}

const statuses = ({ statusLog }: Remediation) => statusLog.map(({ status }) => status);
const errors = ({ statusLog }: Remediation) => statusLog.map(({ error }) => error?.errorType ?? null);
const messages = ({ statusLog }: Remediation) => statusLog.map(({ error }) => error?.message ?? '').join('\n');

describe('Who may remediate', () => {
  test.each(['Viewer', 'Investigator', 'Privileged Investigator'] as const)('not a %s', async (role) => {
    await using desk = await openDesk({}, role);
    const { web } = desk.world;
    for (const action of [quarantine, restore, block]) {
      const body = { actionsByMachine: { [web.guid]: [action(web.guidOf(calc))] } };
      expect((await desk.call('/rest/remediate', body)).status).toBe(403);
    }
    expect((await desk.call('/rest/detection/remediate-custom-actions', [])).status).toBe(403);
    expect((await desk.call('/rest/remediate/abort/m/00000000-0000-4000-8000-000000000000', {})).status).toBe(403);
    expect(await desk.actions()).toEqual([]);
  });

  test('not who lacks what one of the rows needs: then nothing is done', async () => {
    await using desk = await openDesk();
    const { web, ports } = desk.world;
    const row = { machine: web.guid, target: web.guidOf(calc), actionType: 'X' };
    for (const remedy of remedies) {
      const origin = { principal: { ...administrator, role: builtInRole('Viewer') }, dialect: 'cybereason' } as const;
      const asked = remediate(ports, {
        origin,
        rows: [
          { ...row, remedy: null },
          { ...row, remedy },
        ],
      });
      expect(await asked.catch((fault: Fault) => fault.code)).toBe('permission_denied');
    }
    expect(await (await desk.get('/rest/remediate/status/NOMALOP')).json()).toEqual([]);
  });

  test('a Viewer reads how it goes on', async () => {
    await using desk = await openDesk({}, 'Viewer');
    expect((await desk.call('/rest/remediate/has-history', { guids: [] })).status).toBe(200);
    expect((await desk.get('/rest/remediate/status/NOMALOP')).status).toBe(200);
    expect((await desk.call('/rest/detection/custom-remediation', {})).status).toBe(200);
  });
});

const wrong: readonly (readonly [string, unknown])[] = [
  ['no object', []],
  ['null', null],
  ['nothing', {}],
  ['no machine', { actionsByMachine: {} }],
  ['no action', { actionsByMachine: { '1.2': [] } }],
  ['a list of machines', { actionsByMachine: [] }],
  ['an action without a type', { actionsByMachine: { '1.2': [{ targetId: '1.1' }] } }],
  ['a type that is a number', { actionsByMachine: { '1.2': [{ targetId: '1.1', actionType: 1 }] } }],
  ['a target that is an object', { actionsByMachine: { '1.2': [{ targetId: {}, actionType: 'BLOCK_FILE' }] } }],
  ['a NUL', { actionsByMachine: { '1.2': [{ targetId: 'a\0', actionType: 'BLOCK_FILE' }] } }],
  ['a long target', { actionsByMachine: { '1.2': [{ targetId: 'a'.repeat(300), actionType: 'BLOCK_FILE' }] } }],
  [
    'a machine that is no key',
    JSON.parse('{"actionsByMachine":{"__proto__":[{"actionType":"X"}],"1.2":[{"actionType":"X"}]}}'),
  ],
  ['a long MalOp', { malopId: 'a'.repeat(300), actionsByMachine: { '1.2': [quarantine('1.1')] } }],
  ['too many', { actionsByMachine: { '1.2': Array.from({ length: 501 }, () => quarantine('1.1')) } }],
];

describe('What is asked for', () => {
  test.each(wrong)('is refused whole: %s', async (_, body) => {
    await using desk = await openDesk();
    const answer = await desk.call('/rest/remediate', body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ status: expect.any(String), message: expect.stringMatching(/\w+/) });
    expect(await (await desk.get('/rest/remediate/status/NOMALOP')).json()).toEqual([]);
  });

  test('is refused in words that name the place', async () => {
    await using desk = await openDesk();
    const said = async (actions: unknown, more: object = {}) => {
      const answer = await desk.call('/rest/remediate', { actionsByMachine: { '1.2': actions }, ...more });
      return ((await answer.json()) as { readonly message: string }).message;
    };
    const place = 'Nothing was done. actionsByMachine.1.2';
    expect(await said([{ targetId: '1.1' }])).toBe(`${place}.0.actionType: must be the name of an action type.`);
    expect(await said([{ targetId: {}, actionType: 'X' }])).toStartWith(`${place}.0.targetId: must be a text`);
    expect(await said(5)).toBe(`${place}: must be a list of actions.`);
    expect(await said([], { malopId: {} })).toStartWith('Nothing was done. malopId: must be a text');
  });

  test('may spell GUIDs in either way, MalOps as numbers, one action without a list; answers spell as is set', async () => {
    const policy = {
      cybereason: { guidSpelling: 'compact', sensorOffset: 'page', honestUnauthorized: false, directFetchPatience: 1 },
    } as const;
    await using desk = await openDesk({ policy });
    const { web } = desk.world;
    const target = web.guidOf(calc);
    const { incident } = await incidentOf(desk);
    const bodies = [
      { malopId: incident.guid, actionsByMachine: { [web.guid]: quarantine(target) } },
      {
        malopId: compactGuid(incident.guid),
        actionsByMachine: { [compactGuid(web.guid)]: [quarantine(compactGuid(target))] },
      },
      { malopId: Number(incident.id), actionsByMachine: { [web.guid]: [quarantine(target)] } },
    ];
    for (const body of bodies) {
      expect(await (await desk.call('/rest/remediate', body)).json()).toMatchObject({
        malopId: compactGuid(incident.guid),
        statusLog: [{ machineId: compactGuid(web.guid), targetId: compactGuid(target), status: 'PENDING' }],
      });
    }
    for (const name of [incident.guid, compactGuid(incident.guid), incident.id]) {
      expect(await (await desk.get(`/rest/remediate/status/${name}`)).json()).toHaveLength(3);
    }
    for (const action of await desk.actions()) {
      expect(action).toMatchObject({ incidentId: incident.id, dialect: 'cybereason', verb: 'quarantine' });
    }
  });

  test('is one order for one file, however many rows ask for it; every row is answered', async () => {
    await using desk = await openDesk();
    const { web, ports } = desk.world;
    const target = web.guidOf(calc);
    ports.rung.length = 0;
    const { remediationId } = await desk.order([
      quarantine(target),
      quarantine(target),
      quarantine(web.guidOf('/srv/report.txt')),
    ]);
    expect(await desk.actions()).toHaveLength(2);
    expect(ports.rung).toEqual([web.endpoint.id]);
    await web.agent.work();
    expect(statuses(await desk.progress(remediationId)).filter((status) => status === 'SUCCESS')).toHaveLength(3);
  });

  test('is not ordered of a machine that was removed', async () => {
    await using desk = await openDesk();
    const { web, ports } = desk.world;
    const { incident } = await incidentOf(desk);
    const request = { principal: administrator, name: 'delete', facts: {} };
    await revokeEndpoints(ports, { request, endpointIds: [web.endpoint.id], reason: '' });
    const answer = await desk.order([quarantine(web.guidOf(calc)), block(web.guidOf(calc))]);
    expect(answer.statusLog.map(({ status, actionType }) => [status, actionType])).toEqual([
      ['SUCCESS', 'BLOCK_FILE'],
      ['FAILURE', 'QUARANTINE_FILE'],
    ]);
    expect(messages(answer)).toContain('web-1 was removed');
    const offered = await desk.call('/rest/detection/custom-remediation', { processMalopGuids: [incident.guid] });
    expect(await offered.json()).toMatchObject({ data: [] });
  });

  test('may be five hundred at once, and all are written together', async () => {
    await using desk = await openDesk();
    const { web, ports } = desk.world;
    const names = Array.from({ length: 500 }, (_, index) => `/srv/many/${index}`);
    await inventory(
      ports,
      web.endpoint,
      names.map((name) => fileFacts(name, new TextEncoder().encode(name))),
    );
    const { statusLog } = await desk.order(names.map((name) => quarantine(web.guidOf(name))));
    expect(new Set(statusLog.map(({ targetId }) => targetId)).size).toBe(500);
    expect(await desk.actions()).toHaveLength(500);
  });
});

describe('Where a MalOp is named', () => {
  test('its files count as rows, and of too many none is ordered', async () => {
    await using desk = await openDesk();
    const { incident } = await incidentOf(desk);
    const actions = Array.from({ length: 500 }, () => ({ actionType: 'QUARANTINE_FILE' }));
    expect((await desk.order(actions, { malopId: incident.guid })).statusLog).toHaveLength(500);
    expect(await desk.actions()).toHaveLength(1);
    const { web, ports } = desk.world;
    await inventory(ports, web.endpoint, [fileFacts('/srv/two', bytesOf(calc))]);
    const files = [calc, '/srv/two'].map((path) => ({ endpointId: web.endpoint.id, path: parsePath(path) }));
    const two = await createIncident(ports, {
      origin: { principal: administrator, dialect: 'native' },
      ...{ name: 'n', description: '', severity: 'high', endpointIds: [], processes: [], files },
    });
    const body = { malopId: two.incident.guid, actionsByMachine: { [web.guid]: actions } };
    expect((await desk.call('/rest/remediate', body)).status).toBe(400);
    expect(await desk.actions()).toHaveLength(1);
  });

  test('nothing is done to a file whose bytes are not those that the MalOp is about', async () => {
    await using desk = await openDesk();
    const target = desk.world.web.guidOf(calc);
    const { incident } = await incidentOf(desk, { sha256: 'other bytes' });
    const malopId = incident.guid;
    for (const action of [quarantine(target), block(target)]) {
      const answer = await desk.order([action], { malopId });
      expect(errors(answer)).toEqual(['INVALID_ARGUMENT']);
      expect(messages(answer)).toContain('has other bytes now');
    }
    expect(statuses(await desk.order([{ actionType: 'QUARANTINE_FILE' }], { malopId }))).toEqual(['FAILURE']);
    const offered = await desk.call('/rest/detection/custom-remediation', { processMalopGuids: [malopId] });
    expect(await offered.json()).toMatchObject({ data: [] });
    expect(await desk.actions()).toEqual([]);
    expect(statuses(await desk.order([quarantine(target)]))).toEqual(['PENDING']);
  });

  test('nothing is done to what took the place of its file since it was opened, and each row says so', async () => {
    await using desk = await openDesk();
    const { web, ports } = desk.world;
    const target = web.guidOf(calc);
    const { incident } = await incidentOf(desk);
    await inventory(ports, web.endpoint, [fileFacts(calc, new TextEncoder().encode('an innocent file'))]);
    const malopId = incident.guid;
    for (const row of [
      quarantine(target),
      block(target),
      { actionType: 'QUARANTINE_FILE' },
      { actionType: 'BLOCK_FILE' },
    ]) {
      const answer = await desk.order([row], { malopId });
      expect(errors(answer)).toEqual(['INVALID_ARGUMENT']);
      expect(answer.statusLog[0]?.targetId).toBe(target);
      expect(messages(answer)).toContain('has other bytes now');
    }
    expect(await desk.actions()).toEqual([]);
    await web.agent.work();
    expect(web.agent.disk.has(calc)).toBe(true);
  });

  test('what is restored is what the MalOp is about, not what lay at that path before', async () => {
    await using desk = await openDesk();
    const { web, ports } = desk.world;
    await desk.order([quarantine(web.guidOf(calc))]);
    await web.agent.work();
    const later = new TextEncoder().encode('another bad file');
    web.agent.disk.set(calc, later);
    await inventory(ports, web.endpoint, [fileFacts(calc, later)]);
    const { incident } = await incidentOf(desk);
    const answer = await desk.order([{ actionType: 'UNQUARANTINE_FILE' }], { malopId: incident.guid });
    expect(messages(answer)).toContain('The vault of this machine holds no file of the MalOp.');
  });

  test('a file that no agent has reported may be taken, by the hash that the MalOp tells', async () => {
    await using desk = await openDesk();
    const { web } = desk.world;
    const path = '/opt/unseen';
    web.agent.disk.set(path, new TextEncoder().encode('unseen'));
    const { incident } = await incidentOf(desk, { path, sha256: 'unseen' });
    const target = web.guidOf(path);
    expect(errors(await desk.order([quarantine(target)]))).toEqual(['INVALID_ARGUMENT']);
    const { remediationId } = await desk.order([quarantine(target)], { malopId: incident.guid });
    await web.agent.work();
    expect(statuses(await desk.progress(remediationId)).at(-1)).toBe('SUCCESS');
    expect(web.agent.disk.has(path)).toBe(false);
  });
});

describe('Blocking', () => {
  test('takes a hash, a File or a QuarantineFile, and is refused for what must not be blocked', async () => {
    await using desk = await openDesk();
    const { web, ports } = desk.world;
    const tool = new TextEncoder().encode('tool');
    await inventory(ports, web.endpoint, [
      fileFacts('/usr/bin/tool', tool, { package: 'tools' }),
      fileFacts('/srv/empty', new Uint8Array(0)),
    ]);
    await desk.order([quarantine(web.guidOf(calc))]);
    await web.agent.work();
    const held = await desk.heldGuid();
    const md5 = fileFacts('/x', bytesOf('/srv/report.txt')).md5;
    const answer = await desk.order([
      ...[block(held), block(md5.toUpperCase()), block(web.guidOf('/usr/bin/tool')), block(web.guidOf('/srv/empty'))],
      block('zz'),
    ]);
    expect(answer.statusLog.map(({ targetId, status, error }) => [targetId, status, error?.errorType ?? null])).toEqual(
      [
        [held, 'SUCCESS', null],
        [md5.toUpperCase(), 'SUCCESS', null],
        [web.guidOf('/usr/bin/tool'), 'FAILURE', 'REFUSED'],
        [web.guidOf('/srv/empty'), 'FAILURE', 'REFUSED'],
        ['zz', 'FAILURE', 'INVALID_ARGUMENT'],
      ],
    );
    expect(messages(answer)).toContain('the package tools');
    const { items } = await ports.store.read(({ hashLists }) => hashLists.list({}, { offset: 0, limit: 10 }));
    expect(items.map(({ hash, list, prevent }) => [hash, list, prevent]).toSorted()).toEqual(
      [
        [sha256Of(bytesOf(calc)), 'block', true],
        [md5, 'block', true],
      ].toSorted(),
    );
    expect(await desk.actions()).toHaveLength(1);
  });

  test('touches no copy that is there, and leaves what somebody said of the hash before', async () => {
    await using desk = await openDesk();
    const { web, ports } = desk.world;
    const origin = { principal: administrator, dialect: 'native' } as const;
    const hashes = [sha256Of(bytesOf(calc))];
    await listHashes(ports, { origin, hashes, list: 'block', prevent: true, comment: 'mine' });
    expect(statuses(await desk.order([block(web.guidOf(calc))]))).toEqual(['SUCCESS']);
    const [entry] = await ports.store.read(({ hashLists }) => hashLists.byHashes(hashes));
    expect(entry?.comment).toBe('mine');
    await web.agent.work();
    expect(web.agent.disk.has(calc)).toBe(true);
  });

  test('fails where another hash of the file is allowed: new files with it would be let be', async () => {
    await using desk = await openDesk();
    const { web, ports } = desk.world;
    const origin = { principal: administrator, dialect: 'native' } as const;
    const { md5 } = fileFacts(calc, bytesOf(calc));
    await listHashes(ports, { origin, hashes: [md5], list: 'allow', prevent: false });
    const answer = await desk.order([block(web.guidOf(calc))]);
    expect(errors(answer)).toEqual(['CONFLICT']);
    expect(messages(answer)).toContain(md5);
  });
});

describe('Restoring', () => {
  test('what is blocked fails, by any of its hashes, also when the same request blocks it', async () => {
    await using desk = await openDesk();
    const { web, ports } = desk.world;
    await desk.order([quarantine(web.guidOf(calc))]);
    await web.agent.work();
    const held = await desk.heldGuid();
    expect(errors(await desk.order([restore(held), block(held)]))).toEqual([null, 'CONFLICT']);
    const { md5, sha256 } = fileFacts(calc, bytesOf(calc));
    await ports.store.transact(({ hashLists }) => hashLists.remove([sha256]));
    const origin = { principal: administrator, dialect: 'native' } as const;
    await listHashes(ports, { origin, hashes: [md5], list: 'block', prevent: true });
    const answer = await desk.order([restore(held)]);
    expect(errors(answer)).toEqual(['CONFLICT']);
    expect(messages(answer)).toContain(md5);
    expect(await desk.actions()).toHaveLength(1);
    await ports.store.transact(({ hashLists }) => hashLists.remove([md5]));
    const { remediationId } = await desk.order([restore(held)]);
    await web.agent.work();
    expect(statuses(await desk.progress(remediationId)).at(-1)).toBe('SUCCESS');
    expect(web.agent.disk.has(calc)).toBe(true);
  });

  test('needs the machine that has it', async () => {
    await using desk = await openDesk();
    const { web, mail } = desk.world;
    await desk.order([quarantine(web.guidOf(calc))]);
    await web.agent.work();
    const body = { actionsByMachine: { [mail.guid]: [restore(await desk.heldGuid())] } };
    expect(errors((await (await desk.call('/rest/remediate', body)).json()) as Remediation)).toEqual([
      'INVALID_ARGUMENT',
    ]);
  });
});

describe('How it goes on', () => {
  test('is held back for a moment, and answered as soon as it has ended', async () => {
    await using desk = await openDesk();
    const { web } = desk.world;
    const { remediationId } = await desk.order([quarantine(web.guidOf(calc))]);
    const started = performance.now();
    const asked = desk.progress(remediationId);
    await Bun.sleep(500);
    await web.agent.work();
    expect(statuses(await asked).at(-1)).toBe('SUCCESS');
    expect(performance.now() - started).toBeLessThan(2_500);
  });

  test('is told as it is after four seconds', async () => {
    await using desk = await openDesk();
    const { remediationId } = await desk.order([quarantine(desk.world.web.guidOf(calc))]);
    const started = performance.now();
    const answer = await desk.progress(remediationId);
    expect({ end: answer.end, statuses: statuses(answer) }).toEqual({ end: null, statuses: ['PENDING'] });
    const took = performance.now() - started;
    expect(took).toBeGreaterThan(2_500);
    expect(took).toBeLessThan(6_000);
  }, 10_000);

  test('has ended when the deadline has passed, whatever is written', async () => {
    await using desk = await openDesk();
    const { world } = desk;
    const { ports, web } = world;
    const { remediationId } = await desk.order([quarantine(web.guidOf(calc))]);
    ports.clock.advance(ports.policy.lifetime.quarantine);
    const headers = { cookie: await world.cookieOf('Viewer', 'late@example.com') };
    const path = `/rest/remediate/progress/a/b/${remediationId}`;
    const answer = (await (await world.send({ path, headers })).json()) as Remediation;
    expect(errors(answer)).toEqual([null, 'EXPIRED']);
    expect(answer.end).toBe(ports.clock.now());
  });

  test.each(['x', '00000000-0000-4000-8000-000000000000', '%00', "'"])('of %s is 404 in JSON', async (id) => {
    await using desk = await openDesk();
    const answer = await desk.get(`/rest/remediate/progress/a/b/${id}`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ status: 'FAILURE' });
  });

  test('is found by its id alone, in any case and without a user', async () => {
    await using desk = await openDesk();
    const { remediationId } = await desk.order([{ targetId: 'x', actionType: 'KILL_PROCESS' }]);
    for (const path of [`/a@b/NOMALOP/${remediationId.toUpperCase()}`, `//x/${remediationId}`]) {
      expect(await (await desk.get(`/rest/remediate/progress${path}`)).json()).toMatchObject({ remediationId });
    }
  });
});

describe('Aborting', () => {
  test('withdraws what no agent has, asks agents not to begin, and leaves what was done', async () => {
    await using desk = await openDesk();
    const { web, mail, ports } = desk.world;
    await desk.order([quarantine(web.guidOf('/srv/report.txt'))]);
    await web.agent.work();
    const { incident } = await incidentOf(desk);
    const body = {
      malopId: incident.guid,
      actionsByMachine: { [web.guid]: [quarantine(web.guidOf(calc))], [mail.guid]: [quarantine(mail.guidOf(calc))] },
    };
    const { remediationId } = (await (await desk.call('/rest/remediate', body)).json()) as Remediation;
    await takeDeliverable(ports, { endpointIds: [mail.endpoint.id] });
    ports.rung.length = 0;
    const abort = () => desk.call(`/rest/remediate/abort/${incident.guid}/${remediationId}`, {});
    const answer = (await (await abort()).json()) as Remediation;
    expect({ end: answer.end, statuses: statuses(answer) }).toEqual({
      end: null,
      statuses: ['PENDING', 'ABORTED', 'PENDING'],
    });
    expect(ports.rung).toEqual([mail.endpoint.id]);
    await web.agent.work();
    expect(web.agent.disk.has(calc)).toBe(true);
    await mail.agent.abort();
    expect(statuses(await desk.progress(remediationId)).filter((status) => status === 'ABORTED')).toHaveLength(2);
    expect((await abort()).status).toBe(200);
    const { log, kept } = await ports.store.read(async ({ events, remediations }) => ({
      log: await events.list({ types: ['remediation_aborted', 'action_cancelled'] }, 0, 10),
      kept: (await remediations.list(incident.guid, { offset: 0, limit: 1 })).items[0],
    }));
    expect(log.map(({ type, facts }) => [type, facts['withdrawn'], facts['asked']])).toEqual([
      ['remediation_aborted', 1, 1],
      ['action_cancelled', 1, 0],
      ['action_cancelled', 0, 1],
    ]);
    expect(log[0]).toMatchObject({ incidentId: incident.id, actor: { name: 'ana@example.com' } });
    expect(kept).toMatchObject({ abortedAt: ports.clock.now(), abortedBy: { name: 'ana@example.com' } });
  });

  test('of nothing that can still be stopped changes nothing', async () => {
    await using desk = await openDesk();
    const { remediationId } = await desk.order([{ targetId: 'x', actionType: 'KILL_PROCESS' }]);
    const answer = await desk.call(`/rest/remediate/abort/NOMALOP/${remediationId}`, {});
    expect(statuses((await answer.json()) as Remediation)).toEqual(['FAILURE']);
    const types = ['remediation_aborted'] as const;
    expect(await desk.world.ports.store.read(({ events }) => events.list({ types }, 0, 10))).toEqual([]);
    expect((await desk.call('/rest/remediate/abort/NOMALOP/00000000-0000-4000-8000-000000000000', {})).status).toBe(
      404,
    );
  });
});

describe('What can be done about a MalOp', () => {
  async function offered(desk: Desk, malop: Guid): Promise<readonly string[]> {
    const answer = await desk.call('/rest/detection/custom-remediation', { processMalopGuids: [malop] });
    const { data } = (await answer.json()) as { data: readonly { remediationType: string }[] };
    return data.map(({ remediationType }) => remediationType);
  }

  test('is only what can really be done', async () => {
    await using desk = await openDesk();
    const { web, ports } = desk.world;
    const { incident } = await incidentOf(desk);
    expect(await offered(desk, incident.guid)).toEqual(['QUARANTINE_FILE', 'BLOCK_FILE']);
    const { md5 } = fileFacts(calc, bytesOf(calc));
    const origin = { principal: administrator, dialect: 'native' } as const;
    await listHashes(ports, { origin, hashes: [md5], list: 'allow', prevent: false });
    expect(await offered(desk, incident.guid)).toEqual(['QUARANTINE_FILE']);
    await unlistHashes(ports, administrator, [md5]);
    await inventory(ports, web.endpoint, [fileFacts(calc, bytesOf(calc), { package: 'tools' })]);
    expect(await offered(desk, incident.guid)).toEqual([]);
    await inventory(ports, web.endpoint, [fileFacts(calc, bytesOf(calc))]);
    await desk.order([quarantine(web.guidOf(calc))]);
    await web.agent.work();
    expect(await offered(desk, incident.guid)).toEqual(['UNQUARANTINE_FILE']);
    await desk.order([block(await desk.heldGuid())]);
    expect(await offered(desk, incident.guid)).toEqual([]);
  });

  test('is no quarantine where agents take no files', async () => {
    await using desk = await openDesk();
    const { ports } = desk.world;
    const endpoint = await enrolMachine(ports, { hostName: 'desk-1', platform: 'windows' });
    await inventory(ports, endpoint, [fileFacts(calc, bytesOf(calc))]);
    const { incident } = await createIncident(ports, {
      origin: { principal: administrator, dialect: 'native' },
      ...{ name: 'n', description: '', severity: 'high', endpointIds: [], processes: [] },
      files: [{ endpointId: endpoint.id, path: parsePath(calc) }],
    });
    expect(await offered(desk, incident.guid)).toEqual(['BLOCK_FILE']);
  });

  test('is nothing for what is no MalOp, a file without a hash, and a file that is gone', async () => {
    await using desk = await openDesk();
    const { web, ports } = desk.world;
    expect(await offered(desk, web.guid)).toEqual([]);
    const unseen = await incidentOf(desk, { path: '/opt/unseen' });
    expect(await offered(desk, unseen.incident.guid)).toEqual([]);
    const { incident } = await incidentOf(desk);
    await ports.store.transact(({ files }) => files.markGone([web.guidOf(calc)]));
    expect(await offered(desk, incident.guid)).toEqual([]);
  });

  test('is refused in words where it is asked for wrongly', async () => {
    await using desk = await openDesk();
    for (const body of [{ processMalopGuids: 'x' }, [], { detectionEventMalopGuids: [{}] }]) {
      expect((await desk.call('/rest/detection/custom-remediation', body)).status).toBe(400);
    }
    const item = { remediationType: 'QUARANTINE_FILE', targetId: '1.1', machineId: '1.2' };
    for (const body of [
      [],
      {},
      [{}],
      [
        { ...item, malopId: '11.1' },
        { ...item, malopId: '11.2' },
      ],
    ]) {
      expect((await desk.call('/rest/detection/remediate-custom-actions', body)).status).toBe(400);
    }
    for (const body of [{}, [], { guids: [1] }, { guids: ['a'.repeat(300)] }]) {
      expect((await desk.call('/rest/remediate/has-history', body)).status).toBe(400);
    }
  });
});

test('every failure has a type and words', () => {
  for (const outcome of outcomes) {
    if (outcome === 'done' || outcome === 'already_done') {
      continue;
    }
    for (const reason of [null, ...outcomeReasons]) {
      const { message, errorType } = errorObject({
        kind: 'file',
        outcome,
        reason,
        message: 'in the words of the agent',
      });
      expect(errorType).toMatch(/^[A-Z_]+$/);
      expect(message).toMatch(/^[A-Z].*\. .*in the words of the agent$/);
    }
  }
});

test('what was started is an event of the incident, with the actions that it ordered', async () => {
  await using desk = await openDesk();
  const { incident } = await incidentOf(desk);
  const { remediationId } = await desk.order(
    [quarantine(desk.world.web.guidOf(calc)), { targetId: 'x', actionType: 'KILL_PROCESS' }],
    { malopId: incident.guid, initiatorUserName: 'boss@example.com' },
  );
  const log = await desk.world.ports.store.read(({ events }) => events.list({ incidentId: incident.id }, 0, 100));
  const started = log.find(({ type }) => type === 'remediation_started');
  const place = { machine: desk.world.web.guid };
  expect(started?.facts).toEqual({
    ...{ remediationId, incident: incident.guid, dialect: 'cybereason', claimedInitiator: 'boss@example.com' },
    ...{ ordered: 1, listed: 0, failed: 1, reason: null },
    rows: [
      { ...place, target: desk.world.web.guidOf(calc), actionType: 'QUARANTINE_FILE', result: 'ordered' },
      { ...place, target: 'x', actionType: 'KILL_PROCESS', result: 'unsupported' },
    ],
  });
  expect(started?.actor).toMatchObject({ kind: 'user', name: 'ana@example.com' });
  expect(log.filter(({ type }) => type === 'action_started').map(({ facts }) => facts['remediationId'])).toEqual([
    remediationId,
  ]);
});

const text = fc.oneof(
  fc.constantFrom('__proto__', 'toString', 'BLOCK_FILE', 'QUARANTINE_FILE', 'UNQUARANTINE_FILE', '11.7', 'NOMALOP', ''),
  fc.constantFrom('1.1198775089551518743', 'Q127xRCi55eyTiwX', '-1.-2', 'd41d8cd98f00b204e9800998ecf8427e'),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const any = fc.oneof(text, fc.double(), fc.constant(null), fc.array(text, { maxLength: 2 }), fc.dictionary(text, text));
const action = fc.record({ targetId: any, actionType: fc.oneof(text, any) }, { requiredKeys: [] });
const customItem = fc.record(
  { remediationType: text, targetId: any, machineId: any, malopId: any },
  { requiredKeys: [] },
);
const bodies: readonly (readonly [string, fc.Arbitrary<unknown>])[] = [
  [
    '/rest/remediate',
    fc.record(
      {
        malopId: any,
        initiatorUserName: any,
        actionsByMachine: fc.oneof(any, fc.dictionary(text, fc.oneof(action, fc.array(action, { maxLength: 3 })))),
      },
      { requiredKeys: [] },
    ),
  ],
  ['/rest/detection/remediate-custom-actions', fc.oneof(any, fc.array(customItem, { maxLength: 3 }))],
  ['/rest/detection/custom-remediation', fc.record({ processMalopGuids: any, detectionEventMalopGuids: any }, {})],
  ['/rest/remediate/has-history', fc.oneof(any, fc.record({ guids: any, elementType: any }))],
  ['/rest/remediate/abort/x/00000000-0000-4000-8000-000000000000', any],
];

test.each(bodies)('No body makes %s fail; a refusal says what is wrong', async (path, arbitrary) => {
  await using desk = await openDesk();
  await fc.assert(
    fc.asyncProperty(arbitrary, async (body) => {
      const answer = await desk.call(path, body);
      expect([200, 400, 404]).toContain(answer.status);
      const reply: unknown = await answer.json();
      if (answer.status !== 200) {
        expect(reply).toMatchObject({ status: 'FAILURE', message: expect.stringMatching(/\w/) });
      }
    }),
    { numRuns: 200 },
  );
});
