import type { User } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { actorOf } from './half-session.ts';
import { demandOwnPassword } from './own-password.ts';
import { takeCode } from './show-code.ts';

export interface NewSecondFactor {
  /** In base32; shown this once. */
  readonly secret: string;
  /** The same as an `otpauth://` address, for a picture that applications read. */
  readonly address: string;
}

type FactorPorts = Pick<Ports, 'store' | 'clock' | 'oneTimeCodes' | 'secrets'>;

const unused = { active: false, lastStep: 0, failures: 0, failedAt: null } as const;

/**
 * Makes a new secret for one's own log-in. It counts from the first code that is confirmed on; one that counts already stays until
 * an administrator resets it.
 * @throws Fault `conflict` when there is one that counts, `not_found` for who is no user
 */
export async function prepareSecondFactor(ports: FactorPorts, userId: string): Promise<NewSecondFactor> {
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

/** Shows a first code: from now on every log-in needs one. @throws Fault `permission_denied` for a wrong one, `conflict` */
export async function confirmSecondFactor(ports: FactorPorts, userId: string, code: string): Promise<void> {
  const right = await ports.store.transact(async (transaction) => {
    const user = demandUser(await transaction.credentials.userById(userId));
    demandOwnPassword(user);
    if (user.secondFactor === null || user.secondFactor.active) {
      throw new Fault('conflict', 'No second factor waits to be confirmed: prepare one first.');
    }
    if (!(await takeCode(ports, transaction, { user, code }))) {
      return false;
    }
    await activate(transaction, userId, ports.clock.now());
    return true;
  });
  if (!right) {
    const advice = 'Does the clock of the device run right? After many wrong ones, none counts for 15 minutes.';
    throw new Fault('permission_denied', `The code is wrong, or was used before. ${advice}`, {
      details: { field: 'code' },
    });
  }
}

async function activate({ credentials, events }: Transaction, userId: string, at: Milliseconds): Promise<void> {
  const user = demandUser(await credentials.userById(userId));
  if (user.secondFactor !== null) {
    await credentials.updateUser({ ...user, secondFactor: { ...user.secondFactor, active: true } });
  }
  await events.append([{ type: 'second_factor_enabled', at, actor: actorOf(user), facts: { userId } }]);
}

/** Takes somebody's second factor away; their sessions end. @throws Fault `not_found` */
export async function resetSecondFactor(
  ports: Pick<Ports, 'store' | 'clock'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  email: string,
): Promise<User> {
  return ports.store.transact(async ({ credentials, events }) => {
    const user = demandUser(await credentials.userByEmail(email.trim().toLowerCase()));
    demandOwnPassword(user);
    const changed = { ...user, secondFactor: null };
    await credentials.updateUser(changed);
    await credentials.deleteSessionsOf(user.id, undefined);
    const facts = { userId: user.id, email: user.email };
    await events.append([{ type: 'second_factor_reset', at: ports.clock.now(), actor: by, facts }]);
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
