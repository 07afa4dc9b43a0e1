import { Fault } from '#core/fault.ts';
import { type Element, featureValues } from './element.ts';
import { defaultOperator, type ElementType, isFeature } from './features.ts';
import { passes } from './operators.ts';
import type { QueryElement, QueryFilter } from './query-request.ts';

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
export function passesExactly(element: Element, filters: readonly QueryFilter[]): boolean {
  return filters
    .filter((filter) => operatorOf(filter) === 'ContainsIgnoreCase')
    .every((filter) => passes('EqualsIgnoreCase', featureValues(element, filter.facetName), filter.values));
}
