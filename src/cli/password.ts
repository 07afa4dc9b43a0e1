import { randomInt } from 'node:crypto';
import { UsageError } from './command-error.ts';
import type { CommandIo } from './command-io.ts';

/** Without the characters that people take for one another. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';
const length = 24;

/** About 139 bits. */
export function newPassword(): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

/** The first line of standard input. */
export async function readPassword(io: CommandIo): Promise<string> {
  const [line = ''] = (await io.readInput()).split(/\r?\n/, 1);
  if (line === '') {
    throw new UsageError('Standard input held no password.');
  }
  return line;
}

/** The first two lines of standard input: the old password and the new one. */
export async function readPasswords(io: CommandIo): Promise<readonly [string, string]> {
  const [first = '', second = ''] = (await io.readInput()).split(/\r?\n/, 2);
  if (first === '' || second === '') {
    throw new UsageError('Standard input must hold two lines: the old password and the new one.');
  }
  return [first, second];
}
