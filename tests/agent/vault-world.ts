import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import type { QuarantineJob, RestoreJob } from '#agent/operations/quarantine-job.ts';
import type { VaultRoom } from '#agent/operations/room.ts';
import { linux } from '#agent/platform/linux/linux.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import { openPolicy } from '#agent/policy/policy.ts';
import { type TaskId, taskIdSchema } from '#core/action/action-id.ts';
import { type FilePath, filePathSchema } from '#core/file/file-path.ts';
import { type Sha256, sha256Schema } from '#core/file/hash.ts';

/** A vault and a place with files, in a directory of their own. */
export interface VaultWorld extends Disposable {
  readonly base: string;
  readonly files: string;
  readonly room: VaultRoom;
  readonly recoveryIdentity: string;
}

/** @param below where only root can make anything, for links that are to be trusted; root only. */
export async function vaultWorld(below = tmpdir()): Promise<VaultWorld> {
  const base = mkdtempSync(path.join(below, 'custody-agent-'));
  const [files, vault] = [path.join(base, 'files'), path.join(base, 'vault')];
  chmodSync(base, 0o755);
  mkdirSync(files, { mode: 0o755 });
  mkdirSync(vault, { mode: 0o700 });
  const identity = await generateX25519Identity();
  const recoveryIdentity = await generateX25519Identity();
  const keys = {
    identity,
    recipient: await identityToRecipient(identity),
    recoveryRecipient: await identityToRecipient(recoveryIdentity),
  };
  const tools = { platform: linux, clock: systemClock, progress: () => undefined };
  const room: VaultRoom = { ...tools, mayBegin: async () => 'go', vault, keys, own: [vault], policy: openPolicy };
  return {
    ...{ base, files, room, recoveryIdentity },
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
}

export function pathOf(file: string | Uint8Array): FilePath {
  return filePathSchema.parse(new Uint8Array(Buffer.from(file)));
}

export function sha256Of(bytes: Uint8Array | string): Sha256 {
  return sha256Schema.parse(createHash('sha256').update(bytes).digest('hex'));
}

export function hashOfFile(file: string | Buffer): Sha256 {
  return sha256Of(readFileSync(file));
}

export function newTask(): TaskId {
  return taskIdSchema.parse(randomBytes(16).toString('hex'));
}

/** A quarantine of one file by an order of its own. */
export function quarantineOf(
  file: string | Uint8Array,
  sha256: Sha256,
  overrides: Partial<QuarantineJob> = {},
): QuarantineJob {
  return { taskId: newTask(), path: pathOf(file), sha256, overrideProtection: false, settle: false, ...overrides };
}

/** A restore of all copies to where they were, by an order of its own. */
export function restoreOf(sha256: Sha256, overrides: Partial<RestoreJob> = {}): RestoreJob {
  return { taskId: newTask(), sha256, vaultObject: null, to: null, ifOccupied: 'fail', settle: false, ...overrides };
}
