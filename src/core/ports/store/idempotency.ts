import type { AnsweredRequest, RequestKey } from '../../idempotency/answered-request.ts';
import type { Milliseconds } from '../../time.ts';

export interface IdempotencyReader {
  /** Expired or not. */
  byKey(key: RequestKey): Promise<AnsweredRequest | undefined>;
  /** How many answers of one principal are kept, expired ones among them. */
  count(principal: Pick<RequestKey, 'principalKind' | 'principalId'>): Promise<number>;
}

export interface IdempotencyWriter extends IdempotencyReader {
  /** @throws Fault `conflict` where the key has an answer. */
  insert(answered: AnsweredRequest): Promise<void>;
  /** Those whose end is this moment, or was before it. */
  deleteExpired(now: Milliseconds): Promise<void>;
}
