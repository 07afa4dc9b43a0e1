import { Fault } from '#core/fault.ts';
import { type ElementType, elementTypes, inverseOf, isElementType, isKnownType, links } from './element-types.ts';
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
 * @throws Fault `invalid_request` for what is no element type, and for neighbours that no feature connects.
 */
export function readChain(path: Query['path']): Chain {
  const marked = path.findLastIndex((element) => element.isResult);
  const result = marked === -1 ? path.length - 1 : marked;
  const types = path.map(({ requestedType }) => requestedType);
  const resultType = types[result] ?? path[0].requestedType;
  demandTypes(types);
  if (!types.every(isElementType) || !isElementType(resultType)) {
    return { steps: undefined, resultType };
  }
  const steps = path.map(
    (asked, index): Step => ({
      index,
      type: typeAt(types, index),
      asked,
      link: index + 1 < path.length ? linkAfter(path, types, index) : undefined,
    }),
  );
  return { steps, result, resultType };
}

/** An answer without elements would look like a search that found nothing. */
function demandTypes(types: readonly string[]): void {
  const unknown = types.find((type) => !isKnownType(type));
  if (unknown !== undefined) {
    throw new Fault(
      'invalid_request',
      `"${unknown.slice(0, 60)}" is no element type. Custody has ${elementTypes.join(', ')}; capital and small letters count.`,
      { details: { field: 'requestedType' } },
    );
  }
}

function typeAt(types: readonly ElementType[], index: number): ElementType {
  return types[index] ?? 'File';
}

/**
 * How an element is connected with the next one. Clients put the connecting feature beside either of the two, and say `isReversed` or
 * not: the feature and the two types tell by themselves which way it leads. Without one there is mostly but one way.
 */
function linkAfter(path: Query['path'], types: readonly ElementType[], index: number): Link {
  const ways = waysAfter(types, index);
  const own = path[index]?.connectedBy;
  const others = path[index + 1]?.connectedBy;
  const [link] =
    [own, others]
      .map((feature) => ways.filter((way) => way.feature === feature))
      .find((named, place) => named.length > 0 && (place === 0 || !leadsOn(types, index + 1, others))) ??
    (isAnothers(types, index - 1, own) && isAnothers(types, index + 1, others) ? ways : []);
  const [first, second] = [typeAt(types, index), typeAt(types, index + 1)];
  if (link === undefined) {
    throw unconnected(first, second, ways);
  }
  const inverse = inverseOf(link.owner === 'first' ? first : second, link.feature);
  return inverse === undefined ? link : { feature: inverse, owner: link.owner === 'first' ? 'second' : 'first' };
}

/** A feature that may connect an element with either neighbour is about the next one. */
function leadsOn(types: readonly ElementType[], index: number, feature: string | undefined): boolean {
  return waysAfter(types, index).some((way) => way.feature === feature);
}

/** Whether a feature says nothing of the link in question: there is none, or it is about the neighbour on the other side. */
function isAnothers(types: readonly ElementType[], index: number, feature: string | undefined): boolean {
  return feature === undefined || leadsOn(types, index, feature);
}

function waysAfter(types: readonly ElementType[], index: number): readonly Link[] {
  return index < 0 || index + 1 >= types.length ? [] : waysBetween(typeAt(types, index), typeAt(types, index + 1));
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
