import { permissions } from '#core/access/permission.ts';
import { allows } from '#core/access/role.ts';
import { authenticate } from '../authenticate.ts';
import { open } from '../operation.ts';
import { whoAmI } from '../schemas/principal.ts';

export const whoAmIOperation = open(
  whoAmI,
  'it authenticates by itself, and no role is needed to learn what one may do',
  async (_, call) => {
    const { kind, id, name, role } = await authenticate(call);
    return { kind, id, name, role, permissions: permissions.filter((permission) => allows(role, permission)) };
  },
);
