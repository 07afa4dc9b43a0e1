import type { ActionId } from '../action/action-id.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Milliseconds } from '../time.ts';
import type { FilePath } from './file-path.ts';
import type { Guid } from './guid.ts';
import type { Sha256 } from './hash.ts';
import type { VaultObjectId } from './vault-object-id.ts';

export const quarantineStates = ['held', 'restored', 'purged', 'lost'] as const;

/** `lost`: the endpoint listed its vault without it, though nobody ordered it away. */
export type QuarantineState = (typeof quarantineStates)[number];

/** One file that an agent holds, or held, in its vault. */
export interface QuarantineRecord {
  readonly vaultObject: VaultObjectId;
  readonly guid: Guid;
  readonly fileGuid: Guid;
  readonly endpointId: EndpointId;
  readonly path: FilePath;
  readonly displayPath: string;
  readonly sha256: Sha256;
  readonly size: number;
  /** Null where only the endpoint knows who ordered it: the server was restored from an older backup. */
  readonly actionId: ActionId | null;
  /** When the server learnt of it. */
  readonly quarantinedAt: Milliseconds;
  /** By the endpoint's clock, not before it was taken: a file there that changed later is another one. */
  readonly takenAt: Milliseconds;
  readonly state: QuarantineState;
  /** When and by which action it left the vault, restored or purged; null while held, and for a lost one. */
  readonly restoredAt: Milliseconds | null;
  readonly restoredBy: ActionId | null;
  /** When the endpoint first said that the object no longer decrypts to the file (promise P21); null: it never did. */
  readonly damagedAt: Milliseconds | null;
}
