import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { endingOf } from '#agent/operations/ending.ts';
import { attribute } from '#agent/platform/windows/constants.ts';
import { type Answers, factsOf } from '#agent/platform/windows/facts.ts';
import { fromFileTime, toFileTime } from '#agent/platform/windows/file-time.ts';
import { isSuccess, NtError, statusCodes, statusOf } from '#agent/platform/windows/nt-status.ts';
import { isElsewhere, reparseRule } from '#agent/platform/windows/reparse.ts';

describe('Windows times', () => {
  test('are counted from 1601 in steps of 100 ns', () => {
    expect(fromFileTime(116_444_736_000_000_000n)).toBe(0n);
    expect(fromFileTime(0n)).toBe(-11_644_473_600_000_000_000n);
    expect(fromFileTime(133_801_632_000_000_001n)).toBe(BigInt(Date.UTC(2025, 0, 1)) * 1_000_000n + 100n);
    expect(toFileTime(-1n)).toBe(116_444_735_999_999_999n);
    expect(toFileTime(199n)).toBe(116_444_736_000_000_001n);
  });

  test('come back as they were', () => {
    const steps = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });
    fc.assert(fc.property(steps, (each) => toFileTime(fromFileTime(each)) === each));
  });

  test('are refused where Windows would read them as "leave it as it is"', () => {
    expect(() => toFileTime(-11_644_473_600_000_000_000n)).toThrow(RangeError);
    expect(() => toFileTime(-11_644_473_600_000_000_001n)).toThrow(RangeError);
  });
});

describe('a status of NT', () => {
  /** What callers act on themselves, or what is a fault of the agent's own. */
  const handledByCallers = ['EAGAIN', 'EBADF', 'EEXIST', 'EINVAL', 'EISDIR', 'EMFILE', 'ENOMEM', 'ENOSYS', 'ENOTEMPTY'];

  test('has the code of the same failure elsewhere, and with it the same ending', () => {
    for (const [status, code] of Object.entries(statusCodes)) {
      const { outcome } = endingOf(new NtError('NtCreateFile', Number(status)), null);
      const isOurs = [...handledByCallers, 'ENOTSUP', 'EXDEV'].includes(code);
      expect(outcome === 'agent_error', `${code} ends ${outcome}`).toBe(isOurs);
    }
  });

  test('ends as people expect', () => {
    const endings = [
      [0xc0000034, 'not_found', null],
      [0xc0000022, 'access_denied', 'not_permitted'],
      [0xc0000043, 'in_use', null],
      [0xc000007f, 'no_space', null],
      [0xc00000a2, 'access_denied', 'read_only'],
      [0xc000050b, 'access_denied', 'unsafe_path'],
      [0xc0000906, 'access_denied', 'not_permitted'],
      [0xc0000185, 'interrupted', 'mount_dead'],
    ] as const;
    for (const [status, outcome, reason] of endings) {
      expect(endingOf(new NtError('NtCreateFile', status), null)).toMatchObject({ outcome, reason });
    }
  });

  test('that nobody knows is told as it is', () => {
    const failure = new NtError('NtCreateFile', 0xc0fedcba);
    expect(failure.code).toBe('NTSTATUS 0xc0fedcba');
    expect(endingOf(failure, null)).toMatchObject({ outcome: 'agent_error' });
  });

  test('comes back from a call as a signed number', () => {
    expect(statusOf(-1073741772)).toBe(0xc0000034);
    expect([0, 0x103, 0x80000005, 0xc0000034].map(isSuccess)).toEqual([true, true, false, false]);
  });
});

describe('a reparse point', () => {
  test('is a link where it stands for another place', () => {
    const links = { mountPoint: 0xa0000003, symbolicLink: 0xa000000c, wslLink: 0xa000001d, globalReparse: 0xa0000019 };
    for (const [name, tag] of Object.entries(links)) {
      expect(reparseRule(tag), name).toBe('link');
    }
  });

  test('is the file itself where only the keeping differs', () => {
    for (const tag of [0x80000013, 0x80000017, 0x80000018, 0x90001018, 0x9000001a, 0x9000301a, 0x9000f01a]) {
      expect(reparseRule(tag), tag.toString(16)).toBe('transparent');
    }
  });

  test('is no file to take otherwise, known or not', () => {
    for (const tag of [0x80000023, 0x80000024, 0x8000001b, 0x80001234, 0x9000001b]) {
      expect(reparseRule(tag), tag.toString(16)).toBe('special');
    }
  });

  test('is not read where that would fetch it from somewhere else', () => {
    expect(isElsewhere(attribute.recallOnDataAccess | attribute.normal)).toBe(true);
    expect(isElsewhere(attribute.recallOnOpen)).toBe(true);
    expect(isElsewhere(attribute.offline)).toBe(true);
    expect(isElsewhere(attribute.sparse | attribute.reparsePoint)).toBe(false);
  });
});

describe('the facts of a Windows file', () => {
  const basic = { created: 0n, accessed: 116_444_736_000_000_001n, written: 116_444_736_000_000_002n, changed: 0n };
  const standard = { allocated: 0n, size: 11n, links: 2, deletePending: false, directory: false };
  const id = { volume: 0x1122334455667788n, file: 2n ** 70n };
  const answers = (attributes: number, tag = 0): Answers => ({
    ...{ basic: { ...basic, attributes }, standard, id, tag: { attributes, tag } },
  });

  test('are told as on other systems, volume numbers as `node:fs` has them', () => {
    expect(factsOf(answers(attribute.normal))).toEqual({
      ...{ kind: 'file', device: 0x55667788n, inode: 2n ** 70n, links: 2, size: 11, mode: 0o666, uid: 0, gid: 0 },
      ...{ accessedNs: 100n, modifiedNs: 200n, sparse: false },
      ...{ changedNs: -11_644_473_600_000_000_000n, createdNs: -11_644_473_600_000_000_000n },
    });
    expect(factsOf(answers(attribute.readOnly | attribute.sparse))).toMatchObject({ mode: 0o444, sparse: true });
  });

  test('tell what may be read, entered, or neither', () => {
    const { directory, reparsePoint, device, recallOnDataAccess } = attribute;
    const kinds = [
      [answers(directory), 'directory'],
      [answers(directory | reparsePoint, 0xa0000003), 'link'],
      [answers(reparsePoint, 0xa000000c), 'link'],
      [answers(directory | reparsePoint, 0x9000301a), 'directory'],
      [answers(reparsePoint, 0x80000013), 'file'],
      [answers(reparsePoint, 0x80000023), 'other'],
      [answers(recallOnDataAccess), 'other'],
      [answers(device), 'other'],
    ] as const;
    for (const [each, kind] of kinds) {
      expect(factsOf(each).kind).toBe(kind);
    }
  });
});
