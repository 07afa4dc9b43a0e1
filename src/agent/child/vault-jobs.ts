import type { Ending } from '../operations/ending.ts';
import { Halted } from '../operations/halted.ts';
import type { VaultRoom } from '../operations/room.ts';
import { lockShareOf, type VaultShare, vaultShareOf } from '../operations/vault-share.ts';
import type { ChildRoom } from './child-room.ts';
import type { ChildMessage, Job, VaultPart } from './job.ts';

export type VaultJob = Extract<Job, VaultPart>;

/** As far as it may go. */
export async function performVaultJob(room: ChildRoom, job: VaultJob): Promise<ChildMessage> {
  try {
    return await performWhole(room, job);
  } catch (failure) {
    if (failure instanceof Halted) {
      return { type: 'halted' };
    }
    throw failure;
  }
}

/** Each kind of job loads its own code only. */
async function performWhole(room: ChildRoom, job: VaultJob): Promise<ChildMessage> {
  switch (job.kind) {
    case 'capture': {
      const { captureFiles } = await import('./capture-files.ts');
      const files = await captureFiles(unlocked(room, job), job, () => room.say({ type: 'progress' }));
      return { type: 'spooled', files: [...files] };
    }
    case 'tidy': {
      const { tidy } = await import('../operations/tidy.ts');
      return { type: 'tidied', notes: [...(await tidy(locked(room, job, 'whole'), job.openTasks))] };
    }
    case 'scrub': {
      const { scrubVault } = await import('../vault/scrub.ts');
      const { checked, damaged } = await scrubVault(unlocked(room, job));
      return { type: 'scrubbed', checked, damaged: [...damaged] };
    }
    case 'quarantine':
    case 'copies':
    case 'restore':
    case 'restore_objects':
    case 'undo':
    case 'plan':
    case 'purge':
      return { type: 'endings', endings: [...(await performMove(room, job))] };
  }
}

type MoveJob = Extract<
  VaultJob,
  { kind: 'quarantine' | 'copies' | 'restore' | 'restore_objects' | 'undo' | 'plan' | 'purge' }
>;

/** What changes the vault, or must see it as it stays. */
async function performMove(room: ChildRoom, job: MoveJob): Promise<readonly Ending[]> {
  if (!room.platform.takesFiles) {
    const { notTakenHere } = await import('../operations/not-taken-here.ts');
    return [notTakenHere({ sha256: null, ...job })];
  }
  const vaultRoom = locked(room, job, vaultShareOf({ sha256: null, ...job, quotaBytes: job.policy.vaultQuotaBytes }));
  switch (job.kind) {
    case 'quarantine': {
      const { quarantine } = await import('../operations/quarantine.ts');
      return [await quarantine(vaultRoom, job)];
    }
    case 'copies': {
      const { quarantineCopies } = await import('../operations/copies.ts');
      return await quarantineCopies(vaultRoom, job, (path, ending) => room.say({ type: 'copy', path, ending }));
    }
    case 'restore': {
      const { restore } = await import('../operations/restore.ts');
      return await restore(vaultRoom, job);
    }
    case 'restore_objects': {
      const { restoreObjects } = await import('../operations/restore-objects.ts');
      return await restoreObjects(vaultRoom, job);
    }
    case 'plan': {
      const { planRestore } = await import('../operations/plan-restore.ts');
      return await planRestore(vaultRoom, job);
    }
    case 'undo': {
      const { undo } = await import('../operations/undo.ts');
      return await undo(vaultRoom, job);
    }
    case 'purge': {
      const { purge } = await import('../operations/purge.ts');
      return await purge(vaultRoom, job);
    }
  }
}

/**
 * One share of the vault, one worker: the agent sees to that, and the lock, against a child of an agent that was killed a
 * moment ago and is still in a call.
 */
function locked(room: ChildRoom, part: VaultPart, share: VaultShare): VaultRoom {
  room.platform.lock(`${part.vault}/lock`, { wait: true, share: lockShareOf(share) });
  return unlocked(room, part);
}

function unlocked(room: ChildRoom, { vault, keys, own, policy }: VaultPart): VaultRoom {
  return { ...room, vault, keys, own, policy };
}
