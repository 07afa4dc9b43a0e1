import { resumeRings } from '#core/verbs/resume-rings.ts';
import { guarded } from '../operation.ts';
import { resumeAction as contract } from '../schemas/action.ts';

export const resumeActionOperation = guarded(
  contract,
  { permission: 'actions.approve', licence: [] },
  ({ parameters: { actionId }, body }, { ports, principal }) =>
    resumeRings(ports, { principal, actionId, reason: body.reason }),
);
