import { describeAction } from '#core/verbs/describe-action.ts';
import { whatTasksWaitFor } from '#core/verbs/dispatch-obstacle.ts';
import { guarded } from '../operation.ts';
import { readAction } from '../schemas/action.ts';
import { showTasks } from '../show-action.ts';

export const readActionOperation = guarded(
  readAction,
  { permission: 'actions.read', licence: [] },
  async ({ parameters: { actionId } }, { ports }) => {
    const described = await describeAction(ports, actionId);
    const ids = [...new Set(described.tasks.map(({ task }) => task.endpointId))];
    const endpoints = await ports.store.read((reader) => reader.endpoints.byIds(ids));
    const hostNames = new Map(endpoints.map(({ id, hostName }) => [id, hostName]));
    const unsent = described.tasks.filter(({ status }) => status === 'pending').map(({ task }) => task);
    return showTasks(described, { hostNames, waiting: await whatTasksWaitFor(ports, unsent), now: ports.clock.now() });
  },
);
