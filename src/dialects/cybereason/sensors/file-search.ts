import type { FileOutcome } from '#core/action/action.ts';
import { longestRegex, mostFound, type SearchPattern } from '#core/action/verb.ts';
import { fileName } from '#core/file/file-path.ts';
import { md5Schema, sha1Schema, sha256Schema } from '#core/file/hash.ts';
import { type Operator, passes } from '../query/operators.ts';
import { readFilter, type SensorFilter, wholeNumber, wrong } from './sensor-request.ts';

const fields = ['name', 'folder', 'path', 'size', 'modified', 'sha256', 'sha1', 'md5', 'machine'] as const;

type Field = (typeof fields)[number];

/** The vendor's page names the fields in words; clients write them in one word. */
const spellings: Readonly<Record<string, Field | 'created'>> = {
  filename: 'name',
  name: 'name',
  folder: 'folder',
  filefolder: 'folder',
  directory: 'folder',
  path: 'path',
  filepath: 'path',
  correctedpath: 'path',
  size: 'size',
  filesize: 'size',
  modifiedtime: 'modified',
  modificationtime: 'modified',
  lastmodified: 'modified',
  createdtime: 'created',
  creationtime: 'created',
  sha256: 'sha256',
  sha256string: 'sha256',
  sha1: 'sha1',
  sha1string: 'sha1',
  md5: 'md5',
  md5string: 'md5',
  machinename: 'machine',
  machine: 'machine',
};

export interface FileFilter extends SensorFilter {
  readonly field: Field;
}

/** What is looked for, and how many hits each sensor may tell of. */
export interface FileSearchRequest {
  readonly filters: readonly FileFilter[];
  readonly maxResults: number;
}

const defaultResults = 1_000;

/** @throws Fault `invalid_request` that names the field. */
export function readFileSearch(body: Readonly<Record<string, unknown>>): FileSearchRequest {
  const { fileFilters, yaraName } = body;
  if (typeof yaraName === 'string' && yaraName !== '') {
    throw wrong(
      'yaraName',
      'asks for a YARA search, which no agent can do: search by name, folder, size, time or hash',
    );
  }
  if (!Array.isArray(fileFilters) || fileFilters.length === 0 || fileFilters.length > 50) {
    throw wrong('fileFilters', 'must be a list of 1 to 50 filters');
  }
  const filters = fileFilters.map((filter, index) => {
    const place = `fileFilters[${index}]`;
    const read = readFilter(filter, place, isFileField);
    return { ...read, field: fieldOf(read.fieldName, place) };
  });
  return {
    filters,
    maxResults: wholeNumber(body['maxResults'], { fallback: defaultResults, least: 1, most: mostFound }),
  };
}

function isFileField(name: string): boolean {
  return Object.hasOwn(spellings, squeezed(name));
}

function fieldOf(name: string, place: string): Field {
  const field = spellings[squeezed(name)];
  if (field === undefined || field === 'created') {
    throw wrong(
      `${place}.fieldName`,
      'asks for the creation time, which agents do not tell of hits: use the modification time',
    );
  }
  return field;
}

function squeezed(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '');
}

/** How the agents are asked. What they cannot decide is looked at when their hits are listed. */
export interface AgentSearch {
  readonly pattern: SearchPattern;
  readonly limit: number;
}

/** By the hash where there is just one, and else by what the filters say of the path. */
export function agentSearchOf({ filters, maxResults }: FileSearchRequest): AgentSearch {
  const byHash = filters.map(hashPattern).find((pattern) => pattern !== undefined);
  const looked = filters.filter(({ field }) => field !== 'machine').map((filter) => ({ filter, part: partOf(filter) }));
  const decided = looked.every(({ filter, part }) => part !== undefined || hashPattern(filter) !== undefined);
  const limit = decided ? maxResults : mostFound;
  if (byHash !== undefined) {
    return { pattern: byHash, limit: looked.length === 1 ? limit : mostFound };
  }
  let regex = '^';
  for (const { part } of looked) {
    if (part !== undefined && regex.length + part.length <= longestRegex) {
      regex += part;
    }
  }
  return { pattern: { by: 'regex', regex }, limit };
}

function hashPattern({ field, operator, values }: FileFilter): SearchPattern | undefined {
  const [value = ''] = values;
  if (values.length !== 1 || !isEqual(operator)) {
    return undefined;
  }
  switch (field) {
    case 'sha256':
      return { by: 'sha256', sha256: sha256Schema.parse(demandHash(value, 64)) };
    case 'sha1':
      return { by: 'sha1', sha1: sha1Schema.parse(demandHash(value, 40)) };
    case 'md5':
      return { by: 'md5', md5: md5Schema.parse(demandHash(value, 32)) };
    default:
      return undefined;
  }
}

function demandHash(text: string, length: number): string {
  const hash = text.trim().toLowerCase();
  if (hash.length !== length || !/^[0-9a-f]+$/.test(hash)) {
    throw wrong('fileFilters', `has "${text.slice(0, 80)}" where a hash of ${length} hex digits is expected`);
  }
  return hash;
}

function isEqual(operator: Operator): boolean {
  return operator === 'Equals' || operator === 'EqualsIgnoreCase' || operator === 'Includes';
}

/** A condition on the path that a regular expression can hold; undefined where the hits have to be looked at. */
function partOf({ field, operator, values }: FileFilter): string | undefined {
  const core = values.map((value) => textPattern(value, operator)).filter((text) => text !== undefined);
  if (core.length !== values.length || core.length === 0) {
    return undefined;
  }
  const any = `(?:${core.join('|')})`;
  const loose = operator === 'ContainsIgnoreCase';
  switch (field) {
    case 'name':
      return loose ? `(?=.*${any}[^/\\\\]*$)` : `(?=.*[/\\\\]${any}$)`;
    case 'folder':
      return loose ? `(?=.*${any}.*[/\\\\][^/\\\\]*$)` : `(?=${any}[/\\\\]?[^/\\\\]*$)`;
    case 'path':
      return loose ? `(?=.*${any})` : `(?=${any}$)`;
    default:
      return undefined;
  }
}

function textPattern(value: string, operator: Operator): string | undefined {
  switch (operator) {
    case 'Equals':
      return escaped(value);
    case 'EqualsIgnoreCase':
    case 'Includes':
    case 'ContainsIgnoreCase':
      return Array.from(value, anyCase).join('');
    case 'MatchesWildcard':
      return Array.from(value, (character) => wildcards[character] ?? anyCase(character)).join('');
    default:
      return undefined;
  }
}

const wildcards: Readonly<Record<string, string>> = { '*': '.*', '?': '.' };

/** The agents' expressions mind case. */
function anyCase(character: string): string {
  const [lower, upper] = [character.toLowerCase(), character.toUpperCase()];
  const single = Array.from(lower).length === 1 && Array.from(upper).length === 1;
  return lower === upper || !single ? escaped(character) : `[${lower}${upper}]`;
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`);
}

/** Whether a hit is one of those that are looked for, whatever the agents were asked. */
export function isHit(outcome: FileOutcome, filters: readonly FileFilter[]): boolean {
  return outcome.path !== null && filters.every((filter) => fits(outcome, filter));
}

function fits(outcome: FileOutcome, { field, operator, values }: FileFilter): boolean {
  // Agents were asked for just these hashes, and tell of the SHA-256 only; which machines, was decided before.
  if (field === 'machine' || field === 'md5' || field === 'sha1') {
    return true;
  }
  const sought = field === 'sha256' ? values.map((value) => value.toLowerCase()) : values;
  return passes(operator, [factOf(outcome, field)], sought);
}

function factOf(outcome: FileOutcome, field: Exclude<Field, 'machine' | 'md5' | 'sha1'>): string {
  const { displayPath, path, size, sha256, details } = outcome;
  switch (field) {
    case 'name':
      return path === null ? '' : fileName(path);
    case 'folder':
      return displayPath.slice(0, Math.max(displayPath.lastIndexOf('/'), displayPath.lastIndexOf('\\'), 0)) || '/';
    case 'path':
      return displayPath;
    case 'size':
      return String(size ?? '');
    case 'modified':
      return details.modifiedNs === undefined ? '' : String(BigInt(details.modifiedNs) / 1_000_000n);
    case 'sha256':
      return sha256 ?? '';
  }
}
