import { actionIdSchema, newTaskId } from '#core/action/action-id.ts';
import { Fault } from '#core/fault.ts';
import { displayPath, type FilePath } from '#core/file/file-path.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { isSuccess } from '#core/outcome.ts';
import { day, minute } from '#core/time.ts';
import type { ReportedFile } from '#wire/report.ts';
import { claim, dataDirectory } from '../identity/data-directory.ts';
import { type Identity, readIdentity } from '../identity/identity.ts';
import { workshopOf } from '../means.ts';
import { currentPlatform } from '../platform/current.ts';
import { durableFiles } from '../platform/durable-files.ts';
import { childCommand } from '../platform/program.ts';
import { systemClock } from '../platform/system-clock.ts';
import { systemRandom } from '../platform/system-random.ts';
import { openPolicy } from '../policy/policy.ts';
import { performVaultOrder, type Workshop } from '../tasks/perform.ts';
import { TaskGate } from '../tasks/task-gate.ts';
import { silent } from './unsent-reports.ts';
import { type HeldObject, vaultContents } from './vault-contents.ts';

/**
 * Puts every file of a vault back to where it was, by the word of this machine's root instead of a server's order. The
 * server learns of it when the agent runs again on this directory.
 * @throws Fault `conflict` with the first file that could not be put back; those before it are back.
 */
export async function restoreAll(root: string): Promise<void> {
  const directory = dataDirectory(root);
  const identity = await readIdentity(durableFiles, directory.identity);
  if (identity === undefined) {
    throw new Fault('not_found', `${root} holds no keys of an agent, so its vault cannot be opened with them.`);
  }
  const release = claim(directory, await currentPlatform());
  try {
    const shop = {
      childCommand: childCommand(),
      clock: systemClock,
      log: silent,
      patience: minute,
      directory,
      identity,
      protect: [],
    };
    const workshop = workshopOf(shop, openPolicy);
    for (const held of vaultContents(directory.vault)) {
      await restoreOne(workshop, identity, held);
    }
  } finally {
    release();
  }
}

async function restoreOne(workshop: Workshop, { endpointId }: Identity, held: HeldObject): Promise<void> {
  if (held.sha256 === null) {
    throw notRestored(held.vaultObject, 'it has no record; start the agent once, which makes one');
  }
  const now = systemClock.now();
  const order = {
    ...{ v: 1 as const, endpointId, actionId: actionIdSchema.parse('1'), taskId: newTaskId(systemRandom) },
    ...{ issuedAt: now, notBefore: now, deadline: now + day },
    parameters: {
      verb: 'restore' as const,
      sha256: sha256Schema.parse(held.sha256),
      vaultObject: vaultObjectIdSchema.parse(held.vaultObject),
      to: null,
      ifOccupied: 'fail' as const,
    },
  };
  // By its administrator, here and now: no server has a say in it.
  const heed = { signal: new AbortController().signal, gate: new TaskGate(() => false) };
  for (const file of await performVaultOrder(workshop, order, heed)) {
    demandRestored(held, file);
  }
}

function demandRestored(held: HeldObject, { outcome, message, path }: ReportedFile): void {
  if (!isSuccess(outcome)) {
    throw notRestored(held.path ?? shown(path) ?? held.vaultObject, message);
  }
}

function shown(path: FilePath | null): string | undefined {
  return path === null ? undefined : displayPath(path);
}

function notRestored(what: string, why: string): Fault {
  return new Fault('conflict', `${what} could not be restored: ${why.replace(/\.$/, '')}. Nothing was removed.`);
}
