import { serverActor } from '#core/custody/event.ts';
import { Fault } from '#core/fault.ts';
import type { Rewrapped } from '#core/ports/blobs.ts';
import { openBlobs, openStorage } from './compose.ts';
import type { ConfigSources } from './config.ts';
import { addEvidenceKey, isEvidenceKeyChanging, retireEvidenceKeys } from './evidence-key.ts';
import { type OpenDirectory, openDataDirectory } from './open-data-directory.ts';
import { demandRecordsHere } from './records-place.ts';

/**
 * `custody server rotate-evidence-key`, with no server running: a new key, to which everything is locked, and then nothing but
 * the new key. What is cut off is completed by the next call, and a server that starts in between reads everything.
 * @throws Fault `not_found` where no server is, `conflict` while one runs or where its records are elsewhere, `invalid_request` where evidence is switched off
 */
export async function rotateEvidenceKey(sources: ConfigSources): Promise<Rewrapped> {
  const opened = await openDataDirectory(sources, { mustExist: true });
  const place = { ...opened.machine, directory: opened.directory };
  try {
    await demandRecordsHere({ ...place, ...opened });
    await makeKey(opened);
    if (await isEvidenceKeyChanging(place)) {
      const rest = await rewrap(opened);
      if (rest.rewrapped > 0 || rest.damaged.length === 0) {
        return await retire(opened, rest);
      }
    }
    await addEvidenceKey(place);
    return await retire(opened, await rewrap(opened));
  } finally {
    opened.lock.release();
  }
}

/** A server that has never run with this version has none yet. */
async function makeKey({ machine, directory, config }: OpenDirectory): Promise<void> {
  const blobs = await openBlobs(machine, directory, { config });
  if (blobs === undefined) {
    throw new Fault(
      'invalid_request',
      'Evidence storage is switched off (CUSTODY_EVIDENCE): there is nothing to lock.',
    );
  }
  await blobs.close();
}

async function rewrap({ machine, directory, config }: OpenDirectory): Promise<Rewrapped> {
  const { store, blobs } = await openStorage(machine, directory, { config });
  try {
    const result = (await blobs?.rewrap()) ?? { rewrapped: 0, damaged: [] };
    const facts = { rewrapped: result.rewrapped, damaged: result.damaged };
    await store.transact(({ events }) =>
      events.append([{ type: 'evidence_key_rotated', at: machine.clock.now(), actor: serverActor, facts }]),
    );
    return result;
  } finally {
    await blobs?.close();
    await store.close();
  }
}

/** An older key stays for what could not be opened: perhaps somebody can mend it. */
async function retire({ machine, directory }: OpenDirectory, result: Rewrapped): Promise<Rewrapped> {
  if (result.damaged.length === 0) {
    await retireEvidenceKeys({ ...machine, directory });
  }
  return result;
}
