import type { EventOrder, EventSearch } from '#core/ports/store/events.ts';
import { type Condition, textValues } from '../filters.ts';
import { wrongField } from '../read-fields.ts';
import type { Sorting } from '../sorting.ts';
import { period } from '../time-range.ts';
import { inBoth, keepByWord } from '../words-asked.ts';
import { ranksBy } from './kind-ranks.ts';
import { type ManagementKind, managementKinds } from './management-kinds.ts';

interface Asked extends Omit<EventSearch, 'kinds'> {
  readonly kinds: readonly ManagementKind[];
}

type Narrow = (asked: Asked, condition: Condition) => Asked;

const byWord =
  (wordOf: (kind: ManagementKind) => string): Narrow =>
  (asked, condition) => ({ ...asked, kinds: keepByWord(asked.kinds, condition, wordOf) });

const narrowings: ReadonlyMap<string, Narrow> = new Map<string, Narrow>([
  ['email', (asked, condition) => ({ ...asked, userNames: inBoth(asked.userNames, textValues(condition)) })],
  ['type', byWord(({ entity }) => entity)],
  ['sub_type', byWord(({ subType }) => subType)],
  ['result', byWord(({ result }) => result)],
  ['timestamp', (asked, condition) => ({ ...asked, ...period(condition, { from: asked.from, to: asked.to }) })],
]);

/** @throws Fault `invalid_request` for a field, an operator or a value that cannot be answered. */
export function managementSearch(conditions: readonly Condition[]): EventSearch {
  let asked: Asked = { kinds: managementKinds, causedBy: 'others' };
  for (const condition of conditions) {
    const narrow = narrowings.get(condition.field);
    if (narrow === undefined) {
      const known = [...narrowings.keys()].join(', ');
      throw wrongField('filters', `the field ${condition.field} is not supported here; use ${known}`);
    }
    asked = narrow(asked, condition);
  }
  return { ...asked, kinds: asked.kinds.map(({ kind }) => kind) };
}

export const managementSortFields = ['type', 'sub_type', 'result', 'timestamp'] as const;

type SortField = (typeof managementSortFields)[number];

const orders: Readonly<Record<SortField, EventOrder['by']>> = {
  type: { ranks: ranksBy(managementKinds, ({ entity }) => entity) },
  sub_type: { ranks: ranksBy(managementKinds, ({ subType }) => subType) },
  result: { ranks: ranksBy(managementKinds, ({ result }) => result) },
  timestamp: 'at',
};

export function managementOrder({ field, direction }: Sorting<SortField>): EventOrder {
  return { by: orders[field], direction };
}
