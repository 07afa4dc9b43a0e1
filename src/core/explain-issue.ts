import type { z } from 'zod';

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'an object',
  record: 'an object',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  tuple: 'a list',
  null: 'null',
};

const unitsOf: Readonly<Record<string, string>> = {
  string: ' characters',
  array: ' items',
  map: ' items',
  set: ' items',
};

/** What is wrong with a value, in words that go on after the name of the field: `must be a list`. */
export function explainIssue(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `is missing: it must be ${kindOf(issue.expected)}`
        : `must be ${kindOf(issue.expected)}`;
    case 'too_small':
      return bound(issue.origin, 'least', issue.minimum);
    case 'too_big':
      return bound(issue.origin, 'most', issue.maximum);
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `has fields that are not known: ${issue.keys.join(', ').slice(0, 200)}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    default:
      return 'is not as it must be';
  }
}

function kindOf(expected: string): string {
  return Object.hasOwn(kinds, expected) ? (kinds[expected] ?? expected) : expected;
}

/** Of texts and lists how long they are, of numbers how great. */
function bound(origin: string, end: 'least' | 'most', limit: number | bigint): string {
  const units = Object.hasOwn(unitsOf, origin) ? unitsOf[origin] : undefined;
  if (units === undefined) {
    return `must be at ${end} ${limit}`;
  }
  return end === 'least' && Number(limit) === 1 ? 'is empty' : `must have at ${end} ${limit}${units}`;
}
