import { issueRestoreToken as issue } from '#core/verbs/issue-restore-token.ts';
import { instantOf } from '../instant.ts';
import { originOf, restoreOf, showStarted } from '../new-action.ts';
import { guarded } from '../operation.ts';
import { issueRestoreToken } from '../schemas/order.ts';

export const issueRestoreTokenOperation = guarded(
  issueRestoreToken,
  { permission: 'files.restore', licence: [] },
  async ({ body }, call) => {
    const { endpointId } = body;
    const { action, token } = await issue(call.ports, {
      ...restoreOf(body),
      ...{ origin: originOf(call, body), endpointId },
    });
    return { action: await showStarted(call, action), token, expiresAt: instantOf(action.deadline) };
  },
);
