import { z } from 'zod';
import type { Brand } from '../brand.ts';

/** 64 lower-case hex digits. */
export type Sha256 = Brand<string, 'Sha256'>;
/** 40 lower-case hex digits. */
export type Sha1 = Brand<string, 'Sha1'>;
/** 32 lower-case hex digits. */
export type Md5 = Brand<string, 'Md5'>;

export function isSha256(value: string): value is Sha256 {
  return /^[0-9a-f]{64}$/.test(value);
}

function isSha1(value: string): value is Sha1 {
  return /^[0-9a-f]{40}$/.test(value);
}

function isMd5(value: string): value is Md5 {
  return /^[0-9a-f]{32}$/.test(value);
}

/** Upper case is accepted and lowered: vendors' own samples are upper case. */
export const sha256Schema = z.string().toLowerCase().refine(isSha256, 'must be a SHA-256: 64 hex digits');
export const sha1Schema = z.string().toLowerCase().refine(isSha1, 'must be a SHA-1: 40 hex digits');
export const md5Schema = z.string().toLowerCase().refine(isMd5, 'must be an MD5: 32 hex digits');
