import type { z } from 'zod';
import type { Action } from '#core/action/action.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import type { Origin } from '#core/verbs/open-action.ts';
import type { GuardedCall } from '../dialect.ts';
import type { action } from './schemas/action.ts';
import { showAction } from './show-action.ts';

/** Who starts an action through this API. */
export function originOf({ principal }: GuardedCall, body: { readonly incidentId?: string | undefined }): Origin {
  return { principal, dialect: 'native', incidentId: body.incidentId };
}

/** An action that was just started, with the status that it has by now. */
export async function showStarted({ ports }: GuardedCall, started: Action): Promise<z.input<typeof action>> {
  return showAction(await describeAction(ports, started.id));
}
