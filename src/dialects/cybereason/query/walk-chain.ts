import { Fault } from '#core/fault.ts';
import type { Guid } from '#core/file/guid.ts';
import type { Step } from './chain.ts';
import type { Element } from './element.ts';
import { demandFeatures } from './element-filter.ts';
import { type ElementType, isTotal } from './element-types.ts';
import { finders, shortcutOf } from './finders.ts';
import type { Linked, Search, Sought } from './search.ts';

/** Most elements that one step of a chain may lead on to: their GUIDs go into one statement. */
const mostBetween = 10_000;

/** What a neighbour demands of an element. */
interface Demand {
  /** It must be one of these, where the neighbour's feature leads to it. */
  readonly guids?: ReadonlySet<Guid>;
  /** It must lead to one of these by its own feature. */
  readonly linked?: Linked;
}

/** A chain whose ends restrict its result, with what is demanded of each step from outside its own filters. */
interface Chain {
  readonly steps: readonly Step[];
  readonly result: number;
  readonly narrowed: ReadonlyMap<Step, readonly Demand[]>;
}

/**
 * Goes from both ends of a chain to its result, element by element: each is searched for with its own filters and what its
 * neighbour on the far side demands, and demands in turn what the link between the two lets through. Before that, the most selective
 * element narrows whatever is reached through it, so that an end which would be half the fleet by itself is not.
 * @returns what the chain leaves of its result
 * @throws Fault `invalid_request` for features that a type does not have, `limit_exceeded` for a step that lets too much through
 */
export async function walkChain(search: Search, steps: readonly Step[], result: number): Promise<Sought> {
  for (const { type, asked } of steps) {
    demandFeatures(type, asked);
  }
  const trimmed = withoutFreeEnds(steps, result);
  const narrowed = await narrow(search, trimmed);
  const chain = { ...trimmed, narrowed };
  const left = await walk(search, chain, chain.steps.slice(0, chain.result + 1));
  const right = await walk(search, chain, chain.steps.slice(chain.result).reverse());
  const step = chain.steps[chain.result];
  return soughtOf(step, [left, right, ...demandsOn(chain, step)]);
}

/** An end that asks for nothing, at a link that every element has, restricts nothing. */
function withoutFreeEnds(steps: readonly Step[], result: number): Omit<Chain, 'narrowed'> {
  const isFree = (end: Step | undefined, inner: Step | undefined) => {
    const link = end !== undefined && inner !== undefined ? linkBetween(end, inner) : undefined;
    return (
      end?.asked.filters.length === 0 &&
      end.asked.guids === undefined &&
      link?.isOwn === false &&
      isTotal(link.owner, link.feature)
    );
  };
  let [start, end] = [0, steps.length];
  while (start < result && isFree(steps[start], steps[start + 1])) {
    start += 1;
  }
  while (end - 1 > result && isFree(steps[end - 1], steps[end - 2])) {
    end -= 1;
  }
  return { steps: steps.slice(start, end), result: result - start };
}

/** From the most selective element outwards, where the walk to the result would not come by it first. */
async function narrow(search: Search, { steps, result }: Omit<Chain, 'narrowed'>): Promise<Chain['narrowed']> {
  const narrowed = new Map<Step, readonly Demand[]>();
  const anchor = mostSelective(steps);
  if (anchor === undefined) {
    return narrowed;
  }
  const after = steps.slice(anchor);
  const before = steps.slice(0, anchor + 1).reverse();
  const paths = [
    ...(anchor > result || result < steps.length - 1 ? [after] : []),
    ...(anchor < result || result > 0 ? [before] : []),
  ];
  for (const path of paths) {
    await spread(search, path, (step, demand) => narrowed.set(step, [demand]));
  }
  return narrowed;
}

/** As far as it goes: what lets too much through narrows nothing. */
async function spread(
  search: Search,
  path: readonly Step[],
  keep: (step: Step, demand: Demand) => void,
): Promise<void> {
  let demand: Demand | undefined = {};
  for (const [index, from] of path.entries()) {
    const to = path[index + 1];
    demand = to && (await demandOf(search, { from, to, sought: soughtOf(from, [demand]) }));
    if (to === undefined || demand === undefined) {
      return;
    }
    keep(to, demand);
  }
}

/** How many of each there may be, compared with the others. */
const abundance: Record<ElementType, number> = {
  MalopProcess: 1,
  Process: 2,
  QuarantineFile: 3,
  User: 4,
  Machine: 5,
  File: 6,
};

/** One with a list of GUIDs, else one of a type of which there are few. Files by filter alone may be any number. */
function mostSelective(steps: readonly Step[]): number | undefined {
  const rank = ({ type, asked }: Step): number => {
    if (asked.guids !== undefined) {
      return asked.guids.length;
    }
    return asked.filters.length === 0 || type === 'File' ? Number.POSITIVE_INFINITY : mostBetween * abundance[type];
  };
  const ranks = steps.map(rank);
  const least = Math.min(...ranks);
  return Number.isFinite(least) ? ranks.indexOf(least) : undefined;
}

/** Along a path to the result, its last step. @returns what the step before demands of it. */
async function walk(search: Search, chain: Chain, path: readonly Step[]): Promise<Demand> {
  let demand: Demand = {};
  for (const [index, from] of path.entries()) {
    const to = path[index + 1];
    if (to === undefined) {
      return demand;
    }
    const sought = soughtOf(from, [demand, ...demandsOn(chain, from)]);
    const next = await demandOf(search, { from, to, sought });
    if (next === undefined) {
      throw tooMany(from, to);
    }
    demand = next;
  }
  return demand;
}

function tooMany(from: Step, to: Step): Fault {
  return new Fault(
    'limit_exceeded',
    `The chain goes through too many ${from.type} elements to ${to.type}, more than ${mostBetween} or more than can be looked at: narrow it.`,
  );
}

function demandsOn({ narrowed }: Chain, step: Step | undefined): readonly Demand[] {
  return (step && narrowed.get(step)) ?? [];
}

interface Crossing {
  readonly from: Step;
  readonly to: Step;
  readonly sought: Sought;
}

/**
 * What the element that a crossing leads to must fulfil.
 * @returns undefined when too much goes through, or when not all of it could be looked at.
 */
async function demandOf(search: Search, { from, to, sought }: Crossing): Promise<Demand | undefined> {
  const link = linkBetween(from, to);
  if (link === undefined) {
    return {};
  }
  const { feature, isOwn } = link;
  const direct = isOwn ? await shortcutOf(from.type, feature)?.(search, sought) : undefined;
  const guids = direct ?? (await leadsOf(search, from.type, { sought, isOwn, feature }));
  if (guids === undefined || guids.size > mostBetween) {
    return undefined;
  }
  return isOwn ? { guids } : { linked: { feature, targets: guids } };
}

async function leadsOf(
  search: Search,
  type: ElementType,
  { sought, isOwn, feature }: { readonly sought: Sought; readonly isOwn: boolean; readonly feature: string },
): Promise<ReadonlySet<Guid> | undefined> {
  const guids = new Set<Guid>();
  const take = (element: Element) => {
    for (const guid of isOwn ? (element.references[feature] ?? []).map((each) => each.guid) : [element.guid]) {
      guids.add(guid);
    }
    return guids.size <= mostBetween;
  };
  const { terminated } = await finders[type](search, sought, { skip: 0, bare: true, counted: false, take });
  return terminated ? undefined : guids;
}

interface Between {
  readonly feature: string;
  /** The type that has the feature. */
  readonly owner: ElementType;
  /** Whether it is `from` that has it. */
  readonly isOwn: boolean;
}

/** The link between two neighbours, in whichever order they stand. */
function linkBetween(from: Step, to: Step): Between | undefined {
  const [first, second] = from.index < to.index ? [from, to] : [to, from];
  const { link } = first;
  if (link === undefined) {
    return undefined;
  }
  const owner = link.owner === 'first' ? first : second;
  return { feature: link.feature, owner: owner.type, isOwn: owner === from };
}

function soughtOf(step: Step | undefined, demands: readonly Demand[]): Sought {
  const lists = [
    step?.asked.guids === undefined ? undefined : new Set(step.asked.guids),
    ...demands.map(({ guids }) => guids),
  ].filter((list) => list !== undefined);
  const [first, ...others] = lists;
  return {
    filters: step?.asked.filters ?? [],
    guids:
      first === undefined ? undefined : new Set([...first].filter((guid) => others.every((list) => list.has(guid)))),
    linked: demands.flatMap(({ linked }) => linked ?? []),
  };
}
