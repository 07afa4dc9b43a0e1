import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '#kit/disk.ts';
import { freePort } from '#kit/free-port.ts';
import { checkout, custody, descendants, runProgram, startProgram } from '#kit/program.ts';
import { type RealAgent, startAgent } from '#kit/real-agent.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';
import { openDoors } from './sockets.ts';
import { setTraps } from './traps.ts';

/** The one-file executable of this machine, as `npm run build` makes it, in a directory where everything is a trap. */
let directory: string;
let traps: string;
let executable: string;
let world: World;
let agent: RealAgent;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'custody-executable-'));
  const words = [join(checkout, 'bin/bun'), join(checkout, 'tools/build.ts'), '--native', '--out', directory] as const;
  const built = await runProgram([...words], { cwd: checkout, environment: { HOME: directory } });
  expect(built.code, built.err).toBe(0);
  const [name = ''] = readdirSync(directory).filter((each) => each.startsWith('custody-'));
  executable = join(directory, name);
  traps = join(directory, 'traps');
  await setTraps(traps);
  world = await openWorld({ agents: 0 });
  agent = await startAgent(world.server, { directory: join(world.directory, 'one-file'), executable, cwd: traps });
  await agent.connect();
}, 120_000);

afterAll(async () => {
  await agent?.end('SIGTERM');
  await world?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

function run(...words: readonly string[]) {
  return runProgram([executable, ...words], { cwd: traps });
}

async function order(...words: readonly string[]) {
  const { code, out, err } = await runProgram([custody, ...words, '--data', world.server.data, '--json']);
  expect({ code, err }).toMatchObject({ code: 0 });
  return JSON.parse(out);
}

describe('The one-file executable', () => {
  test('is what SHA256SUMS says', async () => {
    const checked = await runProgram(['sha256sum', '--check', 'SHA256SUMS'], { cwd: directory });
    expect(checked.code, checked.err).toBe(0);
  });

  test('falls into no trap of the directory that it is called in', async () => {
    const { code, out, err } = await run('agent', 'status', '--data', agent.data);
    expect(out + err).not.toContain('PLANTED');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(agent.program.out() + agent.program.err()).not.toContain('PLANTED');
  });

  test('enrols, fetches, quarantines and restores against a real server', async () => {
    const path = agent.put('one-file.txt', 'one file');
    const guid = await world.known(agent, path);
    const fetched = await order('fetch', guid, '--wait');
    expect(fetched).toMatchObject({ status: 'completed_successfully' });
    await order('quarantine', '--path', path, '--all', '--wait');
    expect(existsSync(path)).toBe(false);
    const { out } = await run('agent', 'vault', 'list', '--data', agent.data, '--json');
    expect(JSON.parse(out)).toMatchObject([{ path, state: 'held', sha256: sha256('one file'), size: 8 }]);
    await order('restore', '--sha256', sha256('one file'), '--wait');
    expect(readFileSync(path, 'utf8')).toBe('one file');
    agent.demandTidy();
  });

  test('goes on with its work while another version is put in its place', async () => {
    const path = agent.put('upgraded.txt', 'upgraded');
    await world.known(agent, path);
    await copyFile(join(checkout, 'LICENSE'), `${executable}.new`);
    renameSync(executable, `${executable}.old`);
    renameSync(`${executable}.new`, executable);
    try {
      const taken = await order('quarantine', '--path', path, '--all', '--wait');
      expect(taken).toMatchObject({ status: 'completed_successfully' });
      await order('restore', '--sha256', sha256('upgraded'), '--wait');
    } finally {
      renameSync(`${executable}.old`, executable);
    }
  });

  test('has no door: neither the agent nor a child of it listens on any socket (P41)', () => {
    const processes = [agent.program.pid, ...descendants(agent.program.pid).map(({ pid }) => pid)];
    expect(processes.flatMap(openDoors)).toEqual([]);
    expect(openDoors(world.server.program.pid).length).toBeGreaterThan(0);
  });

  test('installs itself into another root, once', async () => {
    const root = join(directory, 'installed');
    const words = ['agent', 'install', '--root', root, '--json'] as const;
    expect(JSON.parse((await run(...words)).out).done).toHaveLength(4);
    expect(JSON.parse((await run(...words)).out).done).toEqual([]);
    expect(statSync(join(root, 'var/lib/custody-agent')).mode & 0o777).toBe(0o700);
    const installed = join(root, 'usr/lib/custody/custody');
    expect(statSync(installed).mode & 0o777).toBe(0o755);
    expect((await runProgram([installed, 'agent', '--help'])).code).toBe(0);
    expect(readFileSync(join(root, 'etc/systemd/system/custody-agent.service'), 'utf8')).toContain(
      'ExecStart=/usr/lib/custody/custody agent run --data /var/lib/custody-agent',
    );
  });

  test('takes itself away only when it is said what becomes of quarantined files', async () => {
    const other = await startAgent(world.server, {
      directory: join(world.directory, 'leaving'),
      executable,
      cwd: traps,
    });
    await other.connect();
    const path = other.put('leaving.txt', 'leaving');
    await world.known(other, path);
    await order('quarantine', '--path', path, '--endpoint', other.id, '--wait');
    const leave = (...words: readonly string[]) =>
      run('agent', 'uninstall', '--root', join(other.data, '..', '..', '..'), '--data', dataBelow(other), ...words);
    const running = await leave('--restore-all');
    expect(running).toMatchObject({ code: 1 });
    expect(running.err).toContain('Stop it first');
    await other.end('SIGTERM');
    const refused = await leave();
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toMatch(/holds 1 quarantined file .*--restore-all.*--keep-vault.*--purge-vault/);
    expect((await leave('--dry-run', '--restore-all')).out).toContain('restore 1 quarantined file');
    expect(existsSync(path)).toBe(false);
    expect(await leave('--keep-vault')).toMatchObject({ code: 0 });
    expect(existsSync(join(other.data, 'identity.json'))).toBe(true);
    const restored = await leave('--restore-all');
    expect(restored.code, restored.err).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe('leaving');
    expect(existsSync(other.data)).toBe(false);
  });
});

test('The one-file executable serves the console, which it carries within itself.', async () => {
  const port = await freePort();
  const data = join(directory, 'server');
  const words = ['server', '--data', data, '--listen', `127.0.0.1:${port}`] as const;
  await using server = startProgram([executable, ...words], {
    cwd: traps,
    environment: { CUSTODY_STORE_RESERVE_MIB: '0' },
  });
  const address = `https://127.0.0.1:${port}/console/`;
  const page = await until('the server answers', async () => {
    const ca = join(data, 'tls', 'ca.pem');
    const asked = existsSync(ca) ? fetch(address, { tls: { ca: readFileSync(ca, 'utf8') } }) : undefined;
    return (await asked?.catch(() => undefined))?.text();
  });
  const [, script = ''] = /src="([^"]+[.]js)"/.exec(page) ?? [];
  expect(script).toStartWith('/console/assets/');
  const ca = readFileSync(join(data, 'tls', 'ca.pem'), 'utf8');
  const answer = await fetch(new URL(script, address), { tls: { ca } });
  expect(answer.headers.get('content-type')).toStartWith('text/javascript');
  expect((await answer.text()).length).toBeGreaterThan(100);
  expect((await server.end('SIGTERM')).code).toBe(0);
});

/** The agent's directory as seen from three levels above it, which plays the machine's root. */
function dataBelow(other: RealAgent): string {
  const root = join(other.data, '..', '..', '..');
  return other.data.slice(root.length);
}
