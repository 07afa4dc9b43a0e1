import type { z } from 'zod';
import { displayPath, parsePath } from '#core/file/file-path.ts';
import type { PlannedObject, Unanswered } from '#core/restore/restore-plan.ts';
import { describeRestorePlan } from '#core/verbs/describe-restore-plan.ts';
import { type HostNames, hostNamesOf } from '#core/verbs/host-names.ts';
import { planRestore } from '#core/verbs/plan-restore.ts';
import { runRestorePlan } from '#core/verbs/run-restore-plan.ts';
import { originOf, showStarted } from '../new-action.ts';
import { guarded, type NativeOperation } from '../operation.ts';
import {
  planRestore as planContract,
  readRestorePlan as readContract,
  runRestorePlan as runContract,
} from '../schemas/restore-plan.ts';

type Shown = z.input<typeof readContract.reply>;

const access = { permission: 'files.restore', licence: [] } as const;

/** Restores that are looked at before they are done. */
export const restorePlanOperations: readonly NativeOperation[] = [
  guarded(planContract, access, async ({ body }, call) => {
    const { sha256, endpointId, vaultObject, to } = body;
    const target = to === undefined ? undefined : parsePath(to);
    const origin = originOf(call, body);
    return showStarted(call, await planRestore(call.ports, { origin, sha256, endpointId, vaultObject, to: target }));
  }),
  guarded(readContract, access, async ({ parameters: { actionId }, query }, { ports }) => {
    const { plan, blockedBy } = await describeRestorePlan(ports, actionId);
    const { finding, offset, limit } = query;
    const objects = plan.objects.filter((object) => finding === undefined || finding.includes(object.finding));
    const page = objects.slice(offset, offset + limit);
    const concerned = [...page, ...plan.waiting, ...plan.failed];
    const names = await ports.store.read((reader) => hostNamesOf(reader, concerned));
    const shown = (one: Unanswered) => ({ ...one, hostName: names.get(one.endpointId) ?? null });
    const { sha256, digest, counts, waiting, failed } = plan;
    return {
      ...{ actionId, sha256, digest, blockedBy, counts },
      ...{ waiting: waiting.map(shown), failed: failed.map(shown) },
      items: page.map((object) => showObject(object, names)),
      total: objects.length,
    };
  }),
  guarded(runContract, access, async ({ parameters: { actionId }, body }, call) => {
    const { digest, ifOccupied, ifParentMissing, otherPath, allow } = body;
    const { action, ...counts } = await runRestorePlan(call.ports, {
      ...{ origin: originOf(call, body), actionId, digest, ifOccupied, ifParentMissing, allow },
      otherPath: otherPath === undefined ? undefined : parsePath(otherPath),
    });
    return { action: await showStarted(call, action), ...counts };
  }),
];

function showObject({ target, ...object }: PlannedObject, names: HostNames): Shown['items'][number] {
  const hostName = names.get(object.endpointId) ?? null;
  return { ...object, hostName, path: target === null ? null : displayPath(target) };
}
