import type { User } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import { includes, type Scope, tagsOf } from '../access/scope.ts';
import type { NewEvent } from '../custody/event.ts';
import type { Ports } from '../ports/ports.ts';
import { demandRole } from './find-role.ts';
import { demandAccessManager, demandChangeable, demandMayGive, keepingAnAdministrator } from './manage-access.ts';

/** What is left out stays. */
export interface UserChanges {
  readonly role?: string | undefined;
  readonly scope?: Scope | undefined;
  readonly disabled?: boolean | undefined;
}

export interface ChangeUser {
  /** Id or address. */
  readonly user: string;
  readonly changes: UserChanges;
}

/**
 * Changes what a person may do, where, and whether they can log in. Their sessions end with the change, so that they are judged by it
 * at once. What they did before stays under their name.
 * @throws Fault `permission_denied` for one who may do more than whoever asks, or would (a role or scope beyond theirs), `not_found`,
 * `invalid_request` for a role that does not exist, `conflict` for the last administrator
 */
export function changeUser(
  ports: Pick<Ports, 'store' | 'clock' | 'identityProvider'>,
  by: Principal,
  { user: name, changes }: ChangeUser,
): Promise<User> {
  const at = ports.clock.now();
  return ports.store.transact(async ({ credentials, events }) => {
    const own = await demandAccessManager(credentials, by);
    const { user, held } = await demandChangeable(credentials, own, name);
    const role = changes.role === undefined ? held.role : await demandRole(credentials, changes.role);
    const scope = changes.scope ?? held.scope;
    demandMayGive(own, { role, scope });
    const disabled = changes.disabled ?? user.disabledAt !== null;
    const changed = { ...user, role: role.name, scope, disabledAt: disabled ? (user.disabledAt ?? at) : null };
    const happened = changesOf(user, changed, { at, by });
    if (happened.length === 0) {
      return user;
    }
    const issuer = ports.identityProvider?.issuer;
    await keepingAnAdministrator(credentials, issuer, () => credentials.updateUser(changed));
    await credentials.deleteSessionsOf(user.id, undefined);
    await events.append(happened);
    return changed;
  });
}

/**
 * The events of a change; none where nothing of it is one.
 * @param by whoever makes it
 */
export function changesOf(
  before: User,
  after: User,
  { at, by }: { readonly at: number; readonly by: NewEvent['actor'] },
): readonly NewEvent[] {
  const actor = { kind: by.kind, id: by.id, name: by.name };
  const whom = { userId: before.id, email: before.email };
  const [from, to] = [before, after].map(({ role, scope }) => ({ role, tags: tagsOf(scope) }));
  const isSame = before.role === after.role && sameScope(before.scope, after.scope);
  const isDisabled = after.disabledAt !== null;
  return [
    ...(isSame || from === undefined || to === undefined
      ? []
      : [{ type: 'user_changed', at, actor, facts: { ...whom, from, to } } as const]),
    ...((before.disabledAt !== null) === isDisabled
      ? []
      : [{ type: isDisabled ? 'user_disabled' : 'user_enabled', at, actor, facts: whom } as const]),
  ];
}

function sameScope(one: Scope, other: Scope): boolean {
  return includes(one, other) && includes(other, one);
}
