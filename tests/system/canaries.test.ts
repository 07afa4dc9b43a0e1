import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeAt } from '#kit/authenticator.ts';
import { newKey } from '#kit/cortex.ts';
import { filesBelow, sha256 } from '#kit/disk.ts';
import { custody, descendants, readProcessFile, runProgram } from '#kit/program.ts';
import { until } from '#kit/until.ts';
import { openReceiver, type Receiver } from '#kit/webhook-receiver.ts';
import { openWorld, type World } from '#kit/world.ts';
import { type Credentials, requestsWith, type Sent } from './canary-requests.ts';

/** So much of a secret may stand nowhere: a log that shows its head or tail shows it. */
const telling = 16;
const side = 8;
/** Of a long name that is unknown no more is said back. */
const shownOfName = 20;

/** Secrets by what they are, and everything that processes, files and answers have said. */
class Canaries {
  readonly secrets = new Map<string, string>();
  readonly #said = new Map<string, string[]>();
  readonly #lines = new Set<string>();

  keep(what: string, secret: string): string {
    expect(secret.length).toBeGreaterThanOrEqual(telling);
    this.secrets.set(what, secret);
    return secret;
  }

  said(where: string, text: string): void {
    this.#said.set(where, [...(this.#said.get(where) ?? []), text]);
  }

  /** The command lines of this process's descendants, as everybody on the machine can read them. */
  look(): void {
    for (const { pid } of descendants(process.pid)) {
      this.#lines.add(readProcessFile(pid, 'cmdline') ?? '');
    }
  }

  found(): readonly string[] {
    const places = [...this.#said, ['a command line', [...this.#lines]] as const];
    return places.flatMap(([where, texts]) => this.foundIn(where, texts.join('\n')));
  }

  /** Whatever became of capital letters. */
  foundIn(where: string, said: string): readonly string[] {
    const text = said.toLowerCase();
    return [...this.secrets].flatMap(([what, secret]) => {
      const ends = [secret.slice(0, telling), secret.slice(-telling)].map((each) => each.toLowerCase());
      const part = ends.find((each) => text.includes(each));
      if (part === undefined) {
        return [];
      }
      const at = text.indexOf(part);
      return [`${what} in ${where}: ...${text.slice(Math.max(0, at - 20 * side), at + telling + 20 * side)}...`];
    });
  }
}

function random(length = 24): string {
  return randomBytes(length).toString('base64url').replaceAll(/[-_]/g, 'x');
}

/** The last line of a key's body: the first ones are alike in all keys of a kind. */
function privatePart(pem: string): string {
  const lines = pem.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
  const body = lines.join('');
  return body.slice(-40).replace(/=+$/, '');
}

async function person({ server }: World, canaries: Canaries) {
  const password = canaries.keep('a password', random());
  await server.client.createUser({ email: 'ana@example.com', password, role: 'Instance Administrator' });
  const { token } = await server.client.logIn({ email: 'ana@example.com', password });
  canaries.keep('a session of the native API', token);
  const own = server.clientOf(token);
  const { secret } = await own.prepareSecondFactor();
  canaries.keep('a secret of one-time codes', secret);
  await own.confirmSecondFactor({ code: codeAt(secret, Date.now()) });
  const plain = canaries.keep('another password', random());
  await server.client.createUser({ email: 'ben@example.com', password: plain, role: 'Instance Administrator' });
  const form = new URLSearchParams({ username: 'ben@example.com', password: plain });
  const answer = await server.fetch('/login.html', { method: 'POST', body: form });
  const cookie = /^JSESSIONID=([0-9A-F]{32})/.exec(answer.headers.getSetCookie()[0] ?? '')?.[1] ?? '';
  canaries.keep('a session of the Cybereason API', cookie);
  return { token, cookie };
}

async function keys({ server }: World, canaries: Canaries) {
  const standard = await newKey(server, 'Instance Administrator');
  canaries.keep('a standard key', standard.secret);
  const advanced = await newKey(server, 'Instance Administrator', 'advanced');
  canaries.keep('an advanced key', advanced.secret);
  canaries.keep('a signature', advanced.headers['authorization'] ?? '');
  expect((await advanced.call('endpoints/get_endpoints', {})).status).toBe(200);
  const own = await server.fetch('/api/v1/me', {
    headers: { authorization: `Custody-Key ${standard.keyId}:${standard.secret}` },
  });
  expect(own.status).toBe(200);
  return standard;
}

function filesOfKeys({ server, agents }: World, canaries: Canaries): void {
  const { data } = server;
  for (const name of ['keys/order-key.pem', 'keys/ledger-key.pem', 'tls/ca-key.pem', 'tls/server-key.pem']) {
    canaries.keep(name, privatePart(readFileSync(join(data, name), 'utf8')));
  }
  const sealing = readFileSync(join(data, 'keys/secrets-key'));
  canaries.keep('the key that seals, in hex', sealing.toString('hex'));
  canaries.keep('the key that seals, in base64', sealing.toString('base64').replace(/=+$/, ''));
  const recovery = /AGE-SECRET-KEY-\S+/.exec(readFileSync(join(data, 'recovery-identity.txt'), 'utf8'))?.[0] ?? '';
  canaries.keep('the recovery identity', recovery.slice('AGE-SECRET-KEY-'.length));
  for (const agent of agents) {
    const identity = JSON.parse(readFileSync(join(agent.data, 'identity.json'), 'utf8')) as Record<string, string>;
    canaries.keep('a device key', privatePart(identity['devicePrivateKey'] ?? ''));
    canaries.keep('a vault key', (identity['vaultIdentity'] ?? '').slice('AGE-SECRET-KEY-'.length));
  }
}

/** Told once; a receiver that takes nothing makes the server talk of it. */
async function webhook({ server }: World, canaries: Canaries, receiver: Receiver): Promise<string> {
  receiver.answer = () => new Response(null, { status: 500 });
  const place = random();
  const url = `http://127.0.0.1:${receiver.port}/${place}`;
  const { id, secret } = await server.client.createWebhook({ name: 'chat', url, attempts: 1 });
  canaries.keep('the secret of a webhook', secret.slice('whsec_'.length));
  const rotated = await server.client.rotateWebhookSecret(id);
  canaries.keep('another secret of a webhook', rotated.secret.slice('whsec_'.length));
  await until('an event is a dead letter', async () => (await server.client.listDeadLetters(id)).total > 0);
  canaries.said('the dead letters', JSON.stringify(await server.client.listDeadLetters(id)));
  const test = await server.client.testWebhook(id);
  canaries.said('a test of a webhook', JSON.stringify(test));
  canaries.said('the state of the server', JSON.stringify(await server.client.readServer()));
  const signature = receiver.received[0]?.headers.get('webhook-signature')?.slice('v1,'.length) ?? '';
  canaries.keep('the signature of a webhook', signature);
  canaries.said('a webhook', receiver.received.map(({ text }) => text).join('\n'));
  return place;
}

/** Orders that go well, on the way of which tokens are made and keys are used. */
async function work(world: World, canaries: Canaries, headers: Readonly<Record<string, string>>): Promise<void> {
  const { client, server } = world;
  const agent = world.agent(0);
  const path = agent.put('taken.txt', 'taken away');
  const idempotencyKey = canaries.keep('an idempotency key', random());
  const ordered = await server.fetch('/api/v1/actions/quarantine', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': `"${idempotencyKey}"`,
      authorization: `Custody-Key ${headers['x-xdr-auth-id']}:${headers['authorization']}`,
    },
    body: JSON.stringify({ endpointIds: [agent.id], path, sha256: sha256('taken away') }),
  });
  expect([ordered.status, await ordered.clone().text()]).toEqual([201, expect.any(String)]);
  const { id } = (await ordered.json()) as { readonly id: string };
  expect((await client.waitForAction(id)).status).toBe('completed_successfully');
  const wanted = agent.put('wanted.txt', 'wanted');
  await world.known(agent, wanted);
  const call = async (name: string, fields: unknown) => {
    const body = JSON.stringify({ request_data: fields });
    const answer = await server.fetch(`/public_api/v1/${name}`, { method: 'POST', headers, body });
    return ((await answer.json()) as { readonly reply: Readonly<Record<string, unknown>> }).reply;
  };
  const filters = [{ field: 'endpoint_id_list', operator: 'in', value: [agent.id] }];
  const { action_id: retrieval } = await call('endpoints/file_retrieval', { filters, files: { linux: [wanted] } });
  await client.waitForAction(String(retrieval));
  const { data } = await call('actions/file_retrieval_details', { group_action_id: retrieval });
  const link = new URL(Object.values(data as Readonly<Record<string, string>>)[0] ?? '').pathname;
  canaries.keep('a download token', link.split('/download/')[1] ?? '');
  const download = await server.fetch(link, { headers });
  expect([download.status, (await download.bytes()).length > 0]).toEqual([200, true]);
}

/** Whoever names a thing may be told that there is none of this name; what came in a header is never said back. */
function isSaidBack(secret: string, { path, init }: Sent): boolean {
  return path.includes(encodeURIComponent(secret)) || String(init.body ?? '').includes(secret);
}

function withoutWord(text: string, secret: string): string {
  const forms = [secret, encodeURIComponent(secret), secret.slice(0, shownOfName)];
  return forms.reduce((rest, each) => rest.replaceAll(each, ''), text);
}

async function askEverything(world: World, canaries: Canaries, right: Credentials): Promise<number> {
  let asked = 0;
  for (const secret of canaries.secrets.values()) {
    const requests = requestsWith(secret, right);
    asked += requests.length;
    await Promise.all(
      requests.map(async ({ path, init }) => {
        const answer = await world.server.fetch(path, init);
        const text = answer.headers.get('content-type') === 'application/zip' ? '' : await answer.text();
        const place = answer.headers.get('location') ?? '';
        const { 'x-request-id': _, ...named } = Object.fromEntries(answer.headers);
        const whole = `${answer.status} ${place} ${JSON.stringify(named)} ${text}`;
        canaries.said('an answer', isSaidBack(secret, { path, init }) ? withoutWord(whole, secret) : whole);
      }),
    );
    canaries.look();
  }
  return asked;
}

/** Commands that fail over a secret, or use it. */
async function commands(world: World, canaries: Canaries, token: string): Promise<void> {
  const { server, directory } = world;
  const remote = ['--server', server.url, '--ca', server.caFile];
  const run = async (words: readonly string[], environment: Record<string, string> = {}, input = '') => {
    const running = runProgram([custody, ...words], { environment, input });
    canaries.look();
    const { out, err } = await running;
    canaries.said(`custody ${words.slice(0, 2).join(' ')}`, `${out}\n${err}`);
  };
  await run(['endpoint', 'list', ...remote], { CUSTODY_TOKEN: token });
  await run(['event', 'list', ...remote, '--json'], { CUSTODY_TOKEN: token });
  for (const what of ['a standard key', 'a session of the native API', 'a password', 'a download token']) {
    const secret = canaries.secrets.get(what);
    await run(['endpoint', 'list', ...remote], { CUSTODY_TOKEN: `1:${secret}x` });
  }
  const enrol = ['agent', 'enroll', ...remote, '--data', join(directory, 'stranger'), '--token', '-'];
  await run(enrol, {}, `${canaries.secrets.get('an enrolment token')}x`);
  await run(['user', 'password', ...remote], { CUSTODY_TOKEN: token }, `${canaries.secrets.get('a password')}x\nshort`);
  await run(['status', '--data', server.data]);
}

/** What a program says over a file of keys that is damaged. */
async function damagedFiles(world: World, canaries: Canaries): Promise<void> {
  const { server, directory } = world;
  const data = join(directory, 'damaged');
  const identity = readFileSync(join(world.agent(0).data, 'identity.json'), 'utf8');
  await runProgram(['cp', '-r', world.agent(0).data, data]);
  const vaultKey = canaries.secrets.get('a vault key') ?? '';
  for (const damaged of [identity.slice(0, -20), identity.replace('"AGE', 'AGE')]) {
    expect(damaged).toContain(vaultKey);
    writeFileSync(join(data, 'identity.json'), damaged);
    for (const words of [['run'], ['status'], ['vault', 'list']]) {
      const { code, out, err } = await runProgram([custody, 'agent', ...words, '--data', data]);
      expect(words[0] === 'run' && code === 0).toBe(false);
      canaries.said(`agent ${words.join(' ')} with a damaged identity`, `${out}\n${err}`);
    }
  }
  for (const name of ['keys/order-key.pem', 'keys/ledger-key.pem', 'tls/server-key.pem']) {
    const path = join(server.data, name);
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, whole.replace(/-----BEGIN/, '-'));
    const { code, out, err } = await runProgram([custody, 'server', '--data', server.data, '--listen', '127.0.0.1:0']);
    expect([name, code]).not.toEqual([name, 0]);
    canaries.said(`a server with a damaged ${name}`, `${out}\n${err}`);
    writeFileSync(path, whole);
  }
}

/** Makes every log-in and session fail inside the store, as a broken disk would. */
async function whileStoreIsBroken(world: World, act: () => Promise<void>): Promise<void> {
  using database = new Database(join(world.server.data, 'custody.sqlite'));
  database.run('ALTER TABLE sessions RENAME TO sessions_away');
  database.run('ALTER TABLE api_keys RENAME TO keys_away');
  await act();
  database.run('ALTER TABLE sessions_away RENAME TO sessions');
  database.run('ALTER TABLE keys_away RENAME TO api_keys');
}

function stored(world: World): readonly (readonly [string, string])[] {
  return readdirSync(world.server.data)
    .filter((name) => name.startsWith('custody.sqlite'))
    .map((name) => [name, readFileSync(join(world.server.data, name), 'latin1')] as const);
}

function demandTracedLines(log: string): void {
  const lines = log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const answered = lines.filter(({ msg }) => msg === 'A request was answered.');
  expect(answered.length).toBeGreaterThan(100);
  const ids = new Set(answered.map(({ requestId }) => requestId));
  expect(ids.size).toBe(answered.length);
  const told = lines.filter(({ msg }) => /^(A request (was refused|failed)|An API key was refused)/.test(String(msg)));
  expect(told.length).toBeGreaterThan(100);
  expect(told.filter(({ requestId }) => !ids.has(requestId))).toEqual([]);
  const routes = answered.map(({ route }) => route);
  expect(routes).toContain('GET /public_api/v1/download/:token');
  expect(answered.find(({ route }) => route === 'GET /public_api/v1/download/:token')).toMatchObject({
    ...{ method: 'GET', status: 200, duration: expect.any(Number), principal: expect.stringMatching(/^key:\d+$/) },
  });
}

test('no secret is in any log, answer, event, metric or command line, whatever goes well or wrong with it', async () => {
  const canaries = new Canaries();
  const first = canaries.keep('the first password', random());
  using receiver = openReceiver();
  const settings = {
    CUSTODY_WEBHOOK_HOSTS: `127.0.0.1:${receiver.port}`,
    CUSTODY_LOG: 'debug',
    CUSTODY_ADMIN_PASSWORD: first,
    CUSTODY_RATE_PER_MINUTE: '0',
  };
  await using world = await openWorld({ agents: 1, settings });
  const { server } = world;
  const { token: enrolment } = await server.client.createEnrolmentToken({});
  canaries.keep('an enrolment token', enrolment);
  filesOfKeys(world, canaries);
  const { token, cookie } = await person(world, canaries);
  const standard = await keys(world, canaries);
  const place = await webhook(world, canaries, receiver);
  await work(world, canaries, standard.headers);
  const right = {
    native: { authorization: `Bearer ${token}` },
    cortex: standard.headers,
    cybereason: { cookie: `JSESSIONID=${cookie}` },
  };
  const asked = await askEverything(world, canaries, right);
  await commands(world, canaries, token);
  canaries.said('metrics', await server.client.readMetrics());
  for (let sequence = 0; ; ) {
    const { items } = await server.client.listEvents({ after: sequence, limit: 1_000 });
    canaries.said('an event', JSON.stringify(items));
    sequence = items.at(-1)?.sequence ?? 0;
    if (items.length < 1_000) {
      break;
    }
  }
  await whileStoreIsBroken(world, async () => {
    await askEverything(world, canaries, right);
  });
  expect(server.program.err()).toContain('no such table');
  await world.agent(0).end('SIGKILL');
  world.agent(0).start();
  await world.agent(0).connect();
  const log = () => `${server.program.out()}\n${server.program.err()}`;
  await server.end('SIGKILL');
  canaries.said('the log of the server', log());
  demandTracedLines(server.program.err());
  await damagedFiles(world, canaries);
  await server.start();
  await until('the agent is back', async () => {
    const { presence } = await server.client.readEndpoint(world.agent(0).id);
    return presence === 'connected';
  });
  canaries.said('the log of the server, started again', log());
  canaries.said('the log of the agent', `${world.agent(0).program.out()}\n${world.agent(0).program.err()}`);
  for (const path of filesBelow(join(world.agent(0).data, 'logs'))) {
    canaries.said(path, readFileSync(path, 'latin1'));
  }
  // It stands in the store, where whoever manages webhooks reads it; and nowhere else.
  canaries.keep('a secret in the address of a webhook', place);
  expect(canaries.found()).toEqual([]);
  canaries.secrets.delete('a secret in the address of a webhook');
  for (const [name, text] of stored(world)) {
    canaries.said(name, text);
  }
  expect(asked).toBeGreaterThan(1_000);
  expect(canaries.foundIn('a control', `x${first}y`)).toHaveLength(1);
  expect(canaries.found()).toEqual([]);
}, 240_000);
