import { z } from 'zod';
import type { User } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import type { Role } from '../access/role.ts';
import { demandNoWiderScope, type Scope, tagsOf, wholeFleet } from '../access/scope.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';

export interface NewUser {
  readonly email: string;
  readonly password: string;
  readonly role: Role;
  /** Default: all endpoints. */
  readonly scope?: Scope;
  /** The password is good for choosing another one only. */
  readonly mustChangePassword?: boolean | undefined;
}

const shortestPassword = 12;
const longestPassword = 1_024;
const emailSchema = z.email().max(254).toLowerCase();

/** @throws Fault `invalid_request` for a bad address or a short password, `conflict` when the address is taken, `permission_denied` for a scope beyond its maker's. */
export async function createUser(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'passwords'>,
  by: Pick<Principal, 'kind' | 'id' | 'name' | 'scope'>,
  request: NewUser,
): Promise<User> {
  const { scope = wholeFleet } = request;
  demandNoWiderScope(by.scope, scope);
  const email = emailSchema.safeParse(request.email);
  if (!email.success) {
    throw new Fault('invalid_request', `"${request.email}" is not an e-mail address.`, { details: { field: 'email' } });
  }
  demandPassword(request.password, 'password');
  const user: User = {
    id: ports.random.uuid(),
    email: email.data,
    passwordHash: await ports.passwords.hash(request.password),
    role: request.role,
    scope,
    createdAt: ports.clock.now(),
    passwordChangedAt: ports.clock.now(),
    mustChangePassword: request.mustChangePassword ?? false,
    secondFactor: null,
    identity: null,
  };
  await ports.store.transact(async ({ credentials, events }) => {
    await credentials.insertUser(user);
    await events.append([
      {
        type: 'user_created',
        at: user.createdAt,
        actor: { kind: by.kind, id: by.id, name: by.name },
        facts: { userId: user.id, email: user.email, role: user.role, tags: tagsOf(scope) },
      },
    ]);
  });
  return user;
}

/** @throws Fault `invalid_request` for one that is too short, or longer than a hash should be made of. */
export function demandPassword(password: string, field: string): void {
  if (password.length < shortestPassword || password.length > longestPassword) {
    throw new Fault('invalid_request', `A password has ${shortestPassword} to ${longestPassword} characters.`, {
      details: { field },
    });
  }
}
