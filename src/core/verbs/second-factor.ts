import type { SecondFactor, User } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import { hashRecoveryCode, newRecoveryCodes } from '../access/recovery-code.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { actorOf } from './half-session.ts';
import { demandAccessManager, demandChangeable, demandOther } from './manage-access.ts';
import { demandOwnPassword } from './own-password.ts';
import { takeCode } from './show-code.ts';

export interface NewSecondFactor {
  /** In base32; shown this once. */
  readonly secret: string;
  /** The same as an `otpauth://` address, for a picture that applications read. */
  readonly address: string;
}

type FactorPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'oneTimeCodes' | 'secrets'>;

const unused = { active: false, lastStep: 0, failures: 0, failedAt: null, recoveryCodes: [] } as const;

/**
 * Makes a new secret for one's own log-in. It counts from the first code that is confirmed on; one that counts already stays until
 * an administrator resets it.
 * @throws Fault `conflict` when there is one that counts, `not_found` for who is no user
 */
export async function prepareSecondFactor(
  ports: Omit<FactorPorts, 'random'>,
  userId: string,
): Promise<NewSecondFactor> {
  const secret = ports.oneTimeCodes.newSecret();
  const sealedSecret = ports.secrets.seal(secret);
  const user = await ports.store.transact(async ({ credentials }) => {
    const found = demandUser(await credentials.userById(userId));
    demandOwnPassword(found);
    if (found.secondFactor?.active === true) {
      throw new Fault('conflict', 'There is a second factor already: have an administrator reset it first.');
    }
    await credentials.updateUser({ ...found, secondFactor: { sealedSecret, ...unused } });
    return found;
  });
  return { secret: ports.oneTimeCodes.spell(secret), address: ports.oneTimeCodes.address(secret, user.email) };
}

export interface ShownCode {
  /** Of whoever is logged in; of a key or the local administrator there is no user. */
  readonly userId: string;
  readonly code: string;
  readonly remoteAddress: string;
}

/**
 * Shows a first code: from now on every log-in needs one.
 * @returns the recovery codes, shown this once.
 * @throws Fault `permission_denied` for a wrong one, `conflict`
 */
export async function confirmSecondFactor(ports: FactorPorts, shown: ShownCode): Promise<readonly string[]> {
  const { userId } = shown;
  const codes = await ports.store.transact(async (transaction) => {
    const user = demandUser(await transaction.credentials.userById(userId));
    demandOwnPassword(user);
    if (user.secondFactor === null || user.secondFactor.active) {
      throw new Fault('conflict', 'No second factor waits to be confirmed: prepare one first.');
    }
    if (!(await takeCode(ports, transaction, { ...shown, user }))) {
      return undefined;
    }
    const made = newRecoveryCodes(ports.random);
    await keep(transaction, userId, { active: true, recoveryCodes: hashesOf(userId, made) });
    const facts = { userId, recoveryCodes: made.length };
    const at = ports.clock.now();
    await transaction.events.append([{ type: 'second_factor_enabled', at, actor: actorOf(user), facts }]);
    return made;
  });
  return codes ?? wrongCode();
}

/**
 * Makes new recovery codes; those that were left count no more. A session is not enough for it: whoever stole one would have a way in
 * for good.
 * @returns the codes, shown this once.
 * @throws Fault `permission_denied` for a wrong code, `conflict` where no second factor counts
 */
export async function renewRecoveryCodes(ports: FactorPorts, shown: ShownCode): Promise<readonly string[]> {
  const { userId } = shown;
  const codes = await ports.store.transact(async (transaction) => {
    const user = demandUser(await transaction.credentials.userById(userId));
    if (user.secondFactor?.active !== true) {
      throw new Fault('conflict', 'There is no second factor that counts: prepare and confirm one first.');
    }
    if (!(await takeCode(ports, transaction, { ...shown, user }))) {
      return undefined;
    }
    const made = newRecoveryCodes(ports.random);
    await keep(transaction, userId, { recoveryCodes: hashesOf(userId, made) });
    const facts = { userId, recoveryCodes: made.length };
    const at = ports.clock.now();
    await transaction.events.append([{ type: 'recovery_codes_renewed', at, actor: actorOf(user), facts }]);
    return made;
  });
  return codes ?? wrongCode();
}

function hashesOf(userId: string, codes: readonly string[]): readonly string[] {
  return codes.map((code) => hashRecoveryCode(userId, code));
}

/** To the factor as it is now, with the code that was just taken. */
async function keep(
  { credentials }: Pick<Transaction, 'credentials'>,
  userId: string,
  changes: Partial<SecondFactor>,
): Promise<void> {
  const user = demandUser(await credentials.userById(userId));
  if (user.secondFactor !== null) {
    await credentials.updateUser({ ...user, secondFactor: { ...user.secondFactor, ...changes } });
  }
}

function wrongCode(): never {
  const advice = 'Does the clock of the device run right? After many wrong ones, none counts for 15 minutes.';
  throw new Fault('permission_denied', `The code is wrong, or was used before. ${advice}`, {
    details: { field: 'code' },
  });
}

/**
 * Takes somebody's second factor away, with its recovery codes; their sessions end.
 * @param name id or address
 * @throws Fault `not_found`, `permission_denied` for one who may do more than whoever asks, and for oneself
 */
export async function resetSecondFactor(
  ports: Pick<Ports, 'store' | 'clock'>,
  by: Principal,
  name: string,
): Promise<User> {
  return ports.store.transact(async ({ credentials, events }) => {
    const own = await demandAccessManager(credentials, by);
    const { user } = await demandChangeable(credentials, own, name);
    demandOther(by, user, 'use a recovery code, or have another administrator reset it.');
    demandOwnPassword(user);
    const changed = { ...user, secondFactor: null };
    await credentials.updateUser(changed);
    await credentials.deleteSessionsOf(user.id, undefined);
    const facts = { userId: user.id, email: user.email };
    const actor = { kind: by.kind, id: by.id, name: by.name };
    await events.append([{ type: 'second_factor_reset', at: ports.clock.now(), actor, facts }]);
    return changed;
  });
}

function demandUser(user: User | undefined): User {
  if (user === undefined) {
    throw new Fault(
      'not_found',
      'There is no such user: only people who log in with a password have a second factor.',
      {
        details: { what: 'user' },
      },
    );
  }
  return user;
}
