import { confirmSecondFactor, prepareSecondFactor, resetSecondFactor } from '#core/verbs/second-factor.ts';
import { authenticate } from '../authenticate.ts';
import { guarded, type NativeOperation, open } from '../operation.ts';
import {
  confirmSecondFactor as confirmContract,
  prepareSecondFactor as prepareContract,
  resetSecondFactor as resetContract,
} from '../schemas/second-factor.ts';

const why = 'it authenticates by itself, and no role is needed to protect one’s own log-in';

export const secondFactorOperations: readonly NativeOperation[] = [
  open(prepareContract, why, async (_, call) => prepareSecondFactor(call.ports, (await authenticate(call)).id)),
  open(confirmContract, why, async ({ body: { code } }, call) => {
    await confirmSecondFactor(call.ports, (await authenticate(call)).id, code);
    return undefined;
  }),
  guarded(
    resetContract,
    { permission: 'access.manage', licence: [] },
    async ({ body: { email } }, { ports, principal }) => {
      await resetSecondFactor(ports, principal, email);
      return undefined;
    },
  ),
];
