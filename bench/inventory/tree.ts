import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const filesPerDirectory = 100;
const fileBytes = 1_024;

/** Small files that differ, a hundred in each directory. */
export function makeTree(root: string, files: number): void {
  for (let number = 0; number < files; number += 1) {
    const directory = path.join(root, `d${Math.floor(number / filesPerDirectory)}`);
    if (number % filesPerDirectory === 0) {
      mkdirSync(directory, { recursive: true });
    }
    writeFileSync(path.join(directory, `f${number}`), String(number).padEnd(fileBytes, '.'));
  }
}

/** Milliseconds. */
export interface Walked {
  readonly clock: number;
  readonly processor: number;
}

/** Lists, opens, reads and hashes every file in the same three ways, and keeps nothing. */
export function bareWalk(root: string): Walked {
  const [started, used] = [performance.now(), process.cpuUsage()];
  walk(root, Buffer.alloc(256 * 1_024));
  const { user, system } = process.cpuUsage(used);
  return { clock: performance.now() - started, processor: (user + system) / 1_000 };
}

function walk(directory: string, buffer: Buffer): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const at = path.join(directory, entry.name);
    if (entry.isDirectory()) {
      walk(at, buffer);
    } else {
      hash(at, buffer);
    }
  }
}

function hash(file: string, buffer: Buffer): void {
  const descriptor = openSync(file, 'r');
  try {
    fstatSync(descriptor, { bigint: true });
    const hashes = ['sha256', 'sha1', 'md5'].map((name) => createHash(name));
    for (let length = readSync(descriptor, buffer); length > 0; length = readSync(descriptor, buffer)) {
      for (const each of hashes) {
        each.update(buffer.subarray(0, length));
      }
    }
    for (const each of hashes) {
      each.digest('hex');
    }
  } finally {
    closeSync(descriptor);
  }
}
