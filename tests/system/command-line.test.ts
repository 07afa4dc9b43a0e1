import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newKey } from '#kit/cortex.ts';
import { sha256 } from '#kit/disk.ts';
import { checkout, custody, runProgram } from '#kit/program.ts';
import { openWorld, type World } from '#kit/world.ts';

let world: World;
let path: string;

beforeAll(async () => {
  world = await openWorld({ agents: 1 });
  path = world.agent(0).put('command.txt', 'by the command line');
  await world.known(world.agent(0), path);
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

function run(...words: readonly string[]) {
  return runProgram([custody, ...words, '--data', world.server.data]);
}

/** Runs a program at a terminal of its own, where somebody presses keys at the first question. */
async function atTerminal(words: readonly string[], keys: string) {
  let seen = '';
  const program = Bun.spawn([...words], {
    env: { PATH: process.env['PATH'], HOME: '/', TERM: 'xterm' },
    terminal: {
      cols: 200,
      data(terminal, chunk) {
        const wasAsked = seen.includes('[y/N]');
        seen += new TextDecoder().decode(chunk);
        if (!wasAsked && seen.includes('[y/N]')) {
          terminal.write(keys);
        }
      },
    },
  });
  const exitCode = await program.exited;
  program.terminal?.close();
  return { exitCode, seen };
}

async function json(...words: readonly string[]) {
  const { code, out, err } = await run(...words, '--json');
  expect({ code, err }).toMatchObject({ code: 0 });
  return JSON.parse(out);
}

describe('The command line', () => {
  test('quarantines, restores and fetches on real files, with results as JSON', async () => {
    const { id, root } = world.agent(0);
    expect(await json('endpoint', 'list')).toMatchObject({ total: 1, items: [{ id, roots: [root] }] });
    const { items } = await json('file', 'find', 'command.txt');
    expect(items).toMatchObject([{ path, sha256: sha256('by the command line') }]);
    const taken = await json('quarantine', '--path', path, '--all', '--wait');
    expect(taken).toMatchObject({ status: 'completed_successfully', tasks: [{ endpointId: id }] });
    expect(existsSync(path)).toBe(false);
    expect(await json('vault', 'list')).toMatchObject({ items: [{ path, state: 'held' }] });
    await json('restore', '--sha256', sha256('by the command line'), '--wait');
    expect(readFileSync(path, 'utf8')).toBe('by the command line');
    const fetched = await json('fetch', items[0].guid, '--wait');
    const output = join(world.directory, 'fetched.zip');
    await json('evidence', 'get', fetched.id, '--output', output);
    expect((await runProgram(['unzip', '-tq', output])).code).toBe(0);
    const { items: actions } = await json('action', 'list');
    expect(actions.map(({ verb }: { readonly verb: string }) => verb)).toEqual(['fetch', 'restore', 'quarantine']);
  });

  test('works from anywhere over HTTPS with a key, and not without', async () => {
    const { keyId, secret } = await newKey(world.server, 'Viewer');
    const words = ['endpoint', 'list', '--json', '--server', world.server.url, '--ca', world.server.caFile];
    const environment = { CUSTODY_TOKEN: `${keyId}:${secret}` };
    const { code, out } = await runProgram([custody, ...words] as [string, ...string[]], { environment });
    expect(code).toBe(0);
    expect(JSON.parse(out).total).toBe(1);
    const stranger = await runProgram([custody, ...words] as [string, ...string[]]);
    expect({ code: stranger.code, out: stranger.out }).toEqual({ code: 1, out: '' });
  });

  describe.each([
    ['to the terminal', '"$@"'],
    ['into a pipe', 'set -o pipefail; "$@" | cat'],
  ])('with results %s', (_where, line) => {
    test.each([
      ['Ctrl-C', { keys: '\u0003', code: 130, isTold: false }],
      ['the end of the input', { keys: '\u0004', code: 1, isTold: true }],
      ['no', { keys: 'n\r', code: 1, isTold: true }],
    ])('asks before it orders on many endpoints, and %s stops it', async (_what, { keys, code, isTold }) => {
      const rows = ['1', '2'].map((digit) => `${digit.repeat(32)}=${'a'.repeat(64)}`);
      const order = ['remediations', 'start', '--block', ...rows, '--data', world.server.data];
      const { exitCode, seen } = await atTerminal(['bash', '-c', line, 'bash', custody, ...order], keys);
      expect(seen).toContain('2 rows are ordered on 2 endpoints. Go on? [y/N]');
      expect({ exitCode, isTold: /\r\n.*Nothing was done/.test(seen) }).toEqual({ exitCode: code, isTold });
    });
  });

  const guids = ['-1044817479.-3637657128836262604', '-1044817479.12', '1044817479.-12', '-fkNzc2Ech1NDBU0'];

  test.each(guids)('takes the GUID %s for what it is, whether it begins with a minus or not', async (guid) => {
    const { code, err } = await run('fetch', guid);
    expect(code).toBe(1);
    expect(err).not.toContain('option');
  });

  const failures: readonly (readonly [string, number, readonly string[]])[] = [
    ['a file that nobody has', 1, ['quarantine', '--path', '/no/such/file', '--all']],
    ['a hash that nobody quarantined', 1, ['restore', '--sha256', 'a'.repeat(64)]],
    ['a GUID that nobody reported', 1, ['fetch', '2111376845.-3637657128836262604']],
    ['a hash that is none', 2, ['restore', '--sha256', 'abc']],
    ['neither hash nor path', 2, ['restore']],
    ['an unknown option', 2, ['endpoint', 'list', '--nonsense']],
    ['an unknown command', 2, ['nonsense']],
    ['an unknown role', 2, ['key', 'create', '--role', 'King', '--level', 'standard']],
  ];

  test.each(failures)('ends %s with code %i', async (_, code, words) => {
    const finished = await run(...words);
    expect({ code: finished.code, out: finished.out }).toEqual({ code, out: '' });
    expect(finished.err).not.toBe('');
  });

  test('works without a running server, under the lock of its directory', async () => {
    const email = 'offline@example.com';
    await world.server.end('SIGTERM');
    const made = await json('user', 'create', '--email', email, '--role', 'Viewer');
    expect(made).toMatchObject({ email, role: 'Viewer' });
    await world.server.start();
    const { items } = await world.client.listUsers();
    expect(items.some((user) => user.email === email)).toBe(true);
  });

  test('ends without a word where its help goes into a pipe that nobody reads', async () => {
    const script = 'exec 3> >(:); wait $!; "$0" up --help >&3; echo $? >&2';
    expect((await runProgram(['bash', '-c', script, custody])).err).toBe('141\n');
  });

  test('is what npx finds in the checkout', async () => {
    const environment = { HOME: world.directory };
    const { code, out } = await runProgram(['npx', 'custody', '--help'], { cwd: checkout, environment });
    expect(code).toBe(0);
    expect(out).toContain('Usage: custody');
  });
});

describe('The native API', () => {
  test('describes itself as OpenAPI 3.1', async () => {
    const { keyId, secret } = await newKey(world.server, 'Viewer');
    const headers = { authorization: `Custody-Key ${keyId}:${secret}` };
    const answer = await world.server.fetch('/api/v1/openapi.json', { headers });
    expect(answer.status).toBe(200);
    const document = (await answer.json()) as { readonly openapi: string; readonly paths: Record<string, unknown> };
    expect(document.openapi).toStartWith('3.1');
    const paths = Object.keys(document.paths);
    for (const path of ['/actions/{actionId}', '/endpoints', '/files/search', '/events']) {
      expect(paths.some((each) => each.endsWith(path))).toBe(true);
    }
  });
});
