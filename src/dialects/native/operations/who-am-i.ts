import { permissions } from '#core/access/permission.ts';
import { may } from '#core/access/principal.ts';
import { authenticate } from '../authenticate.ts';
import { open } from '../operation.ts';
import { whoAmI } from '../schemas/principal.ts';
import { shownTags } from '../show-access.ts';

export const whoAmIOperation = open(
  whoAmI,
  'it authenticates by itself, and no role is needed to learn what one may do',
  async (_, call) => {
    const principal = await authenticate(call);
    const { kind, id, name, role, scope } = principal;
    const allowed = permissions.filter((permission) => may(principal, permission));
    return { kind, id, name, role: role.name, tags: shownTags(scope), permissions: allowed };
  },
);
