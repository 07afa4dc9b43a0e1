import type { Task } from '../action/action.ts';
import { needsConfirmation } from '../action/needs-confirmation.ts';
import { serverActor } from '../custody/event.ts';
import type { Ports } from '../ports/ports.ts';
import { toldTargets } from './told-targets.ts';

/**
 * Those of these deliverable tasks that may go out. Of the others, which wait for a fresh confirmation now that their endpoint is
 * there, that is recorded once.
 */
export async function withoutUnconfirmed(
  { store, clock, policy }: Pick<Ports, 'store' | 'clock' | 'policy'>,
  tasks: readonly Task[],
): Promise<readonly Task[]> {
  const at = clock.now();
  const old = tasks.filter((task) => needsConfirmation(task, policy.confirmAfter, at));
  const unknown = old.filter(({ confirmationAwaitedAt }) => confirmationAwaitedAt === null);
  if (unknown.length > 0) {
    const ids = unknown.map(({ id }) => id);
    await store.transact(async (transaction) => {
      const noted = new Set(await transaction.tasks.awaitConfirmation(ids, at));
      const byAction = Map.groupBy(
        unknown.filter(({ id }) => noted.has(id)),
        ({ actionId }) => actionId,
      );
      await transaction.events.append(
        [...byAction].map(([actionId, group]) => ({
          ...{ type: 'confirmation_awaited', at, actor: serverActor, actionId },
          facts: { ...toldTargets(group), verb: group[0]?.parameters.verb ?? null },
        })),
      );
    });
  }
  return old.length === 0 ? tasks : tasks.filter((task) => !old.includes(task));
}
