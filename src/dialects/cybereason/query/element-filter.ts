import { Fault } from '#core/fault.ts';
import { type Element, featureValues } from './element.ts';
import type { ElementType } from './element-types.ts';
import { defaultOperator, isFeature } from './features.ts';
import { passes } from './operators.ts';
import type { QueryElement, QueryFilter } from './query-request.ts';
import { isLinked, type SearchEnd, type Sought } from './search.ts';

/**
 * @throws Fault `invalid_request` for a feature that the type does not have: an answer without elements would look
 * like a search that found nothing.
 */
export function demandFeatures(type: ElementType, element: QueryElement): void {
  const foreign = element.filters.find(({ facetName }) => !isFeature(type, facetName));
  if (foreign !== undefined) {
    throw new Fault('invalid_request', `${foreign.facetName} is not a feature of ${type} elements.`, {
      details: { field: 'facetName' },
    });
  }
}

export function operatorOf(filter: QueryFilter): NonNullable<QueryFilter['operator']> {
  return filter.operator ?? defaultOperator(filter.facetName);
}

export function passesAll(element: Element, filters: readonly QueryFilter[]): boolean {
  return filters.every((filter) => passes(operatorOf(filter), featureValues(element, filter.facetName), filter.values));
}

/** Whether every "contains" of the filters is met in full: such elements come first, for clients take the first. */
function passesExactly(element: Element, filters: readonly QueryFilter[]): boolean {
  return filters
    .filter((filter) => operatorOf(filter) === 'ContainsIgnoreCase')
    .every((filter) => passes('EqualsIgnoreCase', featureValues(element, filter.facetName), filter.values));
}

/** Hands over, exact matches first, those of a bounded number of elements that are sought. */
export function takeFitting(
  elements: readonly Element[],
  { filters, guids, linked }: Sought,
  take: (element: Element) => boolean,
): SearchEnd {
  const fitting = elements.filter(
    (element) => (guids?.has(element.guid) ?? true) && passesAll(element, filters) && isLinked(element, linked),
  );
  const exact = new Set(fitting.filter((element) => passesExactly(element, filters)));
  const ordered = [...exact, ...fitting.filter((element) => !exact.has(element))];
  ordered.every(take);
  return { total: fitting.length, terminated: false };
}
