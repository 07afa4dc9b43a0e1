import { Fault } from '#core/fault.ts';
import { deleteKeys } from '#core/verbs/delete-keys.ts';
import { guarded } from '../operation.ts';
import { deleteKey as contract } from '../schemas/key.ts';

export const deleteKeyOperation = guarded(
  contract,
  { permission: 'access.manage', licence: [] },
  async ({ parameters: { id } }, { ports, principal }) => {
    const deleted = await deleteKeys(ports, principal, [Number(id)]);
    if (deleted.length === 0) {
      throw new Fault('not_found', `There is no key ${id}. "custody keys list" shows those there are.`, {
        details: { what: 'key' },
      });
    }
    return undefined;
  },
);
