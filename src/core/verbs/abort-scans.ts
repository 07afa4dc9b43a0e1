import type { Principal } from '../access/principal.ts';
import type { Task } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import { hasEnded } from '../action/action-status.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { type AskedEndpoints, orderTargets } from './order-targets.ts';
import { toldTargets } from './told-targets.ts';
import { withdrawTasks } from './withdraw-tasks.ts';

export interface AbortedScans {
  /** The newest scan that was stopped somewhere. */
  readonly actionId: ActionId;
  /** On how many endpoints scans were stopped, or their agents asked not to begin. */
  readonly endpointsCount: number;
}

/**
 * Stops scans of these endpoints, whoever ordered them, as far as they can be stopped: what no agent has is withdrawn, and agents
 * that have it are asked not to begin.
 * @throws Fault `no_target` when none of them has a scan that goes on; `timeout`
 */
export async function abortScans(
  ports: Pick<Ports, 'store' | 'clock' | 'doorbell'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  asked: AskedEndpoints,
): Promise<AbortedScans> {
  const at = ports.clock.now();
  const { aborted, ringing } = await ports.store.transact(async (transaction) => {
    const endpoints = await orderTargets(transaction, asked);
    const scans = (await transaction.tasks.openOf(endpoints, ['scan'])).filter((task) => !hasEnded(task, at));
    const newest = scans.at(-1);
    if (newest === undefined) {
      throw new Fault('no_target', 'None of these endpoints has a scan that could be stopped.');
    }
    const stopped = await stopEach(transaction, scans, { by, at });
    const endpointsCount = new Set(scans.map(({ endpointId }) => endpointId)).size;
    return { aborted: { actionId: newest.actionId, endpointsCount }, ringing: stopped };
  });
  ports.doorbell.ring(ringing);
  return aborted;
}

interface Stop {
  readonly by: Pick<Principal, 'kind' | 'id' | 'name'>;
  readonly at: Milliseconds;
}

/** @returns the endpoints whose agents were asked. */
async function stopEach(
  transaction: Transaction,
  scans: readonly Task[],
  { by, at }: Stop,
): Promise<readonly EndpointId[]> {
  const ringing: EndpointId[] = [];
  for (const [actionId, tasks] of Map.groupBy(scans, (task) => task.actionId)) {
    const { withdrawn, asked, stopped } = await withdrawTasks(transaction, tasks, {
      message: 'The scan was aborted.',
      at,
    });
    const facts = { ...toldTargets(stopped), verb: 'scan', withdrawn, asked: asked.length };
    await transaction.events.append([{ type: 'action_cancelled', at, actor: by, actionId, facts }]);
    ringing.push(...asked);
  }
  return ringing;
}
