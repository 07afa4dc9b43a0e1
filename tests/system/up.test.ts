import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allBelow, filesBelow } from '#kit/disk.ts';
import { freePort } from '#kit/free-port.ts';
import { checkout, custody, descendants, readProcessFile, runProgram, startProgram } from '#kit/program.ts';
import { until } from '#kit/until.ts';
import { type RunningUp, startUp } from '#kit/up.ts';

/** The promise is five seconds; a machine that does other work too gets three times that. */
const soon = 15_000;

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'custody-up-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

async function up(name: string) {
  const data = join(directory, name);
  const listen = `127.0.0.1:${await freePort()}`;
  const start = () => startUp([custody, 'up', '--data', data, '--listen', listen], { data });
  return { data, listen, start };
}

function printedPassword(text: string): string | undefined {
  return /First password +(\S+)/.exec(text)?.[1];
}

describe('custody up', () => {
  test('brings up a server and an agent, tells how to use them, and finds everything again at the next start', async () => {
    const { data, listen, start } = await up('first');
    await using first = await start();
    expect(first.took).toBeLessThan(soon);
    const printed = first.program.out() + first.program.err();
    expect(printed).toContain(`https://${listen}`);
    expect(printed).toContain('admin@custody.local');
    expect(printed).toContain('custody restore');
    const password = printedPassword(printed) ?? '';
    expect(password.length).toBeGreaterThanOrEqual(12);
    expect(printed.split(password)).toHaveLength(2);
    expect(await logInStatus(data, listen, password)).toBe('in');
    expect(await logInStatus(data, listen, `${password}x`)).toBe('refused');
    const before = await memory(first.client);

    expect(await first.interrupt()).toMatchObject({ code: 0 });
    expect(filesHolding(data, password)).toEqual([]);
    expect(allBelow(data).filter(isOpenToOthers)).toEqual([]);

    await using second = await start();
    expect(second.took).toBeLessThan(soon);
    expect(printedPassword(second.program.out() + second.program.err())).toBeUndefined();
    expect(await memory(second.client)).toEqual(before);
    expect(await logInStatus(data, listen, password)).toBe('in');
    expect(await second.end('SIGTERM')).toMatchObject({ code: 0 });
  });

  test('hands out none of its own keys and records, whoever may fetch from this machine', async () => {
    const { data, start } = await up('keys');
    await using running = await start();
    const { client } = running;
    const [endpoint] = (await client.listEndpoints()).items;
    const own = [
      'keys/order-key.pem',
      'tls/ca-key.pem',
      'custody.sqlite',
      'recovery-identity.txt',
      'agent/identity.json',
    ];
    const paths = [...own, 'sample/report.txt'].map((name) => join(data, name));
    const { id } = await client.retrieveFiles({ endpointIds: [endpoint?.id ?? ''], paths });
    const files = (await client.waitForAction(id, { timeout: 30_000 })).tasks.flatMap((task) => task.files);
    const ends: readonly string[] = files.map(({ reason, outcome }) => reason ?? outcome);
    expect(ends).toEqual([...own.map(() => 'protected_file'), 'done']);
    await running.interrupt();
  });

  test('leaves no agent behind when it is killed', async () => {
    const { start } = await up('killed');
    await using running = await start();
    expect(descendants(running.program.pid).length).toBeGreaterThan(0);
    expect(await running.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
  });

  test('is what `npm start` runs, in the process that the shell had', async () => {
    const data = join(directory, 'npm');
    const environment = { CUSTODY_DATA: data, CUSTODY_LISTEN: `127.0.0.1:${await freePort()}`, HOME: directory };
    await using running = await startUp(['npm', 'start'], { data, cwd: checkout, environment });
    const commands = descendants(running.program.pid).map(({ pid }) => readProcessFile(pid, 'cmdline') ?? '');
    expect(commands.some((command) => command.includes('src/main.ts\0up'))).toBe(true);
    expect(commands.filter((command) => /(^|\/)sh\0/.test(command))).toEqual([]);
    await running.interrupt();
  });
});

/** What must be the same after a restart. */
async function memory(client: RunningUp['client']): Promise<unknown> {
  const endpoints = (await client.listEndpoints()).items.map(({ id, number }) => ({ id, number }));
  const files = (await client.findFiles({})).items.map(({ guid, path }) => ({ guid, path }));
  return { endpoints, files, users: (await client.listUsers()).items };
}

async function logInStatus(data: string, listen: string, password: string): Promise<'in' | 'refused'> {
  const body = new URLSearchParams({ username: 'admin@custody.local', password });
  const ca = readFileSync(join(data, 'tls', 'ca.pem'), 'utf8');
  const answer = await fetch(`https://${listen}/login.html`, { method: 'POST', body, redirect: 'manual', tls: { ca } });
  return answer.headers.get('location')?.includes('error') === true ? 'refused' : 'in';
}

function filesHolding(below: string, text: string): readonly string[] {
  return filesBelow(below).filter((path) => readFileSync(path).includes(text));
}

/** The sample files are for everybody, as ordinary files are; everything else is the owner's alone. */
function isOpenToOthers(path: string): boolean {
  return (lstatSync(path).mode & 0o077) !== 0 && !path.includes('/sample');
}

describe('A start that cannot work says in one line what is wrong and what to do', () => {
  let occupant: Server;
  let taken: number;

  beforeAll(async () => {
    occupant = createServer();
    taken = await freePort();
    await new Promise<void>((resolve) => occupant.listen(taken, '127.0.0.1', resolve));
  });

  afterAll(() => {
    occupant.close();
  });

  async function failing(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const { code, out, err } = await runProgram([custody, ...words], { environment });
    expect(out).toBe('');
    expect(err.trimEnd().split('\n'), err).toHaveLength(1);
    return { code, err };
  }

  test.each(['server', 'up'])('`custody %s`: the port is taken', async (command) => {
    const data = join(directory, `taken-${command}`);
    const { code, err } = await failing([command, '--data', data, '--listen', `127.0.0.1:${taken}`]);
    expect(code).toBe(1);
    expect(err).toContain(`127.0.0.1:${taken}`);
    expect(err).toContain('CUSTODY_LISTEN');
  });

  test('a first start that failed has not used up the first password', async () => {
    const data = join(directory, 'second-try');
    await failing(['server', '--data', data, '--listen', `127.0.0.1:${taken}`]);
    await using running = startProgram([
      custody,
      'server',
      '--data',
      data,
      '--listen',
      `127.0.0.1:${await freePort()}`,
    ]);
    await until('the password is printed', () => printedPassword(running.err()));
    await running.end('SIGTERM');
  });

  test('another server has the data directory', async () => {
    const data = join(directory, 'locked');
    const port = await freePort();
    await using first = startProgram([custody, 'server', '--data', data, '--listen', `127.0.0.1:${port}`]);
    const { code, err } = await failingUntilLocked(data);
    expect(code).toBe(1);
    expect(err).toContain(data);
    expect(err).toContain('CUSTODY_DATA');
    expect(await first.end('SIGINT')).toMatchObject({ code: 0 });
  });

  async function failingUntilLocked(data: string) {
    const started = performance.now();
    while (!filesBelow(data).some((path) => path.endsWith('admin.sock')) && performance.now() - started < soon) {
      await Bun.sleep(50);
    }
    return failing(['server', '--data', data, '--listen', `127.0.0.1:${await freePort()}`]);
  }

  test('evidence cannot be kept where the setting says', async () => {
    const file = join(directory, 'no directory');
    writeFileSync(file, '');
    const data = join(directory, 'no-evidence');
    const { code, err } = await failing(['server', '--data', data], { CUSTODY_EVIDENCE: file });
    expect(code).toBe(1);
    expect(err).toContain(file);
    expect(err).toContain('CUSTODY_EVIDENCE');
  });

  const wrong: readonly (readonly [string, string])[] = [
    ['CUSTODY_LISTEN', 'nonsense'],
    ['CUSTODY_PUBLIC_URL', 'http://custody.example.org'],
    ['CUSTODY_TLS_CERT', '/nowhere/cert.pem'],
    ['CUSTODY_ADMIN_EMAIL', 'nobody'],
    ['CUSTODY_ADMIN_PASSWORD', 'short'],
    ['CUSTODY_LICENSE', 'gold'],
    ['CUSTODY_BATCH_LIMIT', 'many'],
    ['CUSTODY_STORE_DEADLINE_MS', '-1'],
  ];

  test.each(wrong)('the setting %s is %s', async (name, value) => {
    const { code, err } = await failing(['server', '--data', join(directory, 'wrong')], { [name]: value });
    expect(code).toBe(2);
    expect(err).toContain(name);
  });
});
