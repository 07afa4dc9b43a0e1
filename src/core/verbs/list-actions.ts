import type { Ports } from '../ports/ports.ts';
import type { ActionFilter } from '../ports/store/actions.ts';
import type { Listing, Page } from '../ports/store/page.ts';
import { type DescribedAction, describe } from './describe-action.ts';

/** Actions with their tasks and statuses, newest first. */
export async function listActions(
  ports: Pick<Ports, 'store' | 'clock'>,
  filter: ActionFilter,
  page: Page,
): Promise<Listing<DescribedAction>> {
  return ports.store.read(async (reader) => {
    const listing = await reader.actions.list(filter, page);
    const ids = listing.items.map((action) => action.id);
    const tasks = Map.groupBy(await reader.tasks.byActions(ids), (task) => task.actionId);
    const outcomes = Map.groupBy(await reader.outcomes.byActions(ids), (outcome) => outcome.taskId);
    const approvals = new Map((await reader.approvals.byActions(ids)).map((each) => [each.actionId, each]));
    const now = ports.clock.now();
    const items = listing.items.map((action) => {
      const own = tasks.get(action.id) ?? [];
      const ended = own.flatMap((task) => outcomes.get(task.id) ?? []);
      return describe({ action, tasks: own, outcomes: ended, approval: approvals.get(action.id) }, now);
    });
    return { items, total: listing.total };
  });
}
