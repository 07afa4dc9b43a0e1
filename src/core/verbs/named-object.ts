import { mostObjects } from '../action/verb.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Sha256 } from '../file/hash.ts';
import type { QuarantineRecord } from '../file/quarantine-record.ts';
import type { VaultObjectId } from '../file/vault-object-id.ts';
import type { Reader } from '../ports/store/store.ts';

/** A vault object as a request names it. */
export interface NamedObject {
  readonly vaultObject: VaultObjectId;
  readonly sha256: Sha256;
  /** Undefined: whichever has it. */
  readonly endpointId?: EndpointId | undefined;
}

/**
 * The endpoint whose vault has, or had, this object; none where nobody knows it there.
 * @throws Fault `invalid_request` when the object was made of a file with another hash: one of the two is a mistake.
 */
export async function ownersOfObject(
  { quarantine }: Pick<Reader, 'quarantine'>,
  { vaultObject, sha256, endpointId }: NamedObject,
): Promise<readonly EndpointId[]> {
  const [record] = await quarantine.byObjects([vaultObject]);
  if (record === undefined || (endpointId !== undefined && record.endpointId !== endpointId)) {
    return [];
  }
  demandHash(record, sha256);
  return [record.endpointId];
}

/** Vault objects as somebody has counted them. */
export interface CountedObjects {
  readonly vaultObjects: readonly VaultObjectId[];
  readonly sha256: Sha256;
  /** Of these endpoints alone; undefined: of whichever have them. */
  readonly endpointIds?: readonly EndpointId[] | undefined;
}

/** At least one. */
export type EndpointObjects = readonly [VaultObjectId, ...VaultObjectId[]];

/**
 * Just these objects, by the endpoint whose vault has them; what is thought to be lost may be there after all.
 * @throws Fault `conflict` when one of them has left its vault, or was never known in one: whoever counted them has to look again;
 * `invalid_request` when one has another hash, or is of another endpoint than those that are named; `limit_exceeded`
 */
export async function heldObjects(
  { quarantine }: Pick<Reader, 'quarantine'>,
  { vaultObjects, sha256, endpointIds }: CountedObjects,
): Promise<ReadonlyMap<EndpointId, EndpointObjects>> {
  const asked = [...new Set(vaultObjects)];
  const known = await quarantine.byObjects(asked);
  const there = known.filter(({ state }) => state === 'held' || state === 'lost');
  if (there.length < asked.length) {
    const [left] = known.filter((record) => !there.includes(record));
    const first =
      left === undefined ? '' : ` The first was ${left.displayPath} on endpoint ${left.endpointId}, ${left.state}.`;
    const message = `${asked.length - there.length} of the ${asked.length} copies are in no vault any more.${first} Nothing was ordered: look again.`;
    throw new Fault('conflict', message, { details: { what: 'vault' } });
  }
  const named = endpointIds && new Set(endpointIds);
  for (const record of there) {
    demandHash(record, sha256);
    if (named?.has(record.endpointId) === false) {
      const message = `The vault object ${record.vaultObject} is in the vault of another endpoint.`;
      throw new Fault('invalid_request', message, { details: { field: 'vaultObjects' } });
    }
  }
  const byEndpoint = new Map<EndpointId, EndpointObjects>();
  for (const [endpointId, records] of Map.groupBy(there, (record) => record.endpointId)) {
    const [first, ...others] = records.map((record) => record.vaultObject);
    if (first !== undefined) {
      byEndpoint.set(endpointId, demandFewEnough([first, ...others]));
    }
  }
  return byEndpoint;
}

function demandFewEnough(objects: EndpointObjects): EndpointObjects {
  if (objects.length > mostObjects) {
    const message = `One endpoint holds ${objects.length} of these objects, and one order names at most ${mostObjects}.`;
    throw new Fault('limit_exceeded', message, { details: { limit: mostObjects, asked: objects.length } });
  }
  return objects;
}

/** @throws Fault `invalid_request` when the object was made of a file with another hash: one of the two is a mistake. */
function demandHash(record: Pick<QuarantineRecord, 'sha256'>, sha256: Sha256): void {
  if (record.sha256 !== sha256) {
    const message = 'The vault object holds a file with another SHA-256.';
    throw new Fault('invalid_request', message, { details: { field: 'vaultObject' } });
  }
}
