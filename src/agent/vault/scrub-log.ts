import fs from 'node:fs';
import path from 'node:path';
import { type VaultObjectId, vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import type { Milliseconds } from '#core/time.ts';
import { readOwnFile, replaceOwnFile } from '../platform/own-files.ts';

/** When an object was last read to its end, and what was found. */
export interface Checked {
  /** Milliseconds since 1970. */
  readonly at: Milliseconds;
  readonly damaged: boolean;
}

/**
 * One line per check, `<object> <time> good|damaged`, the last of an object counts. Lines are added without waiting for the
 * disk: one that is lost, or cut short by a crash, costs a second look at its object and nothing else.
 */
export function scrubLog(vault: string): string {
  return path.join(vault, 'scrub.log');
}

const line = /^(\S+) (\d{1,15}) (good|damaged)$/;

/** What a scrub's log says of each object; lines that cannot be read say nothing. */
export function parseScrubLog(text: string): ReadonlyMap<VaultObjectId, Checked> {
  const checks = new Map<VaultObjectId, Checked>();
  for (const each of text.split('\n')) {
    const [, name, at, found] = line.exec(each) ?? [];
    const id = vaultObjectIdSchema.safeParse(name);
    if (id.success) {
      checks.set(id.data, { at: Number(at), damaged: found === 'damaged' });
    }
  }
  return checks;
}

export function readScrubLog(vault: string): ReadonlyMap<VaultObjectId, Checked> {
  return parseScrubLog(readOwnFile(scrubLog(vault)) ?? '');
}

/** Writes the log anew with these objects alone, so that it never grows beyond the vault. */
export function replaceScrubLog(vault: string, checks: ReadonlyMap<VaultObjectId, Checked>): void {
  replaceOwnFile(scrubLog(vault), [...checks].map(([id, checked]) => lineOf(id, checked)).join(''));
}

export function addToScrubLog(vault: string, id: VaultObjectId, checked: Checked): void {
  const file = fs.openSync(scrubLog(vault), 'a', 0o600);
  try {
    fs.writeSync(file, lineOf(id, checked));
  } finally {
    fs.closeSync(file);
  }
}

function lineOf(id: VaultObjectId, { at, damaged }: Checked): string {
  return `${id} ${at} ${damaged ? 'damaged' : 'good'}\n`;
}
