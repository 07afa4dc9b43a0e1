import { Fault } from '#core/fault.ts';
import { type Element, featureValues } from './element.ts';
import type { ElementType } from './element-types.ts';
import { disregardsCase, featuresOf, isFeature, isNumberFeature } from './features.ts';
import { isNumber, notANumber, type Operator, passes, wrongValues } from './operators.ts';
import type { QueryElement, QueryFilter } from './query-request.ts';
import { isLinked, type SearchEnd, type Sought, type Taker } from './search.ts';

/**
 * @throws Fault `invalid_request` for a feature that the type does not have: an answer without elements would look
 * like a search that found nothing. The same for values that it cannot have.
 */
export function demandFeatures(type: ElementType, element: QueryElement): void {
  const foreign = element.filters.find(({ facetName }) => !isFeature(type, facetName));
  if (foreign !== undefined) {
    const own = Array.from(featuresOf(type)).filter((feature) => !feature.includes('.'));
    throw new Fault(
      'invalid_request',
      `${foreign.facetName} is not a feature of ${type} elements. They have ${own.join(', ')}.`,
      { details: { field: 'facetName' } },
    );
  }
  for (const filter of element.filters) {
    demandValues(filter);
  }
}

const exact: readonly Operator[] = ['Equals', 'NotEquals', 'EqualsIgnoreCase', 'Includes', 'NotIncludes'];

/** @throws Fault `invalid_request` for values that no element can have. */
function demandValues(filter: QueryFilter): void {
  const { facetName, values } = filter;
  const operator = operatorOf(filter);
  const text =
    isNumberFeature(facetName) && exact.includes(operator) ? values.find((each) => !isNumber(each)) : undefined;
  const wrong = wrongValues(operator, values) ?? (text === undefined ? undefined : notANumber(text, facetName));
  if (wrong !== undefined) {
    throw new Fault('invalid_request', `The filter of ${facetName} ${wrong}.`, { details: { field: 'values' } });
  }
}

/** A filter type that was left out means `Equals`, as to the clients that leave it out. */
export function operatorOf({ operator = 'Equals' }: QueryFilter): NonNullable<QueryFilter['operator']> {
  return operator;
}

export function passesAll(element: Element, filters: readonly QueryFilter[]): boolean {
  return filters.every((filter) => passesFilter(element, filter));
}

function passesFilter(element: Element, filter: QueryFilter): boolean {
  const { facetName, values, orAbsent = false } = filter;
  const actual = featureValues(element, facetName);
  if (orAbsent && actual.length === 0) {
    return true;
  }
  const fold = disregardsCase(element.elementType, facetName) ? lowered : asItIs;
  return passes(operatorOf(filter), fold(actual), fold(values));
}

const lowered = (values: readonly string[]) => values.map((value) => value.toLowerCase());
const asItIs = (values: readonly string[]) => values;

/** A filter that takes more than one spelling is met exactly in the one that was asked for. */
const exactOperators: Partial<Record<Operator, Operator>> = {
  ContainsIgnoreCase: 'EqualsIgnoreCase',
  Equals: 'Equals',
};

/**
 * A bounded number of elements to choose from. What of them is read late is read batch by batch: for those that are handed over alone,
 * unless a filter is about it.
 */
export interface Candidates {
  readonly elements: readonly Element[];
  isLate(feature: string): boolean;
  complete(batch: readonly Element[]): Promise<readonly Element[]>;
}

/** Elements that are whole. */
export function whole(elements: readonly Element[]): Candidates {
  return { elements, isLate: () => false, complete: async (batch) => batch };
}

const batchSize = 500;

/** Hands over, exact matches first, those elements that are sought. */
export async function takeFitting(
  { elements, isLate, complete }: Candidates,
  { filters, guids, linked }: Sought,
  { skip, bare, take }: Taker,
): Promise<SearchEnd> {
  const late = filters.filter(({ facetName }) => isLate(facetName));
  const early = filters.filter(({ facetName }) => !isLate(facetName));
  const likely = elements.filter(
    (element) => (guids?.has(element.guid) ?? true) && passesAll(element, early) && isLinked(element, linked),
  );
  const judged: Element[] = [];
  for (const batch of late.length === 0 ? [] : batches(likely)) {
    judged.push(...(await complete(batch)).filter((element) => passesAll(element, late)));
  }
  const fitting = exactFirst(late.length === 0 ? likely : judged, filters);
  for (const batch of batches(fitting.slice(skip))) {
    const shown = bare || late.length > 0 ? batch : await complete(batch);
    if (!shown.every(take)) {
      break;
    }
  }
  return { total: fitting.length, terminated: false };
}

function batches(elements: readonly Element[]): readonly (readonly Element[])[] {
  return Array.from({ length: Math.ceil(elements.length / batchSize) }, (_, index) =>
    elements.slice(index * batchSize, (index + 1) * batchSize),
  );
}

/** Those that meet every filter exactly come first, for clients take the first. */
function exactFirst(elements: readonly Element[], filters: readonly QueryFilter[]): readonly Element[] {
  const exact = new Set(elements.filter((element) => filters.every((filter) => passesExactly(element, filter))));
  return [...exact, ...elements.filter((element) => !exact.has(element))];
}

function passesExactly(element: Element, filter: QueryFilter): boolean {
  const operator = exactOperators[operatorOf(filter)];
  return operator === undefined || passes(operator, featureValues(element, filter.facetName), filter.values);
}
