import type { EventOrder, EventSearch } from '#core/ports/store/events.ts';
import { type Condition, demandOperator, texts, textValues } from '../filters.ts';
import { endpointIds } from '../named-endpoints.ts';
import { wrongField } from '../read-fields.ts';
import type { Sorting } from '../sorting.ts';
import { period } from '../time-range.ts';
import { inBoth, keepByWord } from '../words-asked.ts';
import { type AgentKind, agentKinds } from './agent-kinds.ts';
import { ranksBy } from './kind-ranks.ts';

interface Asked extends Omit<EventSearch, 'kinds' | 'failed'> {
  readonly kinds: readonly AgentKind[];
  /** How a task may have ended. */
  readonly ends: readonly ('Success' | 'Fail')[];
}

type Narrow = (asked: Asked, condition: Condition) => Asked;

const byWord =
  (wordOf: (kind: AgentKind) => string): Narrow =>
  (asked, condition) => ({ ...asked, kinds: keepByWord(asked.kinds, condition, wordOf) });

const byVersion: Narrow = (asked, condition) => ({
  ...asked,
  agentVersions: inBoth(asked.agentVersions, textValues(condition)),
});

const narrowings: ReadonlyMap<string, Narrow> = new Map<string, Narrow>([
  ['endpoint_id', narrowIds],
  ['endpoint_name', (asked, condition) => ({ ...asked, hostNames: inBoth(asked.hostNames, textValues(condition)) })],
  ['type', byWord(({ type }) => type)],
  ['sub_type', byWord(({ subType }) => subType)],
  ['result', narrowResult],
  ['timestamp', (asked, condition) => ({ ...asked, ...period(condition, { from: asked.from, to: asked.to }) })],
  ['domain', (asked, condition) => ({ ...asked, domains: inBoth(asked.domains, textValues(condition)) })],
  ['xdr_version', byVersion],
  ['trapsversion', byVersion],
  ['category', byWord(({ category }) => category)],
]);

/** @throws Fault `invalid_request` for a field, an operator or a value that cannot be answered. */
export function agentSearch(conditions: readonly Condition[]): EventSearch {
  let asked: Asked = { kinds: agentKinds, causedBy: 'agents', ends: ['Success', 'Fail'] };
  for (const condition of conditions) {
    const narrow = narrowings.get(condition.field.toLowerCase());
    if (narrow === undefined) {
      const known = [...narrowings.keys()].join(', ');
      throw wrongField('filters', `the field ${condition.field} is not supported here; use ${known}`);
    }
    asked = narrow(asked, condition);
  }
  const { kinds, ends, ...search } = asked;
  const left = kinds.filter(({ result }) => result !== null || ends.length > 0);
  const [only] = ends.length === 1 ? ends : [];
  return { ...search, kinds: left.map(({ kind }) => kind), ...(only !== undefined && { failed: only === 'Fail' }) };
}

function narrowIds(asked: Asked, condition: Condition): Asked {
  const ids = endpointIds({ ...condition, field: 'endpoint_id_list' });
  return { ...asked, endpointIds: inBoth(asked.endpointIds, ids) };
}

/** Lines without a result of their own are `N/A`; those of tasks have the result of their files. */
function narrowResult(asked: Asked, condition: Condition): Asked {
  demandOperator(condition, ['in', 'eq', 'neq']);
  const named = { ...condition, values: texts(condition) };
  const ends = keepByWord(asked.ends, named, (end) => end);
  const settled = asked.kinds.filter(({ result }) => result !== null);
  const kept = new Set(keepByWord(settled, named, ({ result }) => result ?? ''));
  return { ...asked, ends, kinds: asked.kinds.filter((kind) => kind.result === null || kept.has(kind)) };
}

export const agentSortFields = ['type', 'category', 'trapsversion', 'timestamp', 'domain'] as const;

type SortField = (typeof agentSortFields)[number];

const orders: Readonly<Record<SortField, EventOrder['by']>> = {
  type: { ranks: ranksBy(agentKinds, ({ type }) => type) },
  category: { ranks: ranksBy(agentKinds, ({ category }) => category) },
  trapsversion: 'agentVersion',
  timestamp: 'at',
  domain: 'domain',
};

export function agentOrder({ field, direction }: Sorting<SortField>): EventOrder {
  return { by: orders[field], direction };
}
