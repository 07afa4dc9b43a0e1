import { describe, expect, test } from 'bun:test';
import { readSkips, readTotals } from '../../tools/test-counts.ts';

describe('The totals of a test run', () => {
  test.each([
    [' 12 pass\n 0 fail\nRan 12 tests across 2 files. [5.00ms]\n', { passed: 12, failed: 0 }],
    [' 1 pass\n 3 skip\n 1 todo\n 2 fail\n 1 error\n', { passed: 1, failed: 2 }],
    ['\u001b[32m 7 pass\u001b[0m\n\u001b[2m 0 fail\u001b[0m\n', { passed: 7, failed: 0 }],
    [' 9 pass\n 9 fail\nprinted by a test\n 4 pass\n 1 fail\n', { passed: 4, failed: 1 }],
  ])('are the last that Bun printed: %j', (printed, totals) => {
    expect(readTotals(printed)).toEqual(totals);
  });

  test.each(['', '(pass) x\n', ' 3 pass\n', 'we let 3 pass\nand 0 fail\n'])('are missing from %j', (printed) => {
    expect(readTotals(printed)).toBeUndefined();
  });
});

describe('The skips of a test run', () => {
  const casesOf = (...cases: readonly string[]) => `<testsuites>\n${cases.join('\n')}\n</testsuites>`;

  test.each([
    ['<testcase name="x [needs root]" classname="">\n <skipped />\n</testcase>', 'x [needs root]', 'needs root'],
    [
      '<testcase name="x" classname="inner &gt; outer [needs a &amp; b]">\n <skipped />\n</testcase>',
      'x',
      'needs a & b',
    ],
    ['<testcase name="x" classname="PostgreSQL (skipped: none here)">\n<skipped />\n</testcase>', 'x', 'none here'],
    ['<testcase name="say &quot;x&quot;" classname="">\n<skipped message="TODO" />\n</testcase>', 'say "x"', undefined],
  ])('carry their reason: %s', (testcase, name, reason) => {
    expect(readSkips(casesOf(testcase))).toEqual([{ name, reason }]);
  });

  test('leave out what passed and what failed', () => {
    const passed = '<testcase name="a [b]" classname="" />';
    const failed = '<testcase name="c [d]" classname="">\n<failure type="AssertionError">no</failure>\n</testcase>';
    expect(readSkips(casesOf(passed, failed))).toEqual([]);
  });
});
