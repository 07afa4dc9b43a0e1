import { type Element, renderElement } from './element.ts';
import type { Query } from './query-request.ts';

export interface Found {
  readonly elements: readonly Element[];
  readonly total: number;
  readonly terminated: boolean;
}

/**
 * The `data` of a query's answer, with every key that a client indexes.
 * `totalResults` is what this answer holds, for there are no further pages; `totalPossibleResults` is what there is.
 */
export function renderResults({ limits, customFields }: Query, requestedType: string, found: Found): object {
  const { elements, total, terminated } = found;
  return {
    resultIdToElementDataMap: Object.fromEntries(
      elements.map((element) => [element.guid, renderElement(element, customFields)]),
    ),
    suspicionsMap: {},
    evidenceMap: {},
    totalPossibleResults: total,
    guessedPossibleResults: 0,
    queryLimits: {
      ...limits,
      groupingFeature: {
        elementInstanceType: requestedType,
        featureName: requestedType === 'File' ? 'fileHash' : 'self',
      },
      sortInGroupFeature: null,
    },
    queryTerminated: terminated,
    pathResultCounts: [
      { featureDescriptor: { elementInstanceType: requestedType, featureName: null }, count: elements.length },
    ],
    guids: [],
    paginationToken: null,
    executionUUID: null,
    totalResults: elements.length,
  };
}
