import { createHash, timingSafeEqual } from 'node:crypto';
import type { Random } from '../ports/random.ts';

/** So many are made at a time. */
const recoveryCodeCount = 10;

/** Crockford's 32: none of them is taken for another. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const length = 16;
const group = 4;
const form = new RegExp(`^[${alphabet}]{${length}}$`);

/** Codes that take the place of an authenticator application's, each once: 80 random bits, in groups of four. */
export function newRecoveryCodes(random: Pick<Random, 'bytes'>): readonly string[] {
  return Array.from({ length: recoveryCodeCount }, () => newCode(random));
}

function newCode(random: Pick<Random, 'bytes'>): string {
  // 256 is a multiple of 32: no character is likelier than another.
  const characters = [...random.bytes(length)].map((byte) => alphabet.charAt(byte % alphabet.length)).join('');
  return (characters.match(new RegExp(`.{${group}}`, 'g')) ?? []).join('-');
}

/** As it is stored: a fast hash will do for what nobody can guess. Two users never share one. */
export function hashRecoveryCode(userId: string, code: string): string {
  return digestOf(userId, normalised(code)).toString('hex');
}

/**
 * The stored hash that a code has; undefined for none. Every hash is compared, each in constant time, so that neither which of them
 * it is nor how much of it is right shows in the time.
 */
export function findRecoveryCode(userId: string, code: string, hashes: readonly string[]): string | undefined {
  const asked = normalised(code);
  const digest = digestOf(userId, asked);
  const found = hashes.filter((hash) => timingSafeEqual(digest, fixed(hash)));
  return form.test(asked) ? found[0] : undefined;
}

function fixed(hash: string): Buffer {
  const bytes = Buffer.alloc(32);
  Buffer.from(hash, 'hex').copy(bytes);
  return bytes;
}

/** People read an O for a zero, and write spaces for hyphens. */
function normalised(code: string): string {
  return code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
}

function digestOf(userId: string, code: string): Buffer {
  return createHash('sha256').update(`custody recovery code\0${userId}\0${code}`).digest();
}
