import {
  confirmSecondFactor,
  prepareSecondFactor,
  renewRecoveryCodes,
  resetSecondFactor,
} from '#core/verbs/second-factor.ts';
import type { Call } from '../../dialect.ts';
import { authenticate } from '../authenticate.ts';
import { guarded, type NativeOperation, open } from '../operation.ts';
import {
  confirmSecondFactor as confirmContract,
  prepareSecondFactor as prepareContract,
  renewRecoveryCodes as renewContract,
  resetSecondFactor as resetContract,
} from '../schemas/second-factor.ts';

const why = 'it authenticates by itself, and no role is needed to protect one’s own log-in';

export const secondFactorOperations: readonly NativeOperation[] = [
  open(prepareContract, why, async (_, call) => prepareSecondFactor(call.ports, await ownId(call))),
  open(confirmContract, why, async ({ body: { code } }, call) => ({
    recoveryCodes: [...(await confirmSecondFactor(call.ports, await shownCode(call, code)))],
  })),
  open(renewContract, why, async ({ body: { code } }, call) => ({
    recoveryCodes: [...(await renewRecoveryCodes(call.ports, await shownCode(call, code)))],
  })),
  guarded(
    resetContract,
    { permission: 'access.manage', licence: [] },
    async ({ body: { email } }, { ports, principal }) => {
      await resetSecondFactor(ports, principal, email);
      return undefined;
    },
  ),
];

/** No user's for a key or the local administrator. */
async function ownId(call: Call): Promise<string> {
  const { kind, id } = await authenticate(call);
  return kind === 'user' ? id : '';
}

async function shownCode(call: Call, code: string) {
  return { userId: await ownId(call), code, remoteAddress: call.connection.remoteAddress };
}
