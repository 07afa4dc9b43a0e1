import { builtInRole, roles } from '#core/access/role.ts';
import { changeRole } from '#core/verbs/change-role.ts';
import { createRole } from '#core/verbs/create-role.ts';
import { deleteRole } from '#core/verbs/delete-role.ts';
import { guarded, type NativeOperation } from '../operation.ts';
import {
  changeRole as changeContract,
  createRole as createContract,
  deleteRole as deleteContract,
  listRoles as listContract,
} from '../schemas/role.ts';
import { showRole } from '../show-access.ts';

const managing = { permission: 'access.manage', licence: [] } as const;

export const manageRoleOperations: readonly NativeOperation[] = [
  guarded(listContract, managing, async (_, { ports }) => {
    const custom = await ports.store.read(({ credentials }) => credentials.customRoles());
    const builtIn = roles.map((name) => showRole(builtInRole(name), undefined));
    return { items: [...builtIn, ...custom.map((role) => showRole(role, role))] };
  }),
  guarded(createContract, managing, async ({ body }, { ports, principal }) => {
    const role = await createRole(ports, principal, body);
    return showRole(role, role);
  }),
  guarded(changeContract, managing, async ({ parameters, body }, { ports, principal }) => {
    const role = await changeRole(ports, principal, { role: parameters.role, changes: body });
    return showRole(role, role);
  }),
  guarded(deleteContract, managing, async ({ parameters: { role } }, { ports, principal }) => {
    await deleteRole(ports, principal, role);
    return undefined;
  }),
];
