import { permissions } from '#core/access/permission.ts';
import { may, type Principal } from '#core/access/principal.ts';
import type { Call } from '../../dialect.ts';
import { authenticate } from '../authenticate.ts';
import { open } from '../operation.ts';
import { whoAmI } from '../schemas/principal.ts';
import { showUser, shownTags } from '../show-access.ts';

export const whoAmIOperation = open(
  whoAmI,
  'it authenticates by itself, and no role is needed to learn what one may do',
  async (_, call) => {
    const principal = await authenticate(call);
    const { kind, id, name, role, scope } = principal;
    const allowed = permissions.filter((permission) => may(principal, permission));
    const account = await accountOf(call, principal);
    return { kind, id, name, role: role.name, tags: shownTags(scope), permissions: allowed, account };
  },
);

async function accountOf({ ports }: Pick<Call, 'ports'>, { kind, id }: Principal) {
  const user = kind === 'user' ? await ports.store.read(({ credentials }) => credentials.userById(id)) : undefined;
  if (user === undefined) {
    return null;
  }
  const { hasSecondFactor, recoveryCodesLeft, identity } = showUser(user);
  return { hasSecondFactor, recoveryCodesLeft, hasPassword: identity === null };
}
