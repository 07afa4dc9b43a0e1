import type { FileOutcome } from '#core/action/action.ts';
import { displayPath, fileName } from '#core/file/file-path.ts';
import { passes } from '../query/operators.ts';
import { type FieldFilter, wrong } from './sensor-filter.ts';

/** What of a file a search can be held to. */
export const searchedFields = ['name', 'folder', 'size', 'modified', 'sha256', 'sha1', 'md5'] as const;

export type SearchedField = (typeof searchedFields)[number];

export interface FileCondition extends Omit<FieldFilter, 'fieldName'> {
  readonly field: SearchedField;
}

/** The vendor's words, in small letters: its pages and its clients do not agree on one spelling. */
const words: Readonly<Record<string, SearchedField | 'created' | 'machine'>> = {
  ...{ filename: 'name', name: 'name', elementdisplayname: 'name' },
  ...{ folder: 'folder', filefolder: 'folder', folderpath: 'folder', path: 'folder', filepath: 'folder' },
  ...{ size: 'size', filesize: 'size' },
  ...{ modificationtime: 'modified', modifiedtime: 'modified', lastmodifiedtime: 'modified' },
  ...{ filemodificationtime: 'modified' },
  ...{ creationtime: 'created', createdtime: 'created', filecreationtime: 'created' },
  ...{ sha256: 'sha256', sha256string: 'sha256' },
  ...{ sha1: 'sha1', sha1string: 'sha1' },
  ...{ md5: 'md5', md5string: 'md5' },
  machinename: 'machine',
};

export interface SplitFilters {
  readonly files: readonly FileCondition[];
  /** Conditions on the machine, which choose sensors. */
  readonly machines: readonly FieldFilter[];
}

/** @throws Fault `invalid_request` for what no agent can be asked for. */
export function splitFileFilters(filters: readonly FieldFilter[]): SplitFilters {
  const files: FileCondition[] = [];
  const machines: FieldFilter[] = [];
  for (const { fieldName, operator, values } of filters) {
    const word = fieldName.toLowerCase();
    const field = Object.hasOwn(words, word) ? words[word] : undefined;
    if (field === undefined) {
      throw wrong('fileFilters', `Files cannot be searched by ${JSON.stringify(fieldName.slice(0, 100))}.`);
    }
    if (field === 'created') {
      throw wrong(
        'fileFilters',
        'Files cannot be searched by their creation time: no agent reports it in a live search.',
      );
    }
    demandValues(field, { fieldName, operator, values });
    if (field === 'machine') {
      machines.push({ fieldName: 'machineName', operator, values });
    } else {
      files.push({ field, operator, values: field === 'folder' ? values.map(withoutEnd) : values });
    }
  }
  return { files, machines };
}

function demandValues(field: SearchedField | 'machine', { fieldName, operator, values }: FieldFilter): void {
  if (values.length === 0) {
    throw wrong('fileFilters', `The condition on ${fieldName} has no values.`);
  }
  const isNumber = field === 'size' || field === 'modified';
  if (isNumber && !values.every((value) => /^\d{1,16}$/.test(value))) {
    throw wrong(
      'fileFilters',
      `The condition on ${fieldName} must have whole numbers: bytes, or milliseconds since 1970.`,
    );
  }
  if (operator === 'Between' && (!isNumber || values.length !== 2)) {
    throw wrong('fileFilters', `The condition on ${fieldName} must have two numbers for Between.`);
  }
}

/** A separator at the end says no more, but at a root. */
function withoutEnd(folder: string): string {
  return folder.length > 1 && !/^[A-Za-z]:[\\/]$/.test(folder) ? folder.replace(/[\\/]+$/, '') : folder;
}

type Found = Pick<FileOutcome, 'path' | 'size' | 'sha256' | 'details'>;

/** Whether a found file meets a condition that the server can judge; SHA-1 and MD5 are the agents' to judge. */
export function meets(found: Found, { field, operator, values }: FileCondition): boolean {
  const path = found.path === null ? '' : displayPath(found.path);
  switch (field) {
    case 'name':
      return passes(operator, found.path === null ? [] : [fileName(found.path)], values);
    case 'folder':
      return operator === 'Equals' || operator === 'NotEquals' || operator === 'EqualsIgnoreCase'
        ? passes(operator, foldersOf(path), values)
        : passes(operator, foldersOf(path).slice(0, 1), values);
    case 'size':
      return passes(operator, found.size === null ? [] : [String(found.size)], values);
    case 'modified': {
      const { modifiedNs } = found.details;
      return passes(operator, modifiedNs === undefined ? [] : [String(BigInt(modifiedNs) / 1_000_000n)], values);
    }
    case 'sha256':
      return passes(
        operator,
        found.sha256 === null ? [] : [found.sha256],
        values.map((value) => value.toLowerCase()),
      );
    case 'sha1':
    case 'md5':
      return true;
  }
}

/** The folder that a file is in, and every one above it: a folder that is searched is searched to the bottom. */
export function foldersOf(path: string): readonly string[] {
  const separator = path.startsWith('/') ? '/' : /[\\/]/;
  const parts = path.split(separator).slice(0, -1);
  const mark = path.startsWith('/') ? '/' : '\\';
  const folders = parts.map((_, index) => parts.slice(0, index + 1).join(mark));
  return folders.map((folder) => (folder === '' ? '/' : folder)).toReversed();
}
