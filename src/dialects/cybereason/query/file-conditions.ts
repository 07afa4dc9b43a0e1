import type { FileCondition, FileField, FileFilter, FileOperator } from '#core/ports/store/files.ts';
import { operatorOf } from './element-filter.ts';
import { disregardsCase } from './features.ts';
import type { Operator } from './operators.ts';
import type { QueryFilter } from './query-request.ts';

const fields: Readonly<Record<string, FileField>> = {
  elementDisplayName: 'name',
  correctedPath: 'displayPath',
  canonizedPath: 'displayPath',
  path: 'displayPath',
  sha1String: 'sha1',
  md5String: 'md5',
  sha256String: 'sha256',
  ownerMachine: 'endpointName',
  'ownerMachine.elementDisplayName': 'endpointName',
};

const storeOperators: Partial<Record<Operator, FileOperator>> = {
  Equals: 'equals',
  EqualsIgnoreCase: 'equals_ignore_case',
  Includes: 'equals_ignore_case',
  ContainsIgnoreCase: 'contains_ignore_case',
  MatchesWildcard: 'matches_wildcard',
};

export interface SplitFilters {
  /** What the store decides. */
  readonly conditions: readonly FileCondition[];
  /** What is left to look at file by file. */
  readonly residual: readonly QueryFilter[];
}

/** Divides the filters of a File element into what the store can search for and the rest. */
export function splitFilters(filters: readonly QueryFilter[]): SplitFilters {
  const translated = filters.map((filter) => ({ filter, condition: conditionOf(filter) }));
  return {
    conditions: translated.map(({ condition }) => condition).filter((one) => one !== undefined),
    residual: translated.filter(({ condition }) => condition === undefined).map(({ filter }) => filter),
  };
}

/** A part of what conditions find. */
export type Phase = Pick<FileFilter, 'conditions' | 'except'>;

/**
 * What conditions find, in parts of which no two have a file in common and whose files come one after the other: first those of which
 * every "contains" is "is", then those of which that of the name alone is, then the others.
 */
export function phasesOf(conditions: readonly FileCondition[]): readonly Phase[] {
  const all = [...stricter(conditions), conditions];
  return all.map((each, index) => ({ conditions: each, except: all[index - 1] ?? [] }));
}

function stricter(conditions: readonly FileCondition[]): readonly (readonly FileCondition[])[] {
  const loose = conditions.filter(isLoose);
  const looseNames = loose.filter(({ field }) => field === 'name');
  const tightened = (chosen: readonly FileCondition[]) =>
    conditions.map((condition) => (chosen.includes(condition) ? tighten(condition) : condition));
  return [loose, looseNames]
    .filter((chosen, index) => chosen.length > 0 && (index === 0 || chosen.length < loose.length))
    .map(tightened);
}

function isLoose({ operator }: FileCondition): boolean {
  return operator === 'contains_ignore_case';
}

function tighten(condition: FileCondition): FileCondition {
  return { ...condition, operator: 'equals_ignore_case' };
}

function conditionOf(filter: QueryFilter): FileCondition | undefined {
  const field = Object.hasOwn(fields, filter.facetName) ? fields[filter.facetName] : undefined;
  const operator = storeOperators[operatorOf(filter)];
  if (field === undefined || operator === undefined) {
    return undefined;
  }
  if (isWholeHashes(field, filter.values)) {
    return { field, operator: 'equals', values: filter.values.map((value) => value.toLowerCase()) };
  }
  const anyCase = operator === 'equals' && disregardsCase('File', filter.facetName);
  return { field, operator: anyCase ? 'equals_ignore_case' : operator, values: filter.values };
}

const hashLengths: Partial<Record<FileField, number>> = { md5: 32, sha1: 40, sha256: 64 };

/** A whole hash is part of no other one: whatever the operator, it is looked up, and any number of them. */
function isWholeHashes(field: FileField, values: readonly string[]): boolean {
  const length = hashLengths[field];
  return length !== undefined && values.every((value) => value.length >= length && /^[0-9a-f]+$/i.test(value));
}
