import { type Json, serverActor } from '../custody/event.ts';
import type { Ports } from '../ports/ports.ts';
import type { Milliseconds } from '../time.ts';

export interface RestoredBackup {
  /** What the event about it tells of the backup. */
  readonly facts: { readonly [key: string]: Json };
  /** Delete every API key. */
  readonly revokesKeys: boolean;
}

/** Who gets in with what the backup knew, whatever has been taken from them since. */
export interface RestoredAccess {
  readonly keys: readonly {
    readonly id: number;
    readonly name: string;
    readonly role: string;
    readonly createdAt: Milliseconds;
    readonly createdBy: string;
  }[];
  readonly users: readonly {
    readonly email: string;
    readonly role: string;
    readonly passwordChangedAt: Milliseconds;
    readonly hasSecondFactor: boolean;
  }[];
  readonly keysRevoked: number;
  readonly tokensExpired: number;
}

/**
 * Takes from a store that a backup was just loaded into what must not come back with it: sessions, of which some were ended since;
 * enrolment tokens, of which some were used up; and, if wanted, API keys, of which some were deleted. What is left is told, because
 * only people know who should still get in (P73).
 */
export async function settleRestored(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  { facts, revokesKeys }: RestoredBackup,
): Promise<RestoredAccess> {
  const at = clock.now();
  const told = { at, actor: serverActor };
  return store.transact(async ({ credentials, events }) => {
    const keys = await credentials.keys();
    await credentials.deleteSessionsExpiredBefore(Number.MAX_SAFE_INTEGER);
    const tokensExpired = await credentials.expireTokens(at);
    const going = revokesKeys ? keys : [];
    for (const { id } of going) {
      await credentials.deleteKey(id, at);
    }
    const taken = { sessionsEnded: true, tokensExpired, keysRevoked: going.length };
    await events.append([
      { ...told, type: 'backup_restored', facts: { ...facts, ...taken } },
      ...going.map(({ id, name, role, level }) => ({
        ...{ ...told, type: 'key_deleted' as const },
        facts: { keyId: id, name, role, level },
      })),
    ]);
    const users = await credentials.users();
    return {
      keys: revokesKeys
        ? []
        : keys.map(({ id, name, role, createdAt, createdBy }) => ({ id, name, role, createdAt, createdBy })),
      users: users.map(({ email, role, passwordChangedAt, secondFactor }) => ({
        ...{ email, role, passwordChangedAt },
        hasSecondFactor: secondFactor?.active === true,
      })),
      ...{ keysRevoked: going.length, tokensExpired },
    };
  });
}
