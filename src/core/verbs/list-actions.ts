import type { ActionId } from '../action/action-id.ts';
import type { ActionStatus } from '../action/action-status.ts';
import type { Ports } from '../ports/ports.ts';
import type { ActionFilter } from '../ports/store/actions.ts';
import type { Listing, Page } from '../ports/store/page.ts';
import type { Reader } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { type DescribedAction, describe } from './describe-action.ts';

type ListPorts = Pick<Ports, 'store' | 'clock' | 'policy'>;

export interface ActionConditions extends Omit<ActionFilter, 'unconfirmed'> {
  /** Only those of which some order waits now for somebody to confirm it. */
  readonly isUnconfirmed?: boolean;
}

export interface ActionQuery extends ActionConditions {
  /** Only those that stand so now. */
  readonly statuses?: readonly ActionStatus[];
}

/** Actions with their tasks and statuses, newest first. */
export async function listActions(ports: ListPorts, query: ActionQuery, page: Page): Promise<Listing<DescribedAction>> {
  const { statuses, ...conditions } = query;
  return ports.store.read(
    async (reader) => {
      const now = ports.clock.now();
      const filter = filterOf(ports, conditions, now);
      if (filter === undefined) {
        return { items: [], total: 0 };
      }
      if (statuses === undefined) {
        const { items, total } = await reader.actions.list(filter, page);
        const ids = items.map(({ id }) => id);
        return { items: await described(reader, ids, now), total };
      }
      const standings = await standingsOf(reader, filter, now);
      const ids = standings.filter(({ status }) => statuses.includes(status)).map(({ id }) => id);
      const { offset, limit } = page;
      return { items: await described(reader, ids.slice(offset, offset + limit), now), total: ids.length };
    },
    { search: true },
  );
}

export type ActionCounts = Readonly<Partial<Record<ActionStatus, number>>>;

/** How many actions stand how; statuses in which none is are left out. */
export async function countActions(ports: ListPorts, conditions: ActionConditions): Promise<ActionCounts> {
  const standings = await ports.store.read(
    async (reader) => {
      const now = ports.clock.now();
      const filter = filterOf(ports, conditions, now);
      return filter === undefined ? [] : standingsOf(reader, filter, now);
    },
    { search: true },
  );
  const byStatus = Map.groupBy(standings, ({ status }) => status);
  return Object.fromEntries([...byStatus].map(([status, { length }]) => [status, length]));
}

/** Undefined where nothing can be so: no order is ever too old. */
function filterOf(
  { policy: { confirmAfter } }: Pick<ListPorts, 'policy'>,
  { isUnconfirmed = false, ...filter }: ActionConditions,
  now: Milliseconds,
): ActionFilter | undefined {
  if (!isUnconfirmed) {
    return filter;
  }
  return confirmAfter === null ? undefined : { ...filter, unconfirmed: { wantedBefore: now - confirmAfter, now } };
}

interface Standing {
  readonly id: ActionId;
  readonly status: ActionStatus;
}

async function standingsOf(reader: Reader, filter: ActionFilter, now: Milliseconds): Promise<readonly Standing[]> {
  const standings = await reader.actions.standings(filter, now);
  const retried = standings.filter(({ status }) => status === null).map(({ id }) => id);
  const ofRetried = new Map((await described(reader, retried, now)).map(({ action, status }) => [action.id, status]));
  return standings.flatMap(({ id, status }): Standing[] => {
    const stands = status ?? ofRetried.get(id);
    return stands === undefined ? [] : [{ id, status: stands }];
  });
}

/** In the order of the ids. */
async function described(
  reader: Reader,
  ids: readonly ActionId[],
  now: Milliseconds,
): Promise<readonly DescribedAction[]> {
  if (ids.length === 0) {
    return [];
  }
  const actions = new Map((await reader.actions.byIds(ids)).map((action) => [action.id, action]));
  const tasks = Map.groupBy(await reader.tasks.byActions(ids), (task) => task.actionId);
  const outcomes = Map.groupBy(await reader.outcomes.byActions(ids), (outcome) => outcome.taskId);
  const approvals = new Map((await reader.approvals.byActions(ids)).map((each) => [each.actionId, each]));
  return ids.flatMap((id) => {
    const action = actions.get(id);
    const own = tasks.get(id) ?? [];
    const ended = own.flatMap((task) => outcomes.get(task.id) ?? []);
    return action === undefined
      ? []
      : [describe({ action, tasks: own, outcomes: ended, approval: approvals.get(id) }, now)];
  });
}
