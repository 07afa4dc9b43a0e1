import { Fault } from '#core/fault.ts';
import { type ElementType, inverseOf, isElementType, links } from './element-types.ts';
import type { Query, QueryElement } from './query-request.ts';

/** One element of a path. */
export interface Step {
  /** Its place in the path. */
  readonly index: number;
  readonly type: ElementType;
  readonly asked: QueryElement;
  /** How it is connected with the next one; undefined for the last. */
  readonly link: Link | undefined;
}

/** A feature of one of two neighbours that leads to the other. */
export interface Link {
  readonly feature: string;
  /** Whether the feature is the first one's, or the second one's. */
  readonly owner: 'first' | 'second';
}

/** What a query path comes down to. */
export type Chain =
  | { readonly steps: readonly Step[]; readonly result: number; readonly resultType: ElementType }
  /** A path through a type that has no elements here. */
  | { readonly steps: undefined; readonly resultType: string };

/**
 * Reads the path. The result is the right-most element that is marked so, or the right-most of all.
 * @throws Fault `invalid_request` for neighbours that no feature connects.
 */
export function readChain(path: Query['path']): Chain {
  const marked = path.findLastIndex((element) => element.isResult);
  const result = marked === -1 ? path.length - 1 : marked;
  const types = path.map(({ requestedType }) => requestedType);
  const resultType = types[result] ?? path[0].requestedType;
  if (!types.every(isElementType) || !isElementType(resultType)) {
    return { steps: undefined, resultType };
  }
  const steps = path.map((asked, index): Step => {
    const next = path[index + 1];
    const type = typeAt(types, index);
    const link =
      next === undefined ? undefined : linkOf({ type, asked }, { type: typeAt(types, index + 1), asked: next });
    return { index, type, asked, link };
  });
  return { steps, result, resultType };
}

function typeAt(types: readonly ElementType[], index: number): ElementType {
  return types[index] ?? 'File';
}

type Neighbour = Pick<Step, 'type' | 'asked'>;

/**
 * Clients put the connecting feature beside either element, and say `isReversed` or not: the feature and the two types tell by
 * themselves which way it leads. Without one there is mostly but one way.
 */
function linkOf(first: Neighbour, second: Neighbour): Link {
  const ways = waysBetween(first.type, second.type);
  const named = [first.asked.connectedBy, second.asked.connectedBy].filter((feature) => feature !== undefined);
  const [link] = named.length === 0 ? ways : ways.filter(({ feature }) => named.includes(feature));
  if (link === undefined) {
    throw unconnected(first.type, second.type, ways);
  }
  const inverse = inverseOf(link.owner === 'first' ? first.type : second.type, link.feature);
  return inverse === undefined ? link : { feature: inverse, owner: link.owner === 'first' ? 'second' : 'first' };
}

function waysBetween(first: ElementType, second: ElementType): readonly Link[] {
  const leading = (from: ElementType, to: ElementType, owner: Link['owner']) =>
    Object.entries(links[from])
      .filter(([, type]) => type === to)
      .map(([feature]): Link => ({ feature, owner }));
  return [...leading(first, second, 'first'), ...leading(second, first, 'second')];
}

function unconnected(first: ElementType, second: ElementType, ways: readonly Link[]): Fault {
  const known = [...new Set(ways.map(({ feature }) => feature))];
  const hint = known.length === 0 ? 'no feature connects them' : `what connects them is ${known.join(' or ')}`;
  return new Fault('invalid_request', `${first} and ${second} elements are not connected so: ${hint}.`, {
    details: { field: 'queryPath' },
  });
}
