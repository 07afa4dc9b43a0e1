import { describe, expect, test } from 'bun:test';
import { endingOf } from '#agent/operations/ending.ts';
import { nameRequest, readBulkNames } from '#agent/platform/macos/bulk-entries.ts';
import { fileFlag } from '#agent/platform/macos/constants.ts';
import { isSystemPath } from '#agent/platform/macos/critical.ts';
import { errnoName, MacError } from '#agent/platform/macos/errno.ts';
import { readSystemVersion } from '#agent/platform/macos/host.ts';
import { bsdInfoBytes, readProcess } from '#agent/platform/macos/process-info.ts';
import { readStat, statBytes } from '#agent/platform/macos/stat.ts';
import { isPseudoType, readStatFs, statFsBytes } from '#agent/platform/macos/stat-fs.ts';
import { factsOfUnopened, holdUnopened, letGoUnopened } from '#agent/platform/macos/unopened.ts';
import { fillers } from '#agent/platform/macos/variadic.ts';

/** Hex with blanks between the fields, in the order of the structure's definition in xnu. */
function bytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
}

function stat(mode: string, flags: string, blocks = '0800000000000000'): Uint8Array {
  return bytes(`04000001 ${mode} 0200 efcdab8900000000 f5010000 14000000 00000000 00000000
    0100000000000000 0200000000000000 ffffffffffffffff 9c00000000000000
    0300000000000000 0000000000000000 0400000000000000 0500000000000000
    0010000000000000 ${blocks} 00100000 ${flags} 07000000 00000000 0000000000000000 0000000000000000`);
}

describe('a struct stat of macOS', () => {
  test('is read field by field', () => {
    const said = stat('ed89', '02000000');
    expect(said.length).toBe(statBytes);
    expect(readStat(said)).toEqual({
      kind: 'file',
      device: 0x01000004n,
      inode: 0x89abcdefn,
      links: 2,
      size: 4096,
      mode: 0o4755,
      uid: 501,
      gid: 20,
      accessedNs: 1_000_000_002n,
      modifiedNs: -999_999_844n,
      changedNs: 3_000_000_000n,
      createdNs: 4_000_000_005n,
      sparse: false,
      flags: fileFlag.userImmutable,
    });
  });

  test('tells what it is of', () => {
    const kinds = { a481: 'file', ed41: 'directory', eda1: 'link', a411: 'other', a461: 'other', edc1: 'other' };
    for (const [mode, kind] of Object.entries(kinds)) {
      expect(readStat(stat(mode, '00000000')).kind, mode).toBe(kind as 'file');
    }
  });

  test('of a file whose bytes are in a cloud is of no file to read', () => {
    expect(readStat(stat('a481', '00000040')).kind).toBe('other');
    expect(readStat(stat('ed41', '00000040')).kind).toBe('directory');
  });

  test('tells holes from compression, which leaves fewer blocks, too', () => {
    const one = '0100000000000000';
    expect(readStat(stat('a481', '00000000', one)).sparse).toBe(true);
    expect(readStat(stat('a481', '20000000', one)).sparse).toBe(false);
  });
});

describe('a struct statfs of macOS', () => {
  test('gives the type and what may still be written', () => {
    const said = new Uint8Array(statFsBytes);
    said.set(bytes('00100000 00001000 0000000000000000 0000000000000000 0000100000000000'));
    said.set(Buffer.from('apfs\0junk'), 72);
    expect(readStatFs(said)).toEqual({ type: 'apfs', freeBytes: 4096 * 0x100000 });
  });

  test('tells file systems whose contents are made up', () => {
    expect(['devfs', 'autofs', 'apfs', 'hfs', 'smbfs'].map(isPseudoType)).toEqual([true, true, false, false, false]);
  });
});

describe('a listing by getattrlistbulk', () => {
  test('asks for names, errors, and what of both was returned', () => {
    expect(Buffer.from(nameRequest()).toString('hex')).toBe(`05000000010000a0${'00'.repeat(16)}`);
  });

  test('gives each name, with and without an error before it', () => {
    const plain = bytes(`24000000 01000080 ${'00'.repeat(16)} 08000000 04000000 61c3a400`);
    const failed = bytes(`28000000 010000a0 ${'00'.repeat(16)} 0d000000 08000000 03000000 62ff0000`);
    const nameless = bytes(`1c000000 00000080 ${'00'.repeat(16)} 00000000`);
    const names = readBulkNames(new Uint8Array([...plain, ...failed, ...nameless]), 3);
    expect(names.map((name) => Buffer.from(name).toString('latin1'))).toEqual(['a\u00c3\u00a4', 'b\u00ff']);
  });

  test('is no listing when an entry or a name leads out of it', () => {
    const wide = bytes(`24000000 01000080 ${'00'.repeat(16)} 08000000 40000000 61626300`);
    const long = bytes(`44000000 01000080 ${'00'.repeat(16)} 08000000 04000000 61626300`);
    expect(() => readBulkNames(wide, 1)).toThrow(RangeError);
    expect(() => readBulkNames(long, 1)).toThrow(RangeError);
  });
});

test('a process is told by its number and start', () => {
  const said = new Uint8Array(bsdInfoBytes);
  said.set(bytes('39300000'), 12);
  said.set(bytes('00f1536500000000 40e2010000000000'), 120);
  expect(readProcess(said)).toEqual({ pid: 12_345, startedAt: 0x6553f100 * 1_000 + 123 });
});

describe('an error number of macOS', () => {
  test('has the name that it has there, whatever it means here', () => {
    const names = {
      1: 'EPERM',
      11: 'EDEADLK',
      35: 'EAGAIN',
      45: 'ENOTSUP',
      62: 'ELOOP',
      66: 'ENOTEMPTY',
      69: 'EDQUOT',
    };
    for (const [errno, name] of Object.entries({ ...names, 70: 'ESTALE', 93: 'ENOATTR', 102: 'EOPNOTSUPP' })) {
      expect(errnoName(Number(errno))).toBe(name);
    }
    expect([0, 106, 107].map(errnoName)).toEqual(['errno 0', 'EQFULL', 'errno 107']);
  });

  test('ends as the same failure does elsewhere', () => {
    expect(endingOf(new MacError('openat', 62), null)).toMatchObject({
      outcome: 'access_denied',
      reason: 'unsafe_path',
    });
    expect(endingOf(new MacError('openat', 1), null)).toMatchObject({
      outcome: 'access_denied',
      reason: 'not_permitted',
    });
  });
});

test('what must not be opened is held by what was seen of it', () => {
  const facts = readStat(stat('a411', '00000000'));
  const handle = holdUnopened(facts);
  expect(handle).toBeLessThan(0);
  expect(factsOfUnopened(handle)).toBe(facts);
  expect([letGoUnopened(handle), letGoUnopened(handle), factsOfUnopened(handle)]).toEqual([true, false, undefined]);
});

test('what follows the named arguments of a variadic function is the ninth on Apple silicon', () => {
  expect([fillers(3, 'arm64'), fillers(2, 'arm64'), fillers(3, 'x64')]).toEqual([5, 6, 0]);
});

test('what macOS itself needs is known by its place', () => {
  for (const path of ['/System/Library/a', '/usr/lib/dyld', '/bin', '/sbin/launchd', '/Library/Apple/usr/a']) {
    expect(isSystemPath(path), path).toBe(true);
  }
  for (const path of ['/usr/local/bin/a', '/System/Volumes/Data/Users/a', '/Systems', '/Library/a', '/opt/bin/a']) {
    expect(isSystemPath(path), path).toBe(false);
  }
});

test('the version is read from the system’s own list', () => {
  const list = `<plist version="1.0"><dict>
    <key>ProductBuildVersion</key> <string>24B83</string>
    <key>ProductName</key> <string>macOS</string>
    <key>ProductVersion</key> <string>15.1</string></dict></plist>`;
  expect(readSystemVersion(list)).toEqual({ name: 'macOS', version: '15.1' });
});
