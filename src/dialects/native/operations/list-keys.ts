import { guarded } from '../operation.ts';
import { listKeys } from '../schemas/key.ts';
import { showKey } from '../show-access.ts';

export const listKeysOperation = guarded(
  listKeys,
  { permission: 'access.manage', licence: [] },
  async (_, { ports }) => {
    const keys = await ports.store.read(({ credentials }) => credentials.keys());
    return { items: keys.map(showKey) };
  },
);
