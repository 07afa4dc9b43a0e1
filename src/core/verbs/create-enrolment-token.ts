import type { EnrolmentToken } from '../access/credential.ts';
import { demandRanges } from '../access/demand-ranges.ts';
import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { day, type Milliseconds } from '../time.ts';
import { hashToken } from './log-in.ts';

export interface NewEnrolmentToken {
  readonly uses: number;
  readonly lifetime: Milliseconds;
  readonly tags: readonly string[];
  /** From where machines may enrol, as `addressRangeSchema` has them. Default: from anywhere. */
  readonly addresses?: readonly string[];
}

export interface CreatedEnrolmentToken {
  readonly token: EnrolmentToken;
  /** 43 base64url characters, shown this once. */
  readonly secret: string;
}

const mostUses = 1_000_000;
const longestLifetime = 365 * day;

/** @throws Fault `invalid_request` when uses or lifetime are out of range, or an address is none. */
export async function createEnrolmentToken(
  ports: Pick<Ports, 'store' | 'clock' | 'random'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  request: NewEnrolmentToken,
): Promise<CreatedEnrolmentToken> {
  demandRange('uses', request.uses, mostUses);
  demandRange('lifetime', request.lifetime, longestLifetime);
  demandRanges(request.addresses ?? []);
  const secret = Buffer.from(ports.random.bytes(32)).toString('base64url');
  const createdAt = ports.clock.now();
  const token: EnrolmentToken = {
    id: ports.random.uuid(),
    tokenHash: hashToken(secret),
    usesLeft: request.uses,
    tags: request.tags,
    createdAt,
    createdBy: by.name,
    expiresAt: createdAt + request.lifetime,
    addresses: request.addresses ?? [],
    revokedAt: null,
  };
  await ports.store.transact(async ({ credentials, events }) => {
    await credentials.insertToken(token);
    const { id: tokenId, usesLeft: uses, expiresAt, addresses } = token;
    const facts = { tokenId, uses, expiresAt, addresses };
    await events.append([{ type: 'enrolment_token_created', at: createdAt, actor: by, facts }]);
  });
  return { token, secret };
}

function demandRange(field: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new Fault('invalid_request', `${field} must be a whole number from 1 to ${most}.`, { details: { field } });
  }
}
