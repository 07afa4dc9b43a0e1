import { z } from 'zod';
import { type ActionStatus, actionStatus } from '#core/action/action-status.ts';
import { obstacleWords } from '#core/action/obstacle-words.ts';
import type { Json } from '#core/custody/event.ts';
import { type DescribedTask, describeAction } from '#core/verbs/describe-action.ts';
import { whatTasksWaitFor } from '#core/verbs/dispatch-obstacle.ts';
import { whoStopped } from '#core/verbs/who-stopped.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { actionIdOf, actionReferenceFields } from '../action-reference.ts';
import { reply } from '../answer.ts';
import { errorReason } from '../error-reasons.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';
import { cortexStatus } from '../status.ts';

const fields = z.object(actionReferenceFields);

/**
 * Get Action Status. Endpoints stand in the order of the request, for connectors look at
 * the first only; the map is never empty, for one polls until it is not.
 */
export const getActionStatus: GuardedOperation = {
  method: 'POST',
  paths: callPaths('actions/get_action_status'),
  access: { permission: 'actions.read', licence: anyLicence },
  async run({ request, ports }) {
    const asked = readFields(fields, (await readBody(request)).data);
    const action = await describeAction(ports, actionIdOf(asked));
    const { tasks } = action;
    const stoppers = await whoStopped(ports, action);
    const waiting = await whatTasksWaitFor(
      ports,
      tasks.filter(({ status }) => status === 'pending').map(({ task }) => task),
    );
    const byEndpoint = [...Map.groupBy(tasks, ({ task }) => task.endpointId)];
    const data = Object.fromEntries(byEndpoint.map(([id, own]) => [id, cortexStatus[statusOf(own)]]));
    const reasons = tasks.flatMap((described): [string, Json][] => {
      const obstacle = waiting.get(described.task.id);
      const reason =
        obstacle === undefined
          ? errorReason(described, stoppers.get(described.task.id))
          : { errorDescription: obstacleWords[obstacle] };
      return reason === undefined ? [] : [[described.task.endpointId, reason]];
    });
    return reply(reasons.length === 0 ? { data } : { data, errorReasons: Object.fromEntries(reasons) });
  },
};

/** An undo of what was tried more than once asks an endpoint for each attempt. */
function statusOf(own: readonly DescribedTask[]): ActionStatus {
  return actionStatus(own.map(({ status }) => status));
}
