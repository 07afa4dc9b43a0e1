/** The comparisons that reference clients send. */
export const operators = [
  'Equals',
  'NotEquals',
  'EqualsIgnoreCase',
  'ContainsIgnoreCase',
  'NotContainsIgnoreCase',
  'MatchesWildcard',
  'MatchesToken',
  'GreaterThan',
  'GreaterOrEqualsTo',
  'LessThan',
  'LessOrEqualsTo',
  'Between',
  'Includes',
  'NotIncludes',
] as const;

export type Operator = (typeof operators)[number];

/** Whether one value of an element fits one value of the filter. */
type Fits = (actual: string, wanted: string) => boolean;

const negated: Partial<Record<Operator, Operator>> = {
  NotEquals: 'Equals',
  NotContainsIgnoreCase: 'ContainsIgnoreCase',
  NotIncludes: 'Includes',
};

const fits: Record<Exclude<Operator, 'NotEquals' | 'NotContainsIgnoreCase' | 'NotIncludes' | 'Between'>, Fits> = {
  Equals: (actual, wanted) => actual === wanted,
  EqualsIgnoreCase: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  ContainsIgnoreCase: (actual, wanted) => actual.toLowerCase().includes(wanted.toLowerCase()),
  MatchesWildcard: (actual, wanted) => matchesWildcard(actual.toLowerCase(), wanted.toLowerCase()),
  MatchesToken: (actual, wanted) => matchesToken(actual.toLowerCase(), wanted.toLowerCase()),
  GreaterThan: (actual, wanted) => Number(actual) > Number(wanted),
  GreaterOrEqualsTo: (actual, wanted) => Number(actual) >= Number(wanted),
  LessThan: (actual, wanted) => Number(actual) < Number(wanted),
  LessOrEqualsTo: (actual, wanted) => Number(actual) <= Number(wanted),
  Includes: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
};

export function isOperator(text: string): text is Operator {
  return (operators as readonly string[]).includes(text);
}

const comparing: readonly Operator[] = ['GreaterThan', 'GreaterOrEqualsTo', 'LessThan', 'LessOrEqualsTo', 'Between'];

/** What is wrong with the values of a filter, in words that go on after its name; undefined where nothing is. */
export function wrongValues(operator: Operator, values: readonly string[]): string | undefined {
  if (operator === 'Between' && values.length !== 2) {
    return `must have two values for Between, the least and the greatest; ${values.length} were given`;
  }
  const text = comparing.includes(operator) ? values.find((value) => !isNumber(value)) : undefined;
  return text === undefined ? undefined : notANumber(text, operator);
}

export function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}

export function notANumber(text: string, what: string): string {
  return `must have numbers for ${what}; "${text.slice(0, 60)}" is none`;
}

/**
 * Whether an element's values of one feature pass a filter: any of them against any of the wanted ones. A feature
 * that the element does not have passes only the negated operators.
 */
export function passes(operator: Operator, actual: readonly string[], wanted: readonly string[]): boolean {
  const positive = negated[operator];
  if (positive !== undefined) {
    return !passes(positive, actual, wanted);
  }
  if (operator === 'Between') {
    const [low, high] = [Number(wanted[0]), Number(wanted[1])];
    return actual.some((value) => Number(value) >= low && Number(value) <= high);
  }
  const test = fits[operator as keyof typeof fits];
  return actual.some((value) => wanted.some((sought) => test(value, sought)));
}

/** `*` is any text and `?` one character. Linear in time for each star, whatever the pattern: no regular expression. */
function matchesWildcard(text: string, pattern: string): boolean {
  let at = 0;
  let star = -1;
  let retry = 0;
  for (let index = 0; index < text.length; ) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at;
      retry = index;
      at += 1;
    } else if (wanted === '?' || (wanted !== undefined && wanted === text[index])) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      retry += 1;
      index = retry;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}

/** Whether the wanted text stands in it as a whole: with no letter or digit right before or after. */
function matchesToken(text: string, wanted: string): boolean {
  if (wanted === '') {
    return text === '';
  }
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const around = [text[at - 1], text[at + wanted.length]];
    if (around.every((character) => character === undefined || !inWord.test(character))) {
      return true;
    }
  }
  return false;
}

const inWord = /[\p{L}\p{N}]/u;
