import { Fault } from '#core/fault.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Platform } from '../platform/platform.ts';
import type { DataDirectory } from './data-directory.ts';
import { type Identity, readIdentity, writeIdentity } from './identity.ts';

export interface IdentityPlace {
  readonly fs: Fs;
  readonly platform: Pick<Platform, 'lock'>;
  readonly directory: DataDirectory;
}

/** Of this process: the lock below would have it wait for itself. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Changes the identity on disk, durably, one change after another: a running agent takes a new trust while somebody changes
 * the proxy by hand. `change` gives back what it was given to leave all as it is.
 * @throws Fault `not_found` when the directory was never enrolled.
 */
export function updateIdentity(place: IdentityPlace, change: (known: Identity) => Identity): Promise<Identity> {
  const updated = last.then(() => updateAlone(place, change));
  last = updated.catch(() => undefined);
  return updated;
}

async function updateAlone(
  { fs, platform, directory }: IdentityPlace,
  change: (known: Identity) => Identity,
): Promise<Identity> {
  const release = platform.lock(directory.identityLock, { wait: true });
  try {
    const known = await readIdentity(fs, directory.identity);
    if (known === undefined) {
      throw new Fault('not_found', `${directory.root} holds no enrolled agent. Run "custody agent enroll" first.`);
    }
    const changed = change(known);
    if (changed !== known) {
      await writeIdentity(fs, directory.identity, changed);
    }
    return changed;
  } finally {
    release?.();
  }
}
