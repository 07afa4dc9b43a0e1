import { describe, expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connectEndpoint } from '#core/verbs/connect-endpoint.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import { pylumId } from '#dialects/cybereason/pylum-id.ts';
import { startAgent } from '#kit/agent.ts';
import { enrolMachine } from '#kit/fleet.ts';
import { until } from '#kit/until.ts';
import { unzip } from '#kit/unzip.ts';
import { whileAgentsWork } from './while-agents-work.ts';
import { openWorld, origin, post, remoteAddress, type World } from './world.ts';

const path = '/rest/file-search/fetch-direct';
const password = 'cautionhandlewithcare';

interface Reply {
  readonly data: boolean;
  readonly status: string;
  readonly message: string;
}

function ask(world: World, cookie: string, body: unknown): Promise<Response> {
  return world.send(post(path, cookie, body));
}

async function started(world: World): Promise<number> {
  return world.ports.store.read(async ({ actions }) => (await actions.list({}, { offset: 0, limit: 1 })).total);
}

async function rows(world: World, cookie: string): Promise<readonly Record<string, unknown>[]> {
  const answer = await world.send({ path: '/rest/fetchfile/downloads/progress', headers: { cookie } });
  return ((await answer.json()) as { data: readonly Record<string, unknown>[] }).data;
}

/** An answer that is no archive, and that nobody can take for a missing file unless it is one. */
async function refused(answer: Response, status: number, words: string): Promise<void> {
  const { message, ...rest } = (await answer.json()) as Reply;
  expect({ status: answer.status, disposition: answer.headers.get('content-disposition') }).toEqual({
    status,
    disposition: null,
  });
  expect(rest.data).toBe(false);
  expect(message).toContain(words);
}

describe('A fetch by path', () => {
  test('leaves a record of who got which file, and is theirs alone', async () => {
    await using world = await openWorld();
    const cookie = await world.cookieOf('Investigator', 'ana@example.com');
    const body = { path: '/srv/calc.bin', pylumId: pylumId(world.web.endpoint) };
    const answer = await whileAgentsWork(world, ask(world, cookie, body));
    await answer.bytes();
    const events = await world.ports.store.read((reader) => reader.events.list({}, 0, 1_000));
    expect(events.filter(({ type }) => type === 'action_started' || type === 'evidence_delivered')).toMatchObject([
      { actor: { name: 'ana@example.com' }, facts: { verb: 'fetch', dialect: 'cybereason', claimedInitiator: null } },
      { actor: { name: 'ana@example.com' }, facts: { remoteAddress, files: [{ name: 'calc.bin' }] } },
    ]);
  });

  test('that breaks off leaves the file on the list of downloads', async () => {
    await using world = await openWorld();
    const cookie = await world.cookieOf('Investigator');
    const body = { path: '/srv/calc.bin', pylumId: pylumId(world.web.endpoint) };
    const answer = await whileAgentsWork(world, ask(world, cookie, body));
    await answer.body?.cancel();
    expect(await rows(world, cookie)).toMatchObject([{ fileName: 'calc.bin', succeeded: true }]);
  });

  test('takes a sensor by the end of its name, in any case, though its host was renamed', async () => {
    await using world = await openWorld();
    const { endpoint } = world.web;
    const old = pylumId(endpoint).toLowerCase();
    const connectedUntil = world.ports.clock.now() + 60_000;
    const facts = { ...endpoint, hostName: 'web-renamed' };
    await connectEndpoint(world.ports, { endpointId: endpoint.id, facts, vaultRecipient: 'age1test', connectedUntil });
    const cookie = await world.cookieOf('Investigator');
    const answer = await whileAgentsWork(world, ask(world, cookie, { path: '/srv/calc.bin', pylumId: old }));
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="calc.bin.zip"');
    await answer.body?.cancel();
  });

  test('names the archive so that no client saves it elsewhere, and a browser sees the letters', async () => {
    await using world = await openWorld();
    const cookie = await world.cookieOf('Investigator');
    const sensor = pylumId(world.web.endpoint);
    const disposition = async (shown: string) => {
      world.web.agent.disk.set(shown, new Uint8Array([1]));
      const answer = await whileAgentsWork(world, ask(world, cookie, { path: shown, pylumId: sensor }));
      await unzip(await answer.bytes(), password);
      return answer.headers.get('content-disposition');
    };
    expect(await disposition('/srv/Ünïcode näme.txt')).toBe(
      `attachment; filename="_n_code n_me.txt.zip"; filename*=UTF-8''%C3%9Cn%C3%AFcode%20n%C3%A4me.txt.zip`,
    );
    expect(await disposition('/srv/a"; filename="b.exe')).toBe('attachment; filename="a_; filename=_b.exe.zip"');
    expect(await disposition('/srv/..\\x5c..\\x5cevil\\x0d\\x0aset-cookie: x')).toBe(
      'attachment; filename=".._x5c.._x5cevil_x0d_x0aset-cookie_ x.zip"',
    );
  });
});

describe('What cannot be fetched is said as what it is, and never as a missing file', () => {
  test('a machine that is not connected: nothing is started', async () => {
    await using world = await openWorld();
    const cookie = await world.cookieOf('Investigator');
    world.ports.clock.advance(10 * 60_000);
    await refused(
      await ask(world, cookie, { path: '/srv/calc.bin', pylumId: pylumId(world.web.endpoint) }),
      409,
      'web-1 is not connected',
    );
    expect(await started(world)).toBe(0);
  });

  test('a file that the endpoint will not give: its reason is told, and the row does not stay', async () => {
    await using world = await openWorld();
    const cookie = await world.cookieOf('Investigator');
    const answering = ask(world, cookie, { path: '/srv/calc.bin', pylumId: pylumId(world.web.endpoint) });
    await until('the order is there', async () => (await started(world)) === 1 || undefined);
    await world.web.agent.abort();
    await refused(await answering, 409, 'web-1 has not sent /srv/calc.bin: cancelled, withdrawn.');
    expect(await rows(world, cookie)).toEqual([]);
  });

  test('a batch that its owner closes meanwhile', async () => {
    await using world = await openWorld();
    const cookie = await world.cookieOf('Investigator');
    const answering = ask(world, cookie, { path: '/srv/calc.bin', pylumId: pylumId(world.web.endpoint) });
    const [row] = await until('it is on the list', async () => {
      const found = await rows(world, cookie);
      return found.length > 0 ? found : undefined;
    });
    await world.send({ path: `/rest/fetchfile/close/${row?.['batchId']}`, headers: { cookie } });
    await refused(await answering, 409, 'The batch was closed.');
  });

  test('a file that takes longer than the wait: it goes on as a batch, which the answer names', async () => {
    const cybereason = {
      ...({ guidSpelling: 'numeric', sensorOffset: 'page', honestUnauthorized: false } as const),
      directFetchPatience: 300,
    };
    await using world = await openWorld({ policy: { cybereason } });
    const cookie = await world.cookieOf('Investigator');
    const answer = await ask(world, cookie, { path: '/srv/calc.bin', pylumId: pylumId(world.web.endpoint) });
    const { status, message } = (await answer.json()) as Reply;
    expect({ http: answer.status, status }).toEqual({ http: 504, status: 'TIMEOUT_ERROR' });
    const [row] = await rows(world, cookie);
    expect(message).toContain(`batch ${row?.['batchId']} of fetchfile/downloads/progress`);
    await world.web.agent.work();
    const archive = await world.send({ path: `/rest/fetchfile/getfiles/${row?.['batchId']}`, headers: { cookie } });
    expect(Object.keys(await unzip(await archive.bytes()))).toEqual(['calc.bin']);
  });

  test('evidence that is away, before and after', async () => {
    await using off = await openWorld({ evidence: 'off' });
    const body = { path: '/srv/calc.bin', pylumId: pylumId(off.web.endpoint) };
    await refused(await ask(off, await off.cookieOf('Investigator'), body), 503, 'Evidence storage');
    await using world = await openWorld();
    const cookie = await world.cookieOf('Investigator');
    const answering = ask(world, cookie, { ...body, pylumId: pylumId(world.web.endpoint) });
    await until('the order is there', async () => (await started(world)) === 1 || undefined);
    await world.web.agent.work();
    await rm(join(world.ports.directory, 'evidence'), { recursive: true });
    await refused(await answering, 503, 'The evidence directory');
  });

  test('whatever is no request: nothing is started', async () => {
    await using world = await openWorld();
    const cookie = await world.cookieOf('Investigator');
    const sensor = pylumId(world.web.endpoint);
    const wrong: readonly (readonly [unknown, string])[] = [
      [null, 'The body must be a JSON object'],
      [[], 'The body must be a JSON object'],
      [{ path: '/srv/calc.bin' }, 'pylumId must be a text'],
      [{ path: 7, pylumId: sensor }, 'path must be a text'],
      [{ path: '', pylumId: sensor }, 'path is empty'],
      [{ path: 'calc.bin', pylumId: sensor }, 'path must be the full path of a file on web-1 (linux)'],
      [{ path: 'C:\\calc.bin', pylumId: sensor }, 'full path'],
      [{ path: '/srv/\u0000', pylumId: sensor }, 'full path'],
      [{ path: `/${'a'.repeat(40_000)}`, pylumId: sensor }, 'full path'],
      [{ path: '/srv/calc.bin', pylumId: 'web-1' }, 'no sensor'],
      [{ path: '/srv/calc.bin', pylumId: world.web.endpoint.id }, 'no sensor'],
    ];
    for (const [body, words] of wrong) {
      await refused(await ask(world, cookie, body), 400, words);
    }
    const surrogate = `{"path":"/srv/\\ud800","pylumId":"${sensor}"}`;
    await refused(await world.send({ ...post(path, cookie, {}), body: surrogate }), 400, 'full path');
    expect(await started(world)).toBe(0);
    await refused(await ask(world, await world.cookieOf('Viewer'), {}), 403, 'evidence.download');
  });
});

test('On Windows, a path is what its text is, escapes and all', async () => {
  await using world = await openWorld();
  const endpoint = await enrolMachine(world.ports, { hostName: 'pc-7', platform: 'windows' });
  const agent = startAgent(world.ports, endpoint, { 'C:\\x64\\app.exe': new Uint8Array([1, 2, 3]) });
  const cookie = await world.cookieOf('Investigator');
  const body = { path: 'C:\\x64\\app.exe', pylumId: pylumId(endpoint) };
  const answering = ask(world, cookie, body);
  await until('the order is there', async () => (await started(world)) === 1 || undefined);
  const [task] = await world.ports.store.read(async ({ actions, tasks }) => {
    const [action] = (await actions.list({}, { offset: 0, limit: 1 })).items;
    return action === undefined ? [] : tasks.byAction(action.id);
  });
  const files = task?.parameters.verb === 'fetch' ? task.parameters.files : [];
  expect(files.map((file) => new TextDecoder().decode(file.path))).toEqual(['C:\\x64\\app.exe']);
  await agent.abort();
  expect((await answering).status).toBe(409);
});

test('A client that goes away ends the wait, and not the fetch', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Investigator');
  const gone = new AbortController();
  const {
    method = 'POST',
    headers = {},
    body = '',
  } = post(path, cookie, {
    path: '/srv/calc.bin',
    pylumId: pylumId(world.web.endpoint),
  });
  const request = new Request(`${origin}${path}`, { method, headers, body, signal: gone.signal });
  const since = performance.now();
  const answering = createCybereasonDialect(world.ports).handle(request, { remoteAddress, local: false });
  await until('the order is there', async () => (await started(world)) === 1 || undefined);
  gone.abort();
  expect((await answering).status).toBe(504);
  expect(performance.now() - since).toBeLessThan(5_000);
  expect(await rows(world, cookie)).toMatchObject([{ fileName: 'calc.bin', state: 'Pending' }]);
});
