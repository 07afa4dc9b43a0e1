import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { roles } from '#core/access/role.ts';
import { Fault, faultCodes } from '#core/fault.ts';
import { csvRow } from '#dialects/cybereason/csv.ts';
import { renderFault } from '#dialects/cybereason/faults.ts';
import { readReputationChanges } from '#dialects/cybereason/reputation-changes.ts';
import { fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openWorld, origin, post, type World } from './world.ts';

const update = '/rest/classification/update';
const evil = new TextEncoder().encode('evil');
const md5 = createHash('md5').update(evil).digest('hex');
const other = createHash('md5').update('other').digest('hex');

let world: World;
let cookie: string;

beforeAll(async () => {
  world = await openWorld();
  cookie = await world.cookieOf('Responder');
});

afterAll(() => world[Symbol.asyncDispose]());

async function send(body: unknown, by = cookie): Promise<{ readonly status: number; readonly body: string }> {
  const answer = await world.send(post(update, by, body));
  return { status: answer.status, body: await answer.text() };
}

async function listed(): Promise<readonly (readonly [string, string, boolean])[]> {
  const page = { offset: 0, limit: 100 };
  const { items } = await world.ports.store.read(({ hashLists }) => hashLists.list({}, page));
  return items.map(({ hash, list, prevent }) => [hash, list, prevent] as const);
}

async function orders(): Promise<number> {
  const page = { offset: 0, limit: 0 };
  return (await world.ports.store.read(({ actions }) => actions.list({ verbs: ['quarantine'] }, page))).total;
}

describe('What the items of an update say', () => {
  const of = (hashes: readonly string[], decision: object) => [{ hashes, decision: { comment: '', ...decision } }];
  const blocked = { list: 'block', prevent: true };
  const cases: readonly (readonly [string, object, object])[] = [
    ['flags as booleans', { maliciousType: 'blacklist', prevent: true, remove: false }, blocked],
    ['flags as text, in any case', { maliciousType: 'BlackList', prevent: 'True', remove: 'FALSE' }, blocked],
    ['no flags', { maliciousType: 'blacklist' }, { list: 'block', prevent: false }],
    [
      'flags that are null',
      { maliciousType: 'blacklist', prevent: null, remove: null },
      { list: 'block', prevent: false },
    ],
    ['allowed', { maliciousType: 'whitelist', prevent: 'false' }, { list: 'allow', prevent: false }],
    ['removed, without a type', { remove: true, prevent: false }, { list: null, prevent: false }],
    ['removed, with a type', { remove: 'true', maliciousType: 'blacklist' }, { list: null, prevent: false }],
    [
      'an expiry as text',
      { maliciousType: 'whitelist', expiration: '5' },
      { list: 'allow', prevent: false, expiresAt: 5 },
    ],
    ['words', { maliciousType: 'blacklist', comment: 'why' }, { list: 'block', prevent: false, comment: 'why' }],
    ['fields of others', { maliciousType: 'blacklist', lifespan: 3 }, { list: 'block', prevent: false }],
  ];
  test.each(cases)('%s', (_, item, decision) => {
    expect(readReputationChanges([{ keys: [md5], ...item }])).toEqual(
      of([md5], { expiresAt: undefined, ...decision }) as never,
    );
  });

  test('one key without its list, and one item without its', () => {
    const decision = { list: 'allow', prevent: false, expiresAt: undefined };
    expect(readReputationChanges({ keys: md5, maliciousType: 'whitelist' })).toEqual(of([md5], decision) as never);
  });
});

describe('What is refused, and by what', () => {
  const item = (more: object) => [{ keys: [md5], maliciousType: 'blacklist', prevent: true, remove: false, ...more }];
  const wrong: readonly (readonly [unknown, string])[] = [
    [null, 'body: must be an object'],
    ['text', 'body: must be an object'],
    [{ keys: 7 }, 'Nothing was changed. keys: must be a list of 1 to 10000 hashes'],
    [{ keys: [md5], maliciousType: 'odd' }, 'Nothing was changed. maliciousType must be'],
    [[], 'empty'],
    [[null], '[0]'],
    [item({ keys: [] }), '[0].keys'],
    [item({ keys: undefined }), '[0].keys'],
    [item({ keys: [7] }), '[0].keys: must be a list'],
    [item({ keys: { length: {} } }), '[0].keys'],
    [item({ keys: ['evil.example.com'] }), 'files only'],
    [item({ keys: [md5, '10.0.0.1'] }), 'files only'],
    [item({ reputationType: 'DOMAIN' }), 'files only'],
    [item({ reputationType: 'IP', remove: true, prevent: false }), 'files only'],
    [item({ maliciousType: 'indifferent' }), '[0].maliciousType'],
    [item({ maliciousType: null }), '[0].maliciousType'],
    [item({ maliciousType: 'whitelist' }), '[0].prevent'],
    [item({ remove: true }), '[0].prevent'],
    [item({ prevent: 'yes' }), '[0].prevent'],
    [item({ expiration: 'tomorrow' }), '[0].expiration'],
    [item({ expiration: 1 }), 'expired already'],
    [item({ comment: 'x'.repeat(5_000) }), 'comment'],
    [[...item({ keys: [other] }), ...item({ keys: ['x'] })], '[1].keys'],
  ];
  test.each(wrong)('%j', async (body, part) => {
    const answer = await send(body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ outcome: 'failure', data: false, status: 'FAILURE' });
    expect(answer.body).toContain(part);
    expect(await listed()).toEqual([]);
  });

  test('more hashes than one request may name', async () => {
    const keys = Array.from({ length: 5_001 }, (_, number) => number.toString(16).padStart(32, '0'));
    const maliciousType = 'blacklist';
    const answer = await send([
      { keys, maliciousType },
      { keys: keys.map((key) => key.replace('0', '1')), maliciousType },
    ]);
    expect(answer.status).toBe(400);
    expect(await listed()).toEqual([]);
  });

  test('a body that is no JSON', async () => {
    const headers = { cookie, 'content-type': 'application/json' };
    const answer = await world.send({ method: 'POST', path: update, headers, body: '[{' });
    expect([answer.status, await answer.json()]).toMatchObject([400, { outcome: 'failure' }]);
  });

  test('no fault of these calls is answered with a status that means success', () => {
    for (const code of faultCodes) {
      const { status } = renderFault(new Fault(code, 'x'), new Request(`${origin}${update}`));
      expect([code, status < 399]).toEqual([code, code === 'unauthenticated']);
    }
  });
});

describe('Who may', () => {
  test.each(roles.map((role) => [role]))('%s', async (role) => {
    const by = await world.cookieOf(role, `${role.replaceAll(' ', '')}@reputations.example.com`);
    const may = ['Instance Administrator', 'Privileged Responder', 'Responder'].includes(role);
    expect((await send([{ keys: [other], remove: true }], by)).status).toBe(may ? 200 : 403);
    for (const path of ['download', `classify/${md5}`]) {
      const answer = await world.send({ path: `/rest/classification/${path}`, headers: { cookie: by } });
      await answer.text();
      expect(answer.status).toBe(200);
    }
    expect((await world.send(post('/rest/classification/reputations/list', by, {}))).status).toBe(200);
  });
});

describe('What becomes of it', () => {
  test('a new file is ordered into the vault, one that was there is left, and one without prevention too', async () => {
    const { web, ports } = world;
    await inventory(ports, web.endpoint, [fileFacts('/srv/old.bin', evil)]);
    expect((await send([{ keys: [md5], maliciousType: 'blacklist', prevent: false }])).status).toBe(200);
    await inventory(ports, web.endpoint, [fileFacts('/srv/unprevented.bin', evil)]);
    expect(await orders()).toBe(0);
    expect((await send([{ keys: [md5.toUpperCase()], maliciousType: 'blacklist', prevent: 'true' }])).status).toBe(200);
    await inventory(ports, web.endpoint, [fileFacts('/srv/old.bin', evil), fileFacts('/srv/new.bin', evil)]);
    expect(await orders()).toBe(1);
    const page = { offset: 0, limit: 1 };
    const [action] = (await ports.store.read(({ actions }) => actions.list({ verbs: ['quarantine'] }, page))).items;
    expect(action).toMatchObject({ dialect: 'cybereason', principal: { name: 'responder@example.com' } });
  });

  test('of two decisions about one hash the later counts, and a thousand items are one transaction', async () => {
    const keys = Array.from({ length: 1_000 }, (_, number) => sha256Of(new TextEncoder().encode(`many ${number}`)));
    const items = keys.map((key) => ({ keys: [key], maliciousType: 'blacklist', prevent: true, remove: false }));
    const first = keys[0] ?? '';
    expect((await send([...items, { keys: [first], maliciousType: 'whitelist' }])).status).toBe(200);
    const [entry] = await world.ports.store.read(({ hashLists }) => hashLists.byHashes([first]));
    expect(entry?.list).toBe('allow');
    const answer = await world.send({ path: '/rest/classification/download', headers: { cookie } });
    const lines = (await answer.text()).split('\n');
    // The header, a thousand, the one of the test above, and what follows the last line feed.
    expect(lines).toHaveLength(1_003);
    expect((await send([{ keys, remove: true }])).status).toBe(200);
  });

  test('what a package vouches for is refused, and the whole request with it', async () => {
    const tool = new TextEncoder().encode('tool');
    await inventory(world.ports, world.mail.endpoint, [fileFacts('/usr/bin/tool', tool, { package: 'coreutils' })]);
    const before = await listed();
    const answer = await send([{ keys: [other, sha256Of(tool)], maliciousType: 'blacklist', prevent: true }]);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('coreutils');
    expect(await listed()).toEqual(before);
  });
});

describe('A row of CSV', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['plain', 'plain'],
    ['a, b', '"a, b"'],
    ['say "no"', '"say ""no"""'],
    ['one\r\ntwo\u2028three', 'one two three'],
    ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@x', "'@x"],
    ['\t=1', "' =1"],
    [' padded', '" padded"'],
  ];
  test.each(rows)('%j', (text, field) => {
    expect(csvRow([text, 'x'])).toBe(`${field},x\n`);
  });
});

describe('The list in pages', () => {
  const list = '/rest/classification/reputations/list';
  const wrong = [null, 7, { page: -1 }, { size: 0 }, { size: 10_001 }, { column: 'colour' }, { filter: { key: 7 } }];
  test.each(wrong.map((body) => [body]))('%j is refused', async (body) => {
    expect((await world.send(post(list, cookie, body))).status).toBe(400);
  });

  test('is filtered, sorted and counted', async () => {
    await send([{ keys: [other], maliciousType: 'whitelist', comment: 'Harmless' }]);
    const ask = async (body: object): Promise<readonly string[]> => {
      const answer = await world.send(post(list, cookie, body));
      const { data } = (await answer.json()) as {
        data: { reputations: readonly { key: string }[]; totalResults: number };
      };
      return data.reputations.map(({ key }) => key);
    };
    expect((await ask({})).toSorted()).toEqual([md5, other].toSorted());
    expect(await ask({ column: 'key', order: 'DESC', size: '1', page: '1' })).toEqual([
      [md5, other].toSorted()[0] ?? '',
    ]);
    expect(await ask({ filter: { comment: 'harm' } })).toEqual([other]);
    expect(await ask({ filter: { isBlocking: true } })).toEqual([md5]);
    expect(await ask({ filter: { key: md5.slice(3, 12).toUpperCase() } })).toEqual([md5]);
    expect(await ask({ filter: { maliciousType: 'whitelist', owningUser: 'RESPONDER@' } })).toEqual([other]);
    expect(await ask({ filter: { reputationType: 'DOMAIN' } })).toEqual([]);
  });
});

describe('The newer calls, as the Python library makes them', () => {
  const service = '/rest/dynamic/v1/ti-reputation/api/v1';
  const put = async (id: string, body: object) => {
    const answer = await world.send({
      ...post(`${service}/lists/default/reputations/${id}`, cookie, body),
      method: 'PUT',
    });
    return { status: answer.status, body: await answer.text() };
  };
  const change = (id: string, more: object = {}) => ({
    ...{ comment: 'again', action: 'DENY', keys: [{ type: 'MD5', value: id }], groupIds: null },
    ...{ reputationListId: 'default', ...more },
  });

  test('the list is found, searched page by page, and an entry is decided anew', async () => {
    const found = await world.send({ path: `${service}/entity/lists/default`, headers: { cookie } });
    expect(await found.json()).toBe('default');
    await send([{ keys: [md5, other], maliciousType: 'blacklist', prevent: false }]);
    const search = async (page: number) => {
      const body = { pagination: { size: 1, page } };
      const answer = await world.send(post(`${service}/lists/default/reputations/search`, cookie, body));
      return ((await answer.json()) as { reputations: readonly { id: string; action: string }[] }).reputations;
    };
    const pages = [...(await search(0)), ...(await search(1)), ...(await search(2))];
    expect(pages.map(({ id, action }) => [id, action]).toSorted()).toEqual(
      [md5, other].toSorted().map((id) => [id, 'DETECT']),
    );
    expect((await put(md5, change(md5))).status).toBe(200);
    const [entry] = await world.ports.store.read(({ hashLists }) => hashLists.byHashes([md5]));
    expect(entry).toMatchObject({ list: 'block', prevent: true, comment: 'again', expiresAt: null });
    expect((await put(md5, change(md5, { action: 'ALLOW' }))).body).toContain('"ALLOW"');
  });

  const wrong: readonly (readonly [string, object, number])[] = [
    ['an unknown action', { action: 'PERHAPS' }, 400],
    ['a group', { groupIds: ['g'] }, 400],
    ['another key', { keys: [{ type: 'MD5', value: other }] }, 400],
    ['a domain', { keys: [{ type: 'DOMAIN', value: 'evil.example.com' }] }, 400],
    ['no key', { keys: [] }, 400],
    ['an expiry that has passed', { expiresAt: 1 }, 400],
  ];
  test.each(wrong)('%s is refused', async (_, more, status) => {
    const before = await listed();
    const answer = await put(md5, change(md5, more));
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([status, { outcome: 'failure' }]);
    expect(await listed()).toEqual(before);
  });

  test('an entry or a list that there is not is not found', async () => {
    const unlisted = createHash('md5').update('unlisted').digest('hex');
    expect((await put(unlisted, change(unlisted))).status).toBe(404);
    const answer = await world.send(post(`${service}/lists/other/reputations/search`, cookie, {}));
    expect(answer.status).toBe(404);
  });
});
