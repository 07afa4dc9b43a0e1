import { z } from 'zod';
import type { User } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import { type Scope, tagsOf, wholeFleet } from '../access/scope.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { demandRole } from './find-role.ts';
import { demandAccessManager, demandMayGive } from './manage-access.ts';

export interface NewUser {
  readonly email: string;
  readonly password: string;
  /** The name of a role. */
  readonly role: string;
  /** Default: all endpoints. */
  readonly scope?: Scope;
  /** The password is good for choosing another one only. */
  readonly mustChangePassword?: boolean | undefined;
}

const shortestPassword = 12;
const longestPassword = 1_024;
const emailSchema = z.email().max(254).toLowerCase();

/**
 * @throws Fault `invalid_request` for a bad address, a short password or a role that does not exist, `conflict` when the address is
 * taken, `permission_denied` for a role that may do what its maker may not, or a scope beyond theirs.
 */
export async function createUser(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'passwords'>,
  by: Principal,
  request: NewUser,
): Promise<User> {
  const { scope = wholeFleet } = request;
  const email = emailSchema.safeParse(request.email);
  if (!email.success) {
    throw new Fault('invalid_request', `"${request.email}" is not an e-mail address.`, { details: { field: 'email' } });
  }
  demandPassword(request.password, 'password');
  const asked: User = {
    id: ports.random.uuid(),
    email: email.data,
    passwordHash: await ports.passwords.hash(request.password),
    role: request.role,
    scope,
    createdAt: ports.clock.now(),
    disabledAt: null,
    passwordChangedAt: ports.clock.now(),
    mustChangePassword: request.mustChangePassword ?? false,
    secondFactor: null,
    identity: null,
  };
  return ports.store.transact(async ({ credentials, events }) => {
    const own = await demandAccessManager(credentials, by);
    const role = await demandRole(credentials, asked.role);
    demandMayGive(own, { role, scope });
    const user = { ...asked, role: role.name };
    await credentials.insertUser(user);
    await events.append([
      {
        type: 'user_created',
        at: user.createdAt,
        actor: { kind: by.kind, id: by.id, name: by.name },
        facts: { userId: user.id, email: user.email, role: user.role, tags: tagsOf(scope) },
      },
    ]);
    return user;
  });
}

/** @throws Fault `invalid_request` for one that is too short, or longer than a hash should be made of. */
export function demandPassword(password: string, field: string): void {
  if (password.length < shortestPassword || password.length > longestPassword) {
    throw new Fault('invalid_request', `A password has ${shortestPassword} to ${longestPassword} characters.`, {
      details: { field },
    });
  }
}
