import type { FileOutcome } from '#core/action/action.ts';
import type { Sha256 } from '#core/file/hash.ts';
import { type DescribedAction, type DescribedTask, describeAction } from '#core/verbs/describe-action.ts';
import { describeRings } from '#core/verbs/describe-rings.ts';
import { whatTasksWaitFor } from '#core/verbs/dispatch-obstacle.ts';
import { hostNamesOf } from '#core/verbs/host-names.ts';
import { guarded } from '../operation.ts';
import { readAction } from '../schemas/action.ts';
import { showTasks } from '../show-action.ts';
import { showRollout } from '../show-rollout.ts';

export const readActionOperation = guarded(
  readAction,
  { permission: 'actions.read', licence: [] },
  async ({ parameters: { actionId } }, { ports }) => {
    const described = await describeAction(ports, actionId);
    const tasks = described.tasks.map(({ task }) => task);
    const hashes = fetchedHashes(described);
    const { hostNames, evidence } = await ports.store.read(async (reader) => ({
      hostNames: await hostNamesOf(reader, tasks),
      evidence: hashes.length === 0 ? [] : await reader.evidence.byHashes(hashes),
    }));
    const rings = await describeRings(ports, actionId);
    const unsent = described.tasks.filter(({ status }) => status === 'pending').map(({ task }) => task);
    const shown = showTasks(described, {
      uploadProgress: ports.uploadProgress,
      ...{ now: ports.clock.now(), confirmAfter: ports.policy.confirmAfter },
      waiting: await whatTasksWaitFor(ports, unsent),
      hostNames,
      evidence: new Map(evidence.map((record) => [record.sha256, record])),
    });
    return { ...shown, rollout: rings === undefined ? null : showRollout(rings, described) };
  },
);

/** Of other actions a hash says nothing of bytes that were fetched for them. */
function fetchedHashes({ action, tasks }: DescribedAction): readonly Sha256[] {
  const outcomes = action.verb === 'fetch' || action.verb === 'logs' ? tasks.flatMap(everyOutcome) : [];
  return [...new Set(outcomes.flatMap(({ sha256 }) => sha256 ?? []))];
}

function everyOutcome({ outcomes, earlier }: DescribedTask): readonly FileOutcome[] {
  return [...outcomes, ...earlier.flatMap((attempt) => attempt.outcomes)];
}
