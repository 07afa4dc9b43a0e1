import type { Guid } from '#core/file/guid.ts';
import type { ElementType } from './features.ts';

/** What an element has: each feature's values as text, for the vendor's simple values are text without exception. */
export type SimpleFeatures = Readonly<Record<string, string>>;

export interface ElementReference {
  readonly elementType: ElementType;
  readonly guid: Guid;
  readonly name: string;
}

/** An element with all that is known of it, before a client's choice of features. */
export interface Element extends ElementReference {
  readonly simple: SimpleFeatures;
  readonly references: Readonly<Record<string, ElementReference>>;
  /** What the vendor groups the results of this type by. */
  readonly groupedBy: string;
}

/** The features of an element that a filter sees; a reference is filtered by the name of what it leads to. */
export function featureValues(element: Element, feature: string): readonly string[] {
  const value = Object.hasOwn(element.simple, feature) ? element.simple[feature] : undefined;
  const reference = Object.hasOwn(element.references, feature) ? element.references[feature] : undefined;
  return [value, reference?.name].filter((text) => text !== undefined);
}

/**
 * The element as it is answered. What it does not have is left out: null or an empty list breaks clients. Dotted
 * features are long and many, so they come only when they are asked for; the name comes always.
 */
export function renderElement(element: Element, fields: ReadonlySet<string> | undefined): object {
  const wanted = (feature: string) => fields?.has(feature) ?? !feature.includes('.');
  const simple = Object.entries(element.simple).filter(
    ([feature]) => feature === 'elementDisplayName' || wanted(feature),
  );
  const references = Object.entries(element.references).filter(([feature]) => wanted(feature));
  return {
    simpleValues: Object.fromEntries(simple.map(([feature, value]) => [feature, { totalValues: 1, values: [value] }])),
    elementValues: Object.fromEntries(references.map(([feature, to]) => [feature, renderReference(to)])),
    suspicions: {},
    filterData: { sortInGroupValue: element.guid, groupByValue: element.groupedBy },
    isMalicious: false,
    suspicionCount: 0,
    guidString: element.guid,
    labelsIds: null,
    malopPriority: null,
    suspect: false,
    malicious: false,
  };
}

function renderReference({ elementType, guid, name }: ElementReference): object {
  const entry = {
    elementType,
    guid,
    name,
    hasSuspicions: false,
    hasMalops: false,
    elementValues: {},
    simpleValues: {},
  };
  return { totalValues: 1, elementValues: [entry], totalSuspicious: 0, totalMalicious: 0, guessedTotal: 0 };
}
