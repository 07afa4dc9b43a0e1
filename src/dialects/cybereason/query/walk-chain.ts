import { Fault } from '#core/fault.ts';
import type { Guid } from '#core/file/guid.ts';
import type { Link, Step } from './chain.ts';
import { demandFeatures } from './element-filter.ts';
import { isTotal } from './element-types.ts';
import { finders } from './finders.ts';
import type { Linked, Search, Sought } from './search.ts';

/** Most elements that one step of a chain may lead on to: their GUIDs go into one statement. */
const mostBetween = 10_000;

/** What a chain leaves of its result: the elements that are sought, and whether a step on the way gave up looking. */
export interface Walked {
  readonly sought: Sought;
  readonly terminated: boolean;
}

/** What a neighbour demands of an element. */
interface Demand {
  /** It must be one of these, where the neighbour's feature leads to it. */
  readonly guids?: ReadonlySet<Guid>;
  /** It must lead to one of these by its own feature. */
  readonly linked?: Linked;
}

interface Side {
  readonly demand: Demand;
  readonly terminated: boolean;
}

const free: Side = { demand: {}, terminated: false };

/**
 * Goes from both ends of a chain to its result, element by element: each is searched for with its own filters and what its
 * neighbour on the far side demands, and demands in turn what the link between the two lets through.
 * @throws Fault `invalid_request` for features that a type does not have, `limit_exceeded` for a step that lets too much through
 */
export async function walkChain(search: Search, steps: readonly Step[], result: number): Promise<Walked> {
  for (const { type, asked } of steps) {
    demandFeatures(type, asked);
  }
  let left = free;
  for (const [index, step] of steps.slice(0, result).entries()) {
    left = await pass(search, { from: step, to: steps[index + 1], link: step.link, side: 'first' }, left);
  }
  let right = free;
  for (let index = steps.length - 1; index > result; index -= 1) {
    const before = steps[index - 1];
    right = await pass(search, { from: steps[index], to: before, link: before?.link, side: 'second' }, right);
  }
  return { sought: soughtOf(steps[result], [left, right]), terminated: left.terminated || right.terminated };
}

interface Crossing {
  readonly from: Step | undefined;
  readonly to: Step | undefined;
  readonly link: Link | undefined;
  /** Where `from` stands in the link. */
  readonly side: Link['owner'];
}

/** What the element that a crossing leads to must fulfil. */
async function pass(search: Search, { from, to, link, side }: Crossing, before: Side): Promise<Side> {
  if (from === undefined || to === undefined || link === undefined) {
    return before;
  }
  const sought = soughtOf(from, [before]);
  const isOwn = link.owner === side;
  if (!isOwn && isFree(sought) && isTotal(to.type, link.feature)) {
    return { demand: {}, terminated: before.terminated };
  }
  const guids = new Set<Guid>();
  const { terminated } = await finders[from.type](search, sought, (element) => {
    for (const guid of isOwn ? (element.references[link.feature] ?? []).map((each) => each.guid) : [element.guid]) {
      guids.add(guid);
    }
    return guids.size <= mostBetween;
  });
  if (guids.size > mostBetween) {
    throw new Fault(
      'limit_exceeded',
      `The chain goes through more than ${mostBetween} elements between ${from.type} and ${to.type}: narrow it.`,
    );
  }
  const demand = isOwn ? { guids } : { linked: { feature: link.feature, targets: guids } };
  return { demand, terminated: terminated || before.terminated };
}

function isFree({ filters, guids, linked }: Sought): boolean {
  return filters.length === 0 && guids === undefined && linked.length === 0;
}

function soughtOf(step: Step | undefined, sides: readonly Side[]): Sought {
  const lists = [
    step?.asked.guids === undefined ? undefined : new Set(step.asked.guids),
    ...sides.map(({ demand }) => demand.guids),
  ].filter((list) => list !== undefined);
  const [first, ...others] = lists;
  return {
    filters: step?.asked.filters ?? [],
    guids:
      first === undefined ? undefined : new Set([...first].filter((guid) => others.every((list) => list.has(guid)))),
    linked: sides.flatMap(({ demand }) => demand.linked ?? []),
  };
}
