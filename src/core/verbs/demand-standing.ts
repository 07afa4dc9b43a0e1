import { isInRanges } from '../access/address-range.ts';
import type { Permission } from '../access/permission.ts';
import { demandPermission, type Principal } from '../access/principal.ts';
import type { Role } from '../access/role.ts';
import { type Scope, tagsOf } from '../access/scope.ts';
import { isLive } from '../access/session-limits.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { CredentialReader } from '../ports/store/credentials.ts';
import type { Milliseconds } from '../time.ts';
import { roleOf } from './find-role.ts';
import { hashToken } from './log-in.ts';

/** Who was let in once, by what, and for what. */
export interface Standing {
  /** As it was let in. */
  readonly principal: Principal;
  readonly permission: Permission;
  /** Of a user: the token of the session. */
  readonly sessionToken: string | undefined;
  readonly remoteAddress: string;
}

/** What is known of the holder now. */
interface Held {
  readonly role: Role;
  readonly scope: Scope;
}

interface Reading {
  readonly credentials: CredentialReader;
  readonly now: Milliseconds;
  readonly policy: Pick<Ports['policy'], 'nativeSession'>;
}

/**
 * Whether whoever was let in would be let in again, as the same, asked within the transaction that reads for them: what comes after a
 * revocation is never told (promises P38 and P46). It counts as no request and as no use: nonces, rates and idle sessions are left alone.
 * @throws Fault `unauthenticated` when the key or session is gone, or the role or the scope is another one; `permission_denied`
 */
export async function demandStanding(reading: Reading, standing: Standing): Promise<void> {
  const { principal } = standing;
  if (principal.kind === 'local') {
    return;
  }
  const held = principal.kind === 'key' ? await heldByKey(reading, standing) : await heldByUser(reading, standing);
  if (held === undefined) {
    throw new Fault('unauthenticated', 'The session has ended, or the key counts no longer. Log in again.');
  }
  demandPermission(held, standing.permission);
  if (fingerprintOf(held) !== fingerprintOf(principal)) {
    throw new Fault('unauthenticated', 'What you may see or do was changed meanwhile. Ask again.');
  }
}

async function heldByKey(
  { credentials, now }: Reading,
  { principal, remoteAddress }: Standing,
): Promise<Held | undefined> {
  const key = await credentials.keyById(Number(principal.id));
  if (key === undefined || (key.expiresAt !== null && key.expiresAt <= now)) {
    return undefined;
  }
  const countsHere = key.addresses.length === 0 || isInRanges(remoteAddress, key.addresses);
  return countsHere ? { role: await roleOf(credentials, key), scope: key.scope } : undefined;
}

async function heldByUser(
  { credentials, ...limits }: Reading,
  { principal, sessionToken = '' }: Standing,
): Promise<Held | undefined> {
  const session = await credentials.sessionByTokenHash(hashToken(sessionToken));
  if (session?.stage !== 'open' || session.userId !== principal.id || !isLive(session, limits)) {
    return undefined;
  }
  const user = await credentials.userById(session.userId);
  return user === undefined || user.disabledAt !== null
    ? undefined
    : { role: await roleOf(credentials, user), scope: user.scope };
}

function fingerprintOf({ role, scope }: Held): string {
  return JSON.stringify([role.permissions.toSorted(), tagsOf(scope)?.toSorted() ?? null]);
}
