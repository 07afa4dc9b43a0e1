import { expect, test } from 'bun:test';
import { constants } from 'node:fs';
import { systemCallsOf } from '#agent/platform/linux/system-calls.ts';

test('system calls have the numbers of their processor, and no others are guessed', () => {
  expect(systemCallsOf('x64')).toEqual({ renameat2: 316, ioprioSet: 251 });
  expect(systemCallsOf('arm64')).toEqual({ renameat2: 276, ioprioSet: 30 });
  expect(() => systemCallsOf('riscv64')).toThrow(TypeError);
});

test('the runtime gives the open flags of this processor, which differ where it matters', () => {
  const flags = { x64: [0o200000, 0o400000], arm64: [0o40000, 0o100000] };
  const known = process.arch === 'arm64' ? flags.arm64 : flags.x64;
  expect([constants.O_DIRECTORY, constants.O_NOFOLLOW]).toEqual(known);
});
