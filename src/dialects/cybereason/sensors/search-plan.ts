import { longestRegex, mostFound, type SearchPattern } from '#core/action/verb.ts';
import { type FilePath, readPath } from '#core/file/file-path.ts';
import { md5Schema, sha1Schema, sha256Schema } from '#core/file/hash.ts';
import { type FileCondition, foldersOf } from './file-conditions.ts';
import { wrong } from './sensor-filter.ts';

/** What agents are asked for: at least every file that meets all conditions. The server leaves out the others. */
export interface SearchPlan {
  readonly pattern: SearchPattern;
  readonly under: FilePath | null;
  readonly limit: number;
}

/** Files of one sensor; a sensor that has more says so. The vendor's 20 would cut what users look for in silence. */
export const filesPerSensor = 1_000;

/** @throws Fault `invalid_request` for what no agent can be asked for. */
export function planSearch(conditions: readonly FileCondition[]): SearchPlan {
  const hash = hashPattern(conditions);
  const text = conditions.flatMap(regexOf);
  const pattern: SearchPattern = hash?.pattern ?? { by: 'regex', regex: joined(text) };
  const starts = conditions.filter(isStart);
  const isHeld = (condition: FileCondition) =>
    condition === hash?.condition ||
    (hash === undefined && regexOf(condition).length > 0) ||
    (isStart(condition) && starts.length === 1 && condition.values.length === 1);
  return {
    pattern,
    under: startOf(starts),
    limit: conditions.every(isHeld) ? filesPerSensor : mostFound,
  };
}

interface HashCondition {
  readonly condition: FileCondition;
  readonly pattern: SearchPattern;
}

/** One hash that must be so is what agents look for; of several SHA-256 values the server picks. */
function hashPattern(conditions: readonly FileCondition[]): HashCondition | undefined {
  const hashes = conditions.filter(({ field }) => field === 'md5' || field === 'sha1' || field === 'sha256');
  const older = hashes.filter(({ field }) => field !== 'sha256');
  if (older.length > 1 || older.some((condition) => !isOneHash(condition))) {
    throw wrong('fileFilters', 'Files are searched by one MD5 or one SHA-1 value at a time, with Equals.');
  }
  const condition = older[0] ?? hashes.find(isOneHash);
  if (condition === undefined) {
    return undefined;
  }
  return { condition, pattern: patternOf(condition) };
}

function isOneHash({ operator, values }: FileCondition): boolean {
  const isEqual = operator === 'Equals' || operator === 'EqualsIgnoreCase' || operator === 'Includes';
  return isEqual && values.length === 1;
}

function patternOf({ field, values }: FileCondition): SearchPattern {
  const value = (values[0] ?? '').toLowerCase();
  const [md5, sha1, sha256] = [md5Schema, sha1Schema, sha256Schema].map((schema) => schema.safeParse(value));
  if (field === 'md5' && md5?.success === true) {
    return { by: 'md5', md5: md5Schema.parse(value) };
  }
  if (field === 'sha1' && sha1?.success === true) {
    return { by: 'sha1', sha1: sha1Schema.parse(value) };
  }
  if (field === 'sha256' && sha256?.success === true) {
    return { by: 'sha256', sha256: sha256Schema.parse(value) };
  }
  throw wrong('fileFilters', `${JSON.stringify(value.slice(0, 100))} is no ${field} value.`);
}

function isStart({ field, operator }: FileCondition): boolean {
  return field === 'folder' && operator === 'Equals';
}

/** Where the folders of one condition have their common beginning; of several conditions, the first one's. */
function startOf(conditions: readonly FileCondition[]): FilePath | null {
  const [first] = conditions;
  if (first === undefined) {
    return null;
  }
  for (const folder of first.values) {
    if (!/^(?:\/|[A-Za-z]:[\\/]?|\\\\)/.test(folder)) {
      throw wrong('fileFilters', `A folder must be a whole path: ${JSON.stringify(folder.slice(0, 100))} is none.`);
    }
  }
  const above = first.values.map((folder) => foldersOf(`${folder.replace(/[\\/]$/, '')}/x`.replace(/^\/+/, '/')));
  const common = (above[0] ?? []).find((folder) => above.every((each) => each.includes(folder)));
  const start = first.values.length === 1 ? first.values[0] : common;
  const path = start === undefined ? undefined : readPath(/^[A-Za-z]:$/.test(start) ? `${start}\\` : start);
  if (path === undefined) {
    throw wrong('fileFilters', 'These folders have no common beginning: search one drive at a time.');
  }
  return path;
}

/** What a path must look like for a condition to hold; nothing for those that only the server judges. */
function regexOf({ field, operator, values }: FileCondition): readonly string[] {
  const texts = values.map((value) => [...value].map(eitherCase).join(''));
  const any = `(?:${texts.join('|')})`;
  const isEqual = operator === 'Equals' || operator === 'EqualsIgnoreCase' || operator === 'Includes';
  if (field === 'name' && isEqual) {
    return [`(?:.*[\\\\/])?${any}$`];
  }
  if (field === 'name' && operator === 'ContainsIgnoreCase') {
    return [`(?:/.*${any}[^/]*|[^/].*${any}[^\\\\/]*)$`];
  }
  if (field === 'folder' && operator === 'ContainsIgnoreCase') {
    return [`.*${any}.*[\\\\/]`];
  }
  return [];
}

/** Other letters may change their length with their case, so that they stand for any few characters. */
function eitherCase(character: string): string {
  const lower = character.toLowerCase();
  if (/^[a-z]$/.test(lower)) {
    const special = { k: '\\u212a', i: '\\u0130' }[lower] ?? '';
    return `[${lower}${lower.toUpperCase()}${special}]`;
  }
  if (/^[\x20-\x7e]$/.test(character)) {
    return /[\w ]/.test(character) ? character : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  }
  return '.{0,4}';
}

/** As many of them as there is room for: the server holds files to all. */
function joined(parts: readonly string[]): string {
  let regex = '^';
  for (const part of parts) {
    const longer = `${regex}(?=${part})`;
    regex = longer.length <= longestRegex ? longer : regex;
  }
  return regex;
}
