import fs from 'node:fs';
import type { FileDigests } from '../../platform.ts';
import { systemErrorCode } from '../../system-error.ts';

/** What a package manager is asked: whether it put these bytes under one of these names. */
export interface Asked {
  /** `/`, or where another system's root is. */
  readonly root: string;
  /** Absolute, as latin1. */
  readonly names: readonly string[];
  readonly digests: FileDigests;
}

/** Undefined where there is no such file, or none that this agent may read. */
export function readRecords(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file);
  } catch (failure) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemErrorCode(failure) ?? '')) {
      return undefined;
    }
    throw failure;
  }
}
