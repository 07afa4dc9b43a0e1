import { describe, expect, test } from 'bun:test';
import { type Operator, passes } from '#dialects/cybereason/query/operators.ts';

const table: readonly (readonly [Operator, readonly string[], readonly string[], boolean])[] = [
  ['Equals', ['calc.bin'], ['calc.bin'], true],
  ['Equals', ['calc.bin'], ['CALC.bin'], false],
  ['Equals', ['b'], ['a', 'b'], true],
  ['Equals', ['a', 'b'], ['b'], true],
  ['Equals', [], ['a'], false],
  ['NotEquals', ['a'], ['a'], false],
  ['NotEquals', ['a'], ['b'], true],
  ['NotEquals', [], ['a'], true],
  ['EqualsIgnoreCase', ['calc.bin'], ['CALC.bin'], true],
  ['ContainsIgnoreCase', ['calc.bin'], ['LC.'], true],
  ['ContainsIgnoreCase', ['calc.bin'], ['lcc'], false],
  ['NotContainsIgnoreCase', ['calc.bin'], ['LC.'], false],
  ['MatchesWildcard', ['calc.bin'], ['c*.B?n'], true],
  ['MatchesWildcard', ['calc.bin'], ['*'], true],
  ['MatchesWildcard', ['calc.bin'], ['calc'], false],
  ['MatchesWildcard', ['calc.bin'], ['calc.bin*'], true],
  ['MatchesWildcard', ['calc.bin'], ['?alc.bin?'], false],
  ['MatchesWildcard', [''], ['**'], true],
  ['MatchesWildcard', ['a'.repeat(5_000)], [`${'*a'.repeat(2_000)}b`], false],
  ['MatchesToken', ['web-1'], ['WEB-1'], true],
  ['MatchesToken', ['web-1.example.com'], ['web-1'], true],
  ['MatchesToken', ['web-10'], ['web-1'], false],
  ['MatchesToken', ['web-10, web-1'], ['web-1'], true],
  ['MatchesToken', ['Ünïweb-1'], ['web-1'], false],
  ['MatchesToken', ['web-1'], [''], false],
  ['GreaterThan', ['10'], ['9'], true],
  ['GreaterThan', ['9'], ['9'], false],
  ['GreaterOrEqualsTo', ['9'], ['9.0'], true],
  ['LessThan', ['9'], ['10'], true],
  ['LessThan', ['9'], ['many'], false],
  ['LessOrEqualsTo', ['9'], ['9'], true],
  ['Between', ['5'], ['1', '9'], true],
  ['Between', ['10'], ['1', '9'], false],
  ['Between', ['5'], ['1'], false],
  ['Includes', ['web-1'], ['WEB-1'], true],
  ['Includes', ['web-10'], ['web-1'], false],
  ['NotIncludes', ['web-1'], ['WEB-1'], false],
];

describe('Filter operators', () => {
  for (const [operator, actual, wanted, expected] of table) {
    const shown = [actual, wanted].map((list) => list.map((text) => text.slice(0, 20)).join('|'));
    test(`${operator}: [${shown[0]}] ${expected ? 'passes' : 'does not pass'} [${shown[1]}]`, () => {
      expect(passes(operator, actual, wanted)).toBe(expected);
    });
  }
});
