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
