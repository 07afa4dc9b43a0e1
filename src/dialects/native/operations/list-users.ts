import { guarded } from '../operation.ts';
import { listUsers } from '../schemas/user.ts';
import { showUser } from '../show-access.ts';

export const listUsersOperation = guarded(
  listUsers,
  { permission: 'access.manage', licence: [] },
  async (_, { ports }) => {
    const users = await ports.store.read(({ credentials }) => credentials.users());
    return { items: users.map(showUser) };
  },
);
