import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Fault } from '#core/fault.ts';
import type { Store } from '#core/ports/store/store.ts';
import { makeBackup } from './backup.ts';
import type { Manifest } from './backup-format.ts';
import { bringBack, type Restored } from './bring-back.ts';
import { openBlobs, openStore } from './compose.ts';
import type { ConfigSources } from './config.ts';
import { holdsServer, openDataDirectory, type Prepared, prepare } from './open-data-directory.ts';
import { demandRecordsHere, noteRecordsPlace } from './records-place.ts';

export interface BackupCommand {
  readonly sources: ConfigSources;
  readonly file: string;
  /** False: only the list of evidence goes in. Default: true. */
  readonly withEvidence?: boolean;
}

export interface RestoreCommand {
  readonly sources: ConfigSources;
  readonly file: string;
  /** Delete every API key that the backup brings back. Default: false. */
  readonly revokesKeys?: boolean;
}

/** With times as ISO 8601. */
export interface RestoredFacts {
  readonly data: string;
  readonly madeAt: string;
  readonly evidenceFiles: number;
  readonly evidenceIncluded: boolean;
  /** SHA-256 of what was damaged when the backup was made, or was deleted and not yet erased. */
  readonly evidenceLeftOut?: readonly string[];
  readonly keysRevoked: number;
  readonly tokensExpired: number;
  readonly keys: readonly {
    readonly id: number;
    readonly name: string;
    readonly role: string;
    readonly createdAt: string;
    readonly createdBy: string;
  }[];
  readonly users: readonly {
    readonly email: string;
    readonly role: string;
    readonly passwordChangedAt: string;
    readonly hasSecondFactor: boolean;
  }[];
}

type Facts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** `custody backup`: beside a running server or without one; the records are read on one snapshot. */
export async function backUp({ sources, file, withEvidence = true }: BackupCommand): Promise<Facts> {
  const prepared = await prepare(sources, { mustExist: true });
  await demandRecordsHere({ ...prepared.machine, ...prepared });
  const path = resolve(file);
  await demandAbsent(path);
  const manifest = await withStore(prepared, async (store) => {
    // Before the evidence is opened with it: what it was when damage is met may be another one.
    const evidenceKey = await prepared.machine.fs.read(prepared.directory.evidenceKey);
    const blobs = await openBlobs(prepared.machine, prepared.directory, { ...prepared, isBeside: true });
    const signsOrders = prepared.config.CUSTODY_SIGNER.kind === 'local';
    const parts = { ...prepared, store, blobs, evidenceKey, signsOrders };
    return makeBackup(parts, { file: path, withEvidence }).finally(() => blobs?.close());
  });
  return { file: path, ...factsOf(manifest), recoveryIdentity: 'not included: it belongs on no server' };
}

/** `custody backup restore`: into an empty data directory, with no server running. */
export async function restoreBackup({ sources, file, revokesKeys = false }: RestoreCommand): Promise<RestoredFacts> {
  const opened = await openDataDirectory(sources);
  try {
    await demandEmpty(opened);
    const restored = await withStore(opened, (store) =>
      bringBack({ ...opened, store }, { file: resolve(file), revokesKeys }),
    );
    await noteRecordsPlace({ ...opened.machine, ...opened });
    return { data: opened.directory.root, ...factsOf(restored.manifest), ...accessOf(restored) };
  } finally {
    opened.lock.release();
  }
}

async function withStore<Result>(
  { machine, directory, config }: Prepared,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  const store = await openStore(machine, directory, { config });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

function accessOf({ access }: Restored): Pick<RestoredFacts, 'keysRevoked' | 'tokensExpired' | 'keys' | 'users'> {
  const { keys, users, keysRevoked, tokensExpired } = access;
  return {
    ...{ keysRevoked, tokensExpired },
    keys: keys.map((key) => ({ ...key, createdAt: new Date(key.createdAt).toISOString() })),
    users: users.map((user) => ({ ...user, passwordChangedAt: new Date(user.passwordChangedAt).toISOString() })),
  };
}

function factsOf(
  manifest: Manifest,
): Pick<RestoredFacts, 'madeAt' | 'evidenceFiles' | 'evidenceIncluded' | 'evidenceLeftOut'> {
  const { madeAt, evidence, withEvidence, leftOut } = manifest;
  return {
    ...{ madeAt: new Date(madeAt).toISOString(), evidenceFiles: evidence.length, evidenceIncluded: withEvidence },
    ...(leftOut.length > 0 && { evidenceLeftOut: leftOut }),
  };
}

/** @throws Fault `conflict`: a backup never takes the place of another. */
async function demandAbsent(path: string): Promise<void> {
  const known = await stat(path).catch(() => undefined);
  if (known !== undefined) {
    throw new Fault('conflict', `${path} exists already. Name a file that does not.`);
  }
}

/** @throws Fault `conflict` when the directory holds a server: its keys would be lost. */
async function demandEmpty({ directory }: Prepared): Promise<void> {
  if (await holdsServer(directory)) {
    throw new Fault('conflict', `${directory.root} holds a server already. Restore into an empty directory.`);
  }
}
