import { guarded } from '../operation.ts';
import { listEnrolmentTokens } from '../schemas/enrolment-token.ts';
import { showToken } from '../show-access.ts';

export const listEnrolmentTokensOperation = guarded(
  listEnrolmentTokens,
  { permission: 'endpoints.enrol', licence: [] },
  async (_, { ports }) => {
    const tokens = await ports.store.read(({ credentials }) => credentials.tokens());
    return { items: tokens.map(showToken) };
  },
);
