import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestsOf } from '#agent/operations/content.ts';
import { packageRecords, packageUnder } from '#agent/platform/linux/package-of.ts';
import type { FileDigests, Handle } from '#agent/platform/platform.ts';
import { md5Schema, sha1Schema, sha256Schema } from '#core/file/hash.ts';

const hasRpm = spawnSync('rpmbuild', ['--version']).status === 0;

/** The root of a machine that is not this one, with these files. */
function machine(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(path.join(tmpdir(), 'custody-packages-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return {
    root,
    owner(file: string, content: string) {
      const [place, digests] = [Buffer.from(file), digestsOfText(content)];
      const owner = packageUnder(root, place, digests);
      if (/^\/(usr|etc|bin|lib)\//.test(file)) {
        // However many were asked before, the answer is the same.
        const records = packageRecords(root);
        expect(Array.from({ length: 6 }, () => records.ownerOf(place, digests))).toEqual(Array(6).fill(owner));
      }
      return owner;
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

function hash(algorithm: string, content: string): string {
  return createHash(algorithm).update(content).digest('hex');
}

function digestsOfText(content: string): FileDigests {
  return {
    sha256: sha256Schema.parse(hash('sha256', content)),
    sha1: sha1Schema.parse(hash('sha1', content)),
    md5: md5Schema.parse(hash('md5', content)),
  };
}

const info = 'var/lib/dpkg/info';

test('dpkg: a file is its package’s while its bytes are, by its old name or by the merged one', () => {
  using debian = machine({
    [`${info}/tools:amd64.md5sums`]: `${hash('md5', 'ls')}  bin/ls\n${hash('md5', 'cat')}  usr/bin/cat\n`,
    [`${info}/other.md5sums`]: `${hash('md5', 'x')}  usr/share/x\n`,
  });
  expect(debian.owner('/usr/bin/ls', 'ls')).toBe('tools');
  expect(debian.owner('/bin/ls', 'ls')).toBe('tools');
  expect(debian.owner('/usr/bin/cat', 'cat')).toBe('tools');
  expect(debian.owner('/usr/share/x', 'x')).toBe('other');
  expect(debian.owner('/usr/bin/ls', 'changed since')).toBeUndefined();
  expect(debian.owner('/home/ls', 'ls')).toBeUndefined();
  expect(debian.owner('/usr/bin/bin/ls', 'ls')).toBeUndefined();
  expect(debian.owner('/bin/l', 'ls')).toBeUndefined();
});

test('dpkg: a diverted file belongs to the package whose name for it was taken', () => {
  using debian = machine({
    [`${info}/shell.md5sums`]: `${hash('md5', 'dash')}  usr/bin/sh\n`,
    [`${info}/wrapper.md5sums`]: `${hash('md5', 'wrapped')}  usr/bin/sh\n`,
    'var/lib/dpkg/diversions': '/usr/bin/sh\n/usr/bin/sh.distrib\nwrapper\n',
  });
  expect(debian.owner('/usr/bin/sh.distrib', 'dash')).toBe('shell');
  expect(debian.owner('/usr/bin/sh', 'wrapped')).toBe('wrapper');
  expect(debian.owner('/usr/bin/sh.distrib', 'something else')).toBeUndefined();
});

test('dpkg: a configuration file belongs to its package until somebody edits it', () => {
  const paragraph = (name: string, file: string, text: string) =>
    `Package: ${name}\nStatus: install ok installed\nConffiles:\n ${file} ${hash('md5', text)}\nDescription: d\n\n`;
  using debian = machine({
    'var/lib/dpkg/status': paragraph('one', '/etc/one.conf', '1') + paragraph('two', '/etc/two.conf', '2'),
  });
  expect(debian.owner('/etc/two.conf', '2')).toBe('two');
  expect(debian.owner('/etc/one.conf', '1')).toBe('one');
  expect(debian.owner('/etc/two.conf', 'edited')).toBeUndefined();
});

test('apk: by its SHA-1, or by the SHA-256 of newer databases', () => {
  const base64 = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('base64');
  using alpine = machine({
    'lib/apk/db/installed': [
      ...['C:Q1abc=', 'P:busybox', 'V:1', 'F:bin', 'R:busybox', 'a:0:0:755', `Z:Q1${base64('sha1', 'bb')}`, ''],
      ...['P:other', 'F:', 'R:top', `Z:Q1${base64('sha1', 'top')}`, 'F:etc', 'R:new'],
      ...[`Z:Q2${base64('sha256', 'new')}`, ''],
    ].join('\n'),
  });
  expect(alpine.owner('/bin/busybox', 'bb')).toBe('busybox');
  expect(alpine.owner('/usr/bin/busybox', 'bb')).toBe('busybox');
  expect(alpine.owner('/top', 'top')).toBe('other');
  expect(alpine.owner('/etc/new', 'new')).toBe('other');
  expect(alpine.owner('/etc/new', 'old')).toBeUndefined();
  expect(alpine.owner('/etc/busybox', 'bb')).toBeUndefined();
});

const spec = `Name: tiny-tool
Version: 1
Release: 1
Summary: t
License: MIT
BuildArch: noarch
%description
t
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/etc %{buildroot}/usr/share/tiny
printf 'tiny tool' > %{buildroot}/usr/bin/tiny-tool
printf 'conf' > %{buildroot}/etc/tiny.conf
printf 'another' > %{buildroot}/usr/share/tiny/tiny.conf
%files
/usr/bin/tiny-tool
%config /etc/tiny.conf
/usr/share/tiny/tiny.conf
`;

test.if(hasRpm)('rpm: what its own database says of a package that it built and installed', () => {
  using fedora = machine({ 'build/tiny.spec': spec });
  const build = path.join(fedora.root, 'build');
  const made = spawnSync('rpmbuild', ['--define', `_topdir ${build}`, '-bb', path.join(build, 'tiny.spec')]);
  expect(made.status).toBe(0);
  const [rpm] = readdirSync(path.join(build, 'RPMS/noarch'));
  const backend = ['--define', '_db_backend sqlite', '--dbpath', '/var/lib/rpm'];
  const file = path.join(build, 'RPMS/noarch', rpm ?? '');
  expect(spawnSync('rpm', ['--root', fedora.root, ...backend, '--nodeps', '-i', file]).status).toBe(0);
  const beside = readdirSync(path.join(fedora.root, 'var/lib/rpm'));
  expect(fedora.owner('/usr/bin/tiny-tool', 'tiny tool')).toBe('tiny-tool');
  expect(fedora.owner('/bin/tiny-tool', 'tiny tool')).toBeUndefined();
  expect(fedora.owner('/etc/tiny.conf', 'conf')).toBe('tiny-tool');
  expect(fedora.owner('/usr/share/tiny/tiny.conf', 'another')).toBe('tiny-tool');
  expect(fedora.owner('/etc/tiny.conf', 'another')).toBeUndefined();
  expect(fedora.owner('/usr/bin/tiny-tool', 'changed')).toBeUndefined();
  expect(readdirSync(path.join(fedora.root, 'var/lib/rpm'))).toEqual(beside);
});

test('a machine without any package manager has no packages, and an odd name is in none', () => {
  using bare = machine({ 'etc/hostname': 'x' });
  expect(bare.owner('/usr/bin/ls', 'ls')).toBeUndefined();
  expect(bare.owner('/usr/bin/two\nlines', 'ls')).toBeUndefined();
});

test('no digest is computed for a file that no record names', () => {
  using debian = machine({ [`${info}/x.md5sums`]: `${hash('md5', 'ls')}  bin/ls\n` });
  const closed = -1 as Handle;
  const digests = digestsOf(closed, () => undefined);
  expect(packageUnder(debian.root, Buffer.from('/home/a'), digests)).toBeUndefined();
  expect(() => packageUnder(debian.root, Buffer.from('/bin/ls'), digests)).toThrow();
});
