import { readScope } from '#core/access/scope.ts';
import { changeUser } from '#core/verbs/change-user.ts';
import { deleteUser } from '#core/verbs/delete-user.ts';
import { endSessionsOf, listSessions } from '#core/verbs/end-sessions.ts';
import { resetPassword } from '#core/verbs/reset-password.ts';
import { guarded, type NativeOperation } from '../operation.ts';
import {
  changeUser as changeContract,
  deleteUser as deleteContract,
  endUserSessions as endContract,
  listUserSessions as listContract,
  resetPassword as resetContract,
} from '../schemas/user.ts';
import { showSession, showUser } from '../show-access.ts';

const managing = { permission: 'access.manage', licence: [] } as const;

/** What administrators do about people who are there. */
export const manageUserOperations: readonly NativeOperation[] = [
  guarded(changeContract, managing, async ({ parameters: { user }, body }, { ports, principal }) => {
    const { role, tags, disabled } = body;
    const scope = tags === undefined ? undefined : readScope(tags);
    return showUser(await changeUser(ports, principal, { user, changes: { role, scope, disabled } }));
  }),
  guarded(deleteContract, managing, async ({ parameters: { user } }, { ports, principal }) => {
    await deleteUser(ports, principal, user);
    return undefined;
  }),
  guarded(resetContract, managing, async ({ parameters: { user }, body: { password } }, { ports, principal }) =>
    showUser(await resetPassword(ports, principal, { user, password })),
  ),
  guarded(listContract, managing, async ({ parameters: { user } }, { ports }) => ({
    items: (await listSessions(ports, user)).map((shown) => showSession(shown)),
  })),
  guarded(endContract, managing, async ({ parameters: { user }, query: { session } }, { ports, principal }) => ({
    ended: [...(await endSessionsOf(ports, principal, { user, session }))],
  })),
];
