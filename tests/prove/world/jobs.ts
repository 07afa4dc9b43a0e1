import type { JobFrame } from '../child/run.ts';
import { newTaskId, type World } from './world.ts';

/** What the proofs order; the only file that knows how a job is written. */
export type VerbUnderProof = 'fetch' | 'quarantine' | 'restore' | 'purge';

interface Options {
  /** Default: the world's file. */
  readonly path?: string | Uint8Array;
  readonly sha256?: string;
  readonly taskId?: string;
  readonly settle?: boolean;
  /** Default true: whether a package has the file is read from a thousand files that only root can change. */
  readonly overrideProtection?: boolean;
  /** Only this object of the vault. */
  readonly vaultObject?: string;
  /** Of a restore: to another place. */
  readonly to?: string | Uint8Array;
  readonly ifOccupied?: 'fail' | 'keep_both' | 'swap';
}

/** @returns the frame for the child, as an agent whose endpoint has no policy would write it. */
export function jobOf(world: World, verb: VerbUnderProof, options: Options = {}): JobFrame {
  const path = bytesOf(options.path ?? world.file);
  const vaultObject = options.vaultObject ?? null;
  if (verb === 'fetch') {
    const file = { ordinal: 0, path, vaultObject, indexedSha256: null };
    return { ...vaultPart(world), kind: 'capture', spool: world.spool, files: [file] };
  }
  const run = { taskId: options.taskId ?? newTaskId(), settle: options.settle ?? false };
  const common = { ...vaultPart(world), ...run, kind: verb, sha256: options.sha256 ?? world.sha256 };
  if (verb === 'quarantine') {
    return { ...common, path, overrideProtection: options.overrideProtection ?? true };
  }
  const to = options.to === undefined ? null : bytesOf(options.to);
  return { ...common, vaultObject, ...(verb === 'restore' ? { to, ifOccupied: options.ifOccupied ?? 'fail' } : {}) };
}

/** What an agent has a child do before the first task of its life. */
export function tidyJob(world: World, openTasks: readonly string[] = []): JobFrame {
  return { ...vaultPart(world), kind: 'tidy', openTasks };
}

const openPolicy = {
  vaultQuotaBytes: null,
  uploadBytesPerSecond: null,
  largestFetchBytes: null,
  largestQuarantineBytes: null,
  rules: [],
};

function vaultPart({ vault, keys }: World) {
  const { identity, recipient, recoveryRecipient } = keys;
  return { vault, keys: { identity, recipient, recoveryRecipient }, own: [vault], policy: openPolicy };
}

function bytesOf(path: string | Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.from(path));
}
