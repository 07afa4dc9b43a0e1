import type { Guid } from '#core/file/guid.ts';
import type { ElementType } from './element-types.ts';

/** What an element has: each feature's values as text, for the vendor's simple values are text without exception. */
export type SimpleFeatures = Readonly<Record<string, string | readonly string[]>>;

export interface Objects {
  readonly values: readonly object[];
  /** How many there are, where these are but the last. */
  readonly total: number;
}

export interface ElementReference {
  readonly elementType: ElementType;
  readonly guid: Guid;
  readonly name: string;
  /** Whether an incident that is not resolved names it; false where nobody looked. */
  readonly hasMalops?: boolean;
}

/** An element with all that is known of it, before a client's choice of features. */
export interface Element extends ElementReference {
  readonly simple: SimpleFeatures;
  /** Features that are simple values to the vendor and yet objects; no filter sees them. */
  readonly objects?: Readonly<Record<string, Objects>>;
  /** An empty list says that there is none; nearly everywhere such a feature is left out, as `nonEmpty` does. */
  readonly references: Readonly<Record<string, readonly ElementReference[]>>;
  /** What the vendor groups the results of this type by, and its trailing space. */
  readonly groupedBy: { readonly kind: string; readonly guid: Guid };
  /** Its hash is on the block list. */
  readonly isMalicious?: boolean;
}

export interface Rendering {
  /** Undefined for all that there are. */
  readonly fields: ReadonlySet<string> | undefined;
  /** Most references of one feature. */
  readonly perFeatureLimit: number;
  spell(guid: Guid): string;
}

/** The features of an element that a filter sees; a reference is filtered by the name of what it leads to. */
export function featureValues(element: Element, feature: string): readonly string[] {
  const value = Object.hasOwn(element.simple, feature) ? element.simple[feature] : undefined;
  const references = Object.hasOwn(element.references, feature) ? element.references[feature] : undefined;
  return [...valuesOf(value), ...(references ?? []).map(({ name }) => name)];
}

function valuesOf(value: SimpleFeatures[string] | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : (value ?? []);
}

export function referenceTo({ elementType, guid, name, hasMalops = false }: ElementReference): ElementReference {
  return { elementType, guid, name, hasMalops };
}

/** The features of an element that another one leads to. */
export function dotted(prefix: string, features: SimpleFeatures): SimpleFeatures {
  return Object.fromEntries(Object.entries(features).map(([feature, value]) => [`${prefix}.${feature}`, value]));
}

/** The lists of references that are not empty. */
export function nonEmpty(
  references: Readonly<Record<string, readonly ElementReference[]>>,
): Readonly<Record<string, readonly ElementReference[]>> {
  return Object.fromEntries(Object.entries(references).filter(([, list]) => list.length > 0));
}

/**
 * The element as it is answered. What it does not have is left out: null or an empty list breaks clients. Dotted
 * features are long and many, so they come only when they are asked for; the name comes always.
 */
export function renderElement(element: Element, rendering: Rendering): object {
  const { fields, spell } = rendering;
  const wanted = (feature: string) => fields?.has(feature) ?? !feature.includes('.');
  const simple = Object.entries(element.simple).filter(
    ([feature]) => feature === 'elementDisplayName' || wanted(feature),
  );
  const references = Object.entries(element.references).filter(([feature]) => wanted(feature));
  const objects = Object.entries(element.objects ?? {}).filter(([feature]) => wanted(feature));
  const { isMalicious = false, groupedBy } = element;
  const guid = spell(element.guid);
  return {
    simpleValues: Object.fromEntries([
      ...simple.map(([feature, value]) => [feature, { totalValues: valuesOf(value).length, values: valuesOf(value) }]),
      ...objects.map(([feature, { values, total }]) => [feature, { totalValues: total, values }]),
    ]),
    elementValues: Object.fromEntries(references.map(([feature, to]) => [feature, renderReferences(to, rendering)])),
    suspicions: {},
    filterData: { sortInGroupValue: guid, groupByValue: `${groupedBy.kind}:${spell(groupedBy.guid)} ` },
    isMalicious,
    suspicionCount: 0,
    guidString: guid,
    labelsIds: null,
    malopPriority: null,
    suspect: false,
    malicious: isMalicious,
  };
}

function renderReferences(references: readonly ElementReference[], { perFeatureLimit, spell }: Rendering): object {
  return {
    totalValues: references.length,
    elementValues: references.slice(0, perFeatureLimit).map(({ elementType, guid, name, hasMalops = false }) => ({
      elementType,
      guid: spell(guid),
      name,
      hasSuspicions: false,
      hasMalops,
      elementValues: {},
      simpleValues: {},
    })),
    totalSuspicious: 0,
    totalMalicious: references.filter(({ hasMalops }) => hasMalops === true).length,
    guessedTotal: 0,
  };
}
