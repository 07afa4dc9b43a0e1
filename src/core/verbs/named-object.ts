import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Sha256 } from '../file/hash.ts';
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
  if (record.sha256 !== sha256) {
    throw new Fault('invalid_request', 'The vault object holds a file with another SHA-256.', {
      details: { field: 'vaultObject' },
    });
  }
  return [record.endpointId];
}
