import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '#kit/program.ts';
import { pythonMembers } from '#kit/python-client.ts';
import { refusedCalls, undoneCalls } from './refusals.ts';

interface Row {
  readonly member: string;
  readonly verdict: string;
  readonly files: readonly string[];
}

/** Of these, each is called by its name in a file of this directory. */
const called = ['works', 'refused in its answer', 'refused by an exception'];
const verdicts = [...called, 'carries others', 'not applicable'];
const coverage = join(checkout, 'tests', 'dialects', 'cybereason', 'coverage.md');

/** The section "Python library": in each row members, what becomes of them, and the files of this directory that show it. */
function coveredMembers(): readonly Row[] {
  const section = readFileSync(coverage, 'utf8').split('\n## Python library\n')[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => {
    const [members = '', verdict = '', shown = ''] = row.split('|').slice(1, -1);
    const files = namesIn(shown).filter((name) => name.endsWith('.ts'));
    return namesIn(members).map((member) => ({ member, verdict: verdict.trim(), files }));
  });
}

function namesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

export function memberCases(): void {
  const rows = coveredMembers();
  const named = (verdict: string) => rows.filter((row) => row.verdict === verdict).map(({ member }) => member);

  test('is covered whole: every public member of the installed version has its row', async () => {
    expect(rows.map(({ member }) => member).toSorted()).toEqual([...(await pythonMembers())]);
    expect(rows.filter(({ verdict }) => !verdicts.includes(verdict))).toEqual([]);
  });

  test('is called in the file that each row names', () => {
    const unshown = rows.filter(({ member, verdict, files }) => {
      const texts = files.map((file) => readFileSync(join(import.meta.dir, file), 'utf8'));
      const isShown = texts.some((text) => text.includes(`'${member}'`) || text.includes(`  ${member}: {`));
      return called.includes(verdict) && !isShown;
    });
    expect(unshown).toEqual([]);
    expect(named('refused by an exception').toSorted()).toEqual(Object.keys(refusedCalls).toSorted());
    expect(named('not applicable')).toEqual(expect.arrayContaining(undoneCalls));
  });
}
