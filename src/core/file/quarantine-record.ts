import { z } from 'zod';
import type { ActionId } from '../action/action-id.ts';
import type { Brand } from '../brand.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Milliseconds } from '../time.ts';
import type { FilePath } from './file-path.ts';
import type { Guid } from './guid.ts';
import type { Sha256 } from './hash.ts';

/** A UUID made by the agent when it took the file. */
export type VaultObjectId = Brand<string, 'VaultObjectId'>;

export const vaultObjectIdSchema = z
  .string()
  .refine(
    (value): value is VaultObjectId => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value),
    'must be a UUID',
  );

export type QuarantineState = 'held' | 'restored';

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
  readonly actionId: ActionId;
  readonly quarantinedAt: Milliseconds;
  readonly state: QuarantineState;
  /** When and by which action it left the vault; null while held. */
  readonly restoredAt: Milliseconds | null;
  readonly restoredBy: ActionId | null;
}
