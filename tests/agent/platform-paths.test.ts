import { describe, expect, test } from 'bun:test';
import fs, { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { handleFacts, pinAt } from '#agent/platform/linux/node.ts';
import { type Handle, UnsafePath } from '#agent/platform/platform.ts';
import { directoryOf } from '#agent/platform/separator.ts';
import { platformName } from '#agent/platform/system-name.ts';
import { fromTimespec, toTimespec } from '#agent/platform/timespec.ts';
import { targetComponents } from '#agent/platform/unix-path.ts';
import { type WalkCalls, walkToDirectory, walkToParent } from '#agent/platform/unix-walk.ts';
import { parsePasswd } from '#agent/platform/user-names.ts';
import { pathOf } from './vault-world.ts';

/** Counts what is open, so that a test can say that nothing was left. */
function countingCalls(): WalkCalls & { readonly open: Set<Handle> } {
  const open = new Set<Handle>();
  const keep = (handle: Handle) => {
    open.add(handle);
    return handle;
  };
  return {
    open,
    openRoot: () => keep(fs.openSync('/', 'r') as Handle),
    pin: (place) => keep(pinAt(place)),
    facts: handleFacts,
    readLink: (place) =>
      fs.readlinkSync(`/proc/self/fd/${place.directory}/${Buffer.from(place.name)}`, { encoding: 'buffer' }),
    close: (handle) => {
      open.delete(handle);
      fs.closeSync(handle);
    },
  };
}

/** Below a directory that only root can write, which the usual temporary directory is not. */
function rootsOwn(): Disposable & { readonly base: string } {
  const base = mkdtempSync('/var/lib/custody-walk-');
  chmodSync(base, 0o755);
  return { base, [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }) };
}

describe.skipIf(process.geteuid?.() !== 0)('the walk that every Unix shares', () => {
  test('reaches the directory of a file, and leaves only that open', () => {
    using place = rootsOwn();
    mkdirSync(path.join(place.base, 'a/b'), { recursive: true });
    const calls = countingCalls();
    const parent = walkToParent(calls, pathOf(path.join(place.base, 'a/b/c')));
    expect(Buffer.from(parent.name).toString()).toBe('c');
    expect(handleFacts(parent.directory).inode).toBe(fs.statSync(path.join(place.base, 'a/b'), { bigint: true }).ino);
    expect(parent.chain.length).toBe(6);
    expect(parent.isSafeFor(0)).toBe(true);
    expect([...calls.open]).toEqual([parent.directory]);
    calls.close(parent.directory);
  });

  test('follows a link of root’s, relative and absolute, and no other', () => {
    using place = rootsOwn();
    mkdirSync(path.join(place.base, 'real'));
    symlinkSync('./real', path.join(place.base, 'near'));
    symlinkSync(path.join(place.base, 'near'), path.join(place.base, 'far'));
    const calls = countingCalls();
    const reached = walkToDirectory(calls, pathOf(path.join(place.base, 'far')));
    expect(handleFacts(reached).inode).toBe(fs.statSync(path.join(place.base, 'real'), { bigint: true }).ino);
    calls.close(reached);
    fs.lchownSync(path.join(place.base, 'near'), 65_534, 65_534);
    expect(() => walkToDirectory(calls, pathOf(path.join(place.base, 'far')))).toThrow(UnsafePath);
    expect(calls.open.size).toBe(0);
  });

  test('follows no link behind a directory that others may write, and none in a circle', () => {
    using place = rootsOwn();
    mkdirSync(path.join(place.base, 'open'));
    symlinkSync('/etc', path.join(place.base, 'open/link'));
    symlinkSync('circle', path.join(place.base, 'circle'));
    chmodSync(path.join(place.base, 'open'), 0o777);
    const calls = countingCalls();
    for (const wrong of ['open/link/passwd', 'circle/a']) {
      expect(() => walkToParent(calls, pathOf(path.join(place.base, wrong)))).toThrow(UnsafePath);
    }
    expect(calls.open.size).toBe(0);
  });

  test('says who could rename on the way', () => {
    using place = rootsOwn();
    mkdirSync(path.join(place.base, 'theirs/deep'), { recursive: true });
    chownSync(path.join(place.base, 'theirs'), 1_000, 1_000);
    const calls = countingCalls();
    const parent = walkToParent(calls, pathOf(path.join(place.base, 'theirs/deep/a')));
    expect([parent.isSafeFor(0), parent.isSafeFor(1_000)]).toEqual([false, true]);
    calls.close(parent.directory);
  });

  test('ends at what is no directory, and refuses what is no plain path', () => {
    using place = rootsOwn();
    writeFileSync(path.join(place.base, 'file'), '');
    const calls = countingCalls();
    expect(() => walkToParent(calls, pathOf(path.join(place.base, 'file/a')))).toThrow('no directory');
    for (const wrong of ['/', 'a', '/a//b', '/a/./b', '/a/../b', '/a/']) {
      expect(() => walkToParent(calls, pathOf(wrong)), wrong).toThrow(UnsafePath);
    }
    expect(calls.open.size).toBe(0);
  });
});

test('a link’s target keeps its way up', () => {
  const words = targetComponents(Buffer.from('/a/./..//b/')).map((part) => Buffer.from(part).toString());
  expect(words).toEqual(['a', '..', 'b']);
});

test('the directory of a path keeps a root’s separator', () => {
  const of = (text: string, separator: number) => Buffer.from(directoryOf(Buffer.from(text), separator)).toString();
  expect([of('/a/b', 0x2f), of('/a', 0x2f), of('/', 0x2f)]).toEqual(['/a', '/', '/']);
  expect([of('C:\\a\\b', 0x5c), of('C:\\a', 0x5c)]).toEqual(['C:\\a', 'C:\\']);
});

test('times before 1970 have a rest that is never negative', () => {
  expect(toTimespec(-1n)).toEqual([-1n, 999_999_999n]);
  expect(toTimespec(1_500_000_000n)).toEqual([1n, 500_000_000n]);
  expect(fromTimespec(-1n, 999_999_999n)).toBe(-1n);
});

test('user names are those of passwd, without comments, and the first of two', () => {
  const names = parsePasswd('##\n# User Database\nroot:*:0:0::/:/bin/sh\ntoor:*:0:0::/:/bin/sh\nnobody:*:-2:-2::/:/\n');
  expect([...names]).toEqual([
    [0, 'root'],
    [-2, 'nobody'],
  ]);
});

test('a system is told by the name that the server knows', () => {
  expect(['linux', 'darwin', 'win32'].map((name) => platformName(name as NodeJS.Platform))).toEqual([
    'linux',
    'macos',
    'windows',
  ]);
});
