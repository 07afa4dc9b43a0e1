import type { Guid } from '#core/file/guid.ts';
import { type Element, renderElement } from './element.ts';
import { groupingFeatures, isElementType } from './element-types.ts';
import { nextToken } from './paging.ts';
import type { Query } from './query-request.ts';

export interface Found {
  readonly resultType: string;
  readonly elements: readonly Element[];
  readonly total: number;
  readonly terminated: boolean;
}

/** Newer versions of the vendor's server answer so, with empty lists where they measured nothing. */
const nothingMeasured = {
  timeToGetGuids: [],
  timeToGetData: [],
  timeToGetAdditionalData: [],
  totalQuapiQueryTime: [],
  startTime: [],
  endTime: [],
};

/**
 * The `data` of a query's answer, with every key that a client indexes. `totalPossibleResults` is what there is; `totalResults` is
 * how many of those are within the client's own limit where it asked for pages, and counts by it how many there are, and else what this
 * answer holds.
 */
export function renderResults(query: Query, found: Found, spell: (guid: Guid) => string): object {
  const { limits, customFields: fields, paging } = query;
  const { resultType, elements, total, terminated } = found;
  const rendering = { fields, perFeatureLimit: limits.perFeatureLimit, spell };
  return {
    resultIdToElementDataMap: Object.fromEntries(
      elements.map((element) => [spell(element.guid), renderElement(element, rendering)]),
    ),
    suspicionsMap: {},
    evidenceMap: {},
    totalPossibleResults: total,
    guessedPossibleResults: 0,
    queryLimits: {
      ...limits,
      groupingFeature: {
        elementInstanceType: resultType,
        featureName: isElementType(resultType) ? groupingFeatures[resultType] : 'self',
      },
      sortInGroupFeature: null,
    },
    queryTerminated: terminated,
    pathResultCounts: [
      { featureDescriptor: { elementInstanceType: resultType, featureName: null }, count: elements.length },
    ],
    guids: [],
    paginationToken: nextToken(query, { shown: elements.length, total, terminated }),
    executionUUID: null,
    quapiMeasurementData: nothingMeasured,
    totalResults: paging === undefined ? elements.length : Math.min(total, limits.totalResultLimit),
  };
}
