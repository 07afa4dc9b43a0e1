import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unitText } from '#agent/service/unit.ts';
import { checkout, runProgram, startProgram } from '#kit/program.ts';

const target = `linux-${process.arch}`;
const unit = '/usr/lib/systemd/system/custody-agent.service';
/** What both packages bring, and nothing else outside the documentation. */
const brought = ['/etc/custody', '/usr/bin/custody', '/usr/lib/custody/custody', unit, '/var/lib/custody-agent'];

let directory: string;
let root: string;
let deb: string;
let rpm: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'custody-package-test-'));
  root = join(directory, 'root');
  const bun = join(checkout, 'bin/bun');
  await succeed(bun, join(checkout, 'tools/build.ts'), '--native', '--out', directory);
  await succeed(bun, join(checkout, 'tools/package.ts'), '--executables', directory, '--out', directory, target);
  const named = (suffix: string) => join(directory, readdirSync(directory).find((name) => name.endsWith(suffix)) ?? '');
  [deb, rpm] = [named('.deb'), named('.rpm')];
}, 300_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function succeed(...words: readonly [string, ...string[]]): Promise<string> {
  await using program = startProgram([...words], { environment: { HOME: directory } });
  const { code, out, err } = await program.finished(150_000);
  expect(code, `${words.join(' ')}\n${err}`).toBe(0);
  return out;
}

/** dpkg on a file system of its own; the scripts run outside, as they do when an image is made. */
function dpkg(...words: readonly string[]) {
  for (const name of ['info', 'updates']) {
    mkdirSync(join(root, 'var/lib/dpkg', name), { recursive: true });
  }
  for (const name of ['status', 'available']) {
    writeFileSync(join(root, 'var/lib/dpkg', name), '', { flag: 'a' });
  }
  const options = [`--root=${root}`, '--force-script-chrootless', '--force-depends'];
  const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  return runProgram(['dpkg', ...options, ...words], { environment });
}

describe.skipIf(process.geteuid?.() !== 0)('The Debian package', () => {
  test('holds the executable, the unit, the directories and the documents', async () => {
    const listed = await succeed('dpkg-deb', '-c', deb);
    const names = listed.split('\n').map((line) => line.split(/\s+/)[5]?.replace(/^\.|\/$/g, ''));
    expect(names).toEqual(expect.arrayContaining(brought));
    expect(listed).toMatch(/^drwx------ root\/root .* \.\/var\/lib\/custody-agent\/$/m);
    expect(listed).toMatch(/^-rwxr-xr-x root\/root .* \.\/usr\/lib\/custody\/custody$/m);
    expect(listed).toContain('examples/agent-policy.toml');
    expect(listed).toContain('custody-agent/recovery.md');
  });

  test('is the same to the byte when it is made again', async () => {
    const again = join(directory, 'again');
    const words = ['--executables', directory, '--out', again, target];
    await succeed(join(checkout, 'bin/bun'), join(checkout, 'tools/package.ts'), ...words);
    for (const file of [deb, rpm]) {
      await succeed('cmp', file, file.replace(directory, again));
    }
  }, 200_000);

  test('is installed, upgraded while a vault is full, and removed only when it is said what becomes of that', async () => {
    const installed = await dpkg('--install', deb);
    expect(installed.code, installed.err).toBe(0);
    expect(installed.out).toContain('custody agent enroll');
    expect(statSync(join(root, 'var/lib/custody-agent')).mode & 0o777).toBe(0o700);
    expect(await succeed(join(root, 'usr/bin/custody'), 'agent', '--help')).toContain('uninstall');

    const object = join(root, 'var/lib/custody-agent/vault/29542064-ae85-8e41-bc1c-047f7b561677.age');
    mkdirSync(join(object, '..'));
    writeFileSync(object, 'sealed');
    const upgraded = await dpkg('--install', deb);
    expect(upgraded.code, upgraded.err).toBe(0);

    const refused = await dpkg('--remove', 'custody-agent');
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/holds 1 quarantined file .*--restore-all.*--keep-vault.*--purge-vault/);
    expect(existsSync(join(root, 'usr/lib/custody/custody'))).toBe(true);

    await succeed(join(root, 'usr/bin/custody'), 'agent', 'uninstall', '--root', root, '--keep-vault');
    expect((await dpkg('--purge', 'custody-agent')).code).toBe(0);
    expect(existsSync(join(root, 'usr/lib/custody/custody'))).toBe(false);
    expect(existsSync(object)).toBe(true);
  }, 200_000);

  test('leaves nothing behind where nothing was quarantined', async () => {
    rmSync(root, { recursive: true, force: true });
    expect((await dpkg('--install', deb)).code).toBe(0);
    const purged = await dpkg('--purge', 'custody-agent');
    expect(purged.code, purged.err).toBe(0);
    expect(existsSync(join(root, 'var/lib/custody-agent'))).toBe(false);
    expect(existsSync(join(root, 'usr/lib/custody'))).toBe(false);
  });
});

describe('The RPM package', () => {
  test('holds the same files, as root’s, and asks before it goes', async () => {
    const listed = await succeed(
      'rpm',
      '-qp',
      '--queryformat',
      '[%{FILEMODES:perms} %{FILEUSERNAME} %{FILENAMES}\n]',
      rpm,
    );
    for (const name of brought) {
      expect(listed).toMatch(new RegExp(`^\\S+ root ${name}$`, 'm'));
    }
    expect(listed).toMatch(/^drwx------ root \/var\/lib\/custody-agent$/m);
    const scripts = await succeed('rpm', '-qp', '--scripts', rpm);
    expect(scripts).toMatch(/preuninstall scriptlet[^]*agent uninstall --dry-run[^]*exit 1/);
  });

  test('is unpacked into a root of its own', async () => {
    const other = join(directory, 'rpm-root');
    const words = ['--root', other, '--nodeps', '--noscripts', '--ignorearch', '--dbpath', '/var/lib/rpm'];
    await succeed('rpm', ...words, '--install', rpm);
    expect(await succeed(join(other, 'usr/bin/custody'), 'agent', '--help')).toContain('install');
  });
});

test('The unit of the packages is the one that "agent install" writes', () => {
  const text = readFileSync(join(checkout, 'packaging/custody-agent.service'), 'utf8');
  expect(text).toBe(unitText({ program: '/usr/lib/custody/custody', data: '/var/lib/custody-agent' }));
});

test('The unit of the packages is one that systemd takes, with a good score', async () => {
  const file = join(directory, 'custody-agent.service');
  // With a program that is on this machine.
  writeFileSync(file, unitText({ program: '/bin/true', data: '/var' }));
  const verified = await runProgram(['systemd-analyze', 'verify', file]);
  expect({ code: verified.code, err: verified.err }).toEqual({ code: 0, err: '' });
  const judged = await runProgram(['systemd-analyze', 'security', '--offline=true', '--no-pager', file]);
  const [, exposure] = /exposure level for custody-agent.service: ([\d.]+)/.exec(judged.out) ?? [];
  expect(Number(exposure)).toBeLessThan(5);
});
