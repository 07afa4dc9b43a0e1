import { z } from 'zod';

/** What can be asked of a file. */
export const fields = ['name', 'path', 'sha256', 'sha1', 'md5', 'endpointName', 'endpointId', 'guid'] as const;
export const operators = ['contains_ignore_case', 'equals', 'matches_wildcard'] as const;

const chip = z.object({ field: z.enum(fields), operator: z.enum(operators), value: z.string().min(1).max(4_096) });

/** The address of the page holds the whole query: whoever is sent it sees the same. */
export const investigateSearch = z.object({ where: z.array(chip).max(20).optional().catch(undefined) });

export type Chip = z.infer<typeof chip>;
export type Field = Chip['field'];
export type Operator = Chip['operator'];

export const fieldWords: Readonly<Record<Field, string>> = {
  name: 'Name',
  path: 'Path',
  sha256: 'SHA-256',
  sha1: 'SHA-1',
  md5: 'MD5',
  endpointName: 'Endpoint',
  endpointId: 'Endpoint id',
  guid: 'GUID',
};

export const operatorWords: Readonly<Record<Operator, string>> = {
  contains_ignore_case: 'contains',
  equals: 'is',
  matches_wildcard: 'is like',
};

const hashFields: Readonly<Record<number, Field>> = { 32: 'md5', 40: 'sha1', 64: 'sha256' };

/** What somebody means who types only a value: a hash by its length, a path by its slash, a pattern by its star, else a part of the name. */
export function chipOf(text: string): Chip {
  const value = text.trim();
  const hash = /^[0-9a-f]+$/i.test(value) ? hashFields[value.length] : undefined;
  if (hash !== undefined) {
    return { field: hash, operator: 'equals', value: value.toLowerCase() };
  }
  const field = /[\\/]/.test(value) ? 'path' : 'name';
  return { field, operator: /[*?]/.test(value) ? 'matches_wildcard' : 'contains_ignore_case', value };
}
