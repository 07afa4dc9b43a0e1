import type { Principal } from '../access/principal.ts';
import { serverActor } from '../custody/event.ts';
import { Fault } from '../fault.ts';
import type { Sha256 } from '../file/hash.ts';
import type { BlobStore } from '../ports/blobs.ts';
import type { Ports } from '../ports/ports.ts';
import type { EvidenceDeletion, EvidenceRecord, ShownClaim } from '../ports/store/evidence.ts';
import type { Reader, Transaction } from '../ports/store/store.ts';
import { day } from '../time.ts';
import { demandBlobs } from './demand-evidence-storage.ts';
import { demandReason } from './demand-reason.ts';
import { storedRetention } from './read-retention.ts';

/** An event is one line of the ledger, and a file may have been fetched by thousands of actions. */
const mostToldActions = 100;

export interface DeleteEvidence {
  readonly sha256: Sha256;
  readonly reason: string;
}

/**
 * Deletes the bytes of a hash, for good, because a person says so; what was known of them stays. Decided and recorded first, then
 * done: a server that is killed in between does it when it starts again, and gives nothing of them out meanwhile.
 * @throws Fault `not_found` for a hash that was never stored, `evidence_deleted` for one that was deleted before, `conflict` while
 * an incident holds it (`details.incidents`) or a fetch needs it (`details.actions`), `invalid_request`, `evidence_unavailable`
 */
export async function deleteEvidence(
  ports: Pick<Ports, 'store' | 'blobs' | 'clock'>,
  { kind, id, name }: Pick<Principal, 'kind' | 'id' | 'name'>,
  { sha256, reason }: DeleteEvidence,
): Promise<EvidenceRecord> {
  demandReason(reason);
  const blobs = demandBlobs(ports);
  await blobs.alone(sha256, async () => {
    const deletion = { at: ports.clock.now(), rule: 'person', reason, by: { kind, id, name } } as const;
    await ports.store.transact(async (transaction) => {
      const record = await demandKept(transaction, sha256);
      const claims = await transaction.evidence.claimsOf([sha256]);
      demandFree(await keepersOf(transaction, sha256, claims));
      await decide(transaction, { record, claims }, deletion);
    });
    await erase(ports, blobs, sha256);
  });
  const [record] = await ports.store.read(({ evidence }) => evidence.byHashes([sha256]));
  return record ?? missing(sha256);
}

/**
 * Deletes bytes because of their age, unless anything keeps them. How long they are kept is read where it is decided: whoever has just
 * changed it, or said that they stay for ever, is obeyed.
 * @returns whether they were deleted.
 */
export async function deleteUnwanted(
  ports: Pick<Ports, 'store' | 'blobs' | 'clock'>,
  { sha256 }: Pick<EvidenceRecord, 'sha256'>,
): Promise<boolean> {
  const blobs = demandBlobs(ports);
  return blobs.alone(sha256, async () => {
    const at = ports.clock.now();
    const isDecided = await ports.store.transact(async (transaction) => {
      const { days } = await storedRetention(transaction);
      const [record] = await transaction.evidence.byHashes([sha256]);
      if (days === null || record === undefined || record.deletion !== null || record.wantedAt >= at - days * day) {
        return false;
      }
      const claims = await transaction.evidence.claimsOf([sha256]);
      if ((await keepersOf(transaction, sha256, claims)) !== undefined) {
        return false;
      }
      const reason = `Evidence is kept for ${days} days after it was fetched last.`;
      await decide(transaction, { record, claims }, { at, rule: 'retention', reason, by: serverActor });
      return true;
    });
    if (isDecided) {
      await erase(ports, blobs, sha256);
    }
    return isDecided;
  });
}

/** Removes bytes whose deletion was recorded and not seen through. @returns whether there was still something to do. */
export async function eraseDeleted(ports: Pick<Ports, 'store' | 'blobs' | 'clock'>, sha256: Sha256): Promise<boolean> {
  const blobs = demandBlobs(ports);
  return blobs.alone(sha256, async () => {
    const [record] = await ports.store.read(({ evidence }) => evidence.byHashes([sha256]));
    // They may have been fetched and stored anew meanwhile.
    if (record?.deletion?.erasedAt !== null) {
      return false;
    }
    await erase(ports, blobs, sha256);
    return true;
  });
}

/** Within `alone`: nobody can store them anew between the two steps. */
async function erase(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  blobs: BlobStore,
  sha256: Sha256,
): Promise<void> {
  await blobs.remove(sha256);
  await store.transact(({ evidence }) => evidence.markErased(sha256, clock.now()));
}

interface Concerned {
  readonly record: EvidenceRecord;
  readonly claims: readonly ShownClaim[];
}

async function decide(
  { evidence, events }: Transaction,
  { record: { sha256, size }, claims }: Concerned,
  deletion: Omit<EvidenceDeletion, 'erasedAt'>,
): Promise<void> {
  const { at, rule, reason, by: actor } = deletion;
  const actions = actionsOf(claims);
  await evidence.markDeleted(sha256, deletion);
  const facts = {
    sha256,
    size,
    rule,
    reason,
    actions: actions.slice(0, mostToldActions),
    actionsCount: actions.length,
  };
  await events.append([{ type: 'evidence_deleted', at, actor, facts }]);
}

function actionsOf(claims: readonly ShownClaim[]): readonly string[] {
  return [...new Set(claims.map(({ actionId }) => actionId))];
}

async function demandKept({ evidence }: Pick<Reader, 'evidence'>, sha256: Sha256): Promise<EvidenceRecord> {
  const [record] = await evidence.byHashes([sha256]);
  if (record === undefined) {
    return missing(sha256);
  }
  if (record.deletion !== null) {
    throw new Fault('evidence_deleted', `The bytes of ${sha256} are deleted already.`, { details: { sha256 } });
  }
  return record;
}

function demandFree(keepers: Keepers | undefined): void {
  if (keepers?.incidents !== undefined) {
    const incidents = keepers.incidents.join(', ');
    const message = `These bytes are kept for what is on hold: incident ${incidents}. Release it first.`;
    throw new Fault('conflict', message, { details: { incidents: keepers.incidents } });
  }
  if (keepers?.actions !== undefined) {
    const message = `These bytes are being fetched by action ${keepers.actions.join(', ')}. Wait until it has ended.`;
    throw new Fault('conflict', message, { details: { actions: keepers.actions } });
  }
}

interface Keepers {
  readonly incidents?: readonly string[];
  readonly actions?: readonly string[];
}

/** Undefined when nothing forbids deleting them: no incident on hold, and no fetch whose agent has yet to report. */
async function keepersOf(
  { evidence }: Pick<Reader, 'evidence'>,
  sha256: Sha256,
  claims: readonly ShownClaim[],
): Promise<Keepers | undefined> {
  const holds = await evidence.holdsOn([sha256]);
  if (holds.length > 0) {
    return { incidents: holds.map(({ incidentId }) => incidentId) };
  }
  const open = claims.filter(({ isOpen }) => isOpen);
  return open.length > 0 ? { actions: actionsOf(open) } : undefined;
}

function missing(sha256: Sha256): never {
  throw new Fault('not_found', `No evidence with the SHA-256 ${sha256} was ever stored.`, {
    details: { what: 'evidence' },
  });
}
