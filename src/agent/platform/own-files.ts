import fs from 'node:fs';
import path from 'node:path';
import { directoriesSync } from './directory-sync.ts';
import { systemErrorCode } from './system-error.ts';

/** Synchronous and durable, for the children of the agent: small files inside the agent's own data directory. */
export function replaceOwnFile(file: string, bytes: string | Uint8Array): void {
  const temporary = `${file}.new`;
  try {
    writeDurably(temporary, bytes);
    fs.renameSync(temporary, file);
  } catch (failure) {
    fs.rmSync(temporary, { force: true });
    throw failure;
  }
  syncOwnDirectory(path.dirname(file));
}

function writeDurably(file: string, bytes: string | Uint8Array): void {
  const handle = fs.openSync(file, 'w', 0o600);
  try {
    fs.writeFileSync(handle, bytes);
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

/** Undefined when there is no such file. */
export function readOwnFile(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOENT') {
      return undefined;
    }
    throw failure;
  }
}

export function publishOwnFile(from: string, to: string): void {
  fs.renameSync(from, to);
  syncOwnDirectory(path.dirname(to));
}

/** Durable; a missing file is fine. */
export function removeOwnFile(file: string): void {
  fs.rmSync(file, { force: true });
  syncOwnDirectory(path.dirname(file));
}

export function listOwnFiles(directory: string): readonly string[] {
  try {
    return fs.readdirSync(directory).toSorted();
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOENT') {
      return [];
    }
    throw failure;
  }
}

function syncOwnDirectory(directory: string): void {
  if (!directoriesSync) {
    return;
  }
  const handle = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
