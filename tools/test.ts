import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSkips, readTotals, type Skip, type Totals } from './test-counts.ts';

interface Run {
  readonly code: number;
  /** Undefined when Bun ended before it had any. */
  readonly totals: Totals | undefined;
  readonly skips: readonly Skip[];
}

/** A machine that does other work too may take this long for one test; a test that needs longer says so itself. */
const longestTest = 30_000;

/** Runs `bun test` with this process's own Bun and flags, and passes on what it prints. */
async function runTests(words: readonly string[], reportFile: string): Promise<Run> {
  const reporter = ['--reporter=junit', `--reporter-outfile=${reportFile}`];
  const parameters = [...process.execArgv, 'test', `--timeout=${longestTest}`, ...reporter, ...words];
  const colour = process.stderr.isTTY ? { FORCE_COLOR: '1' } : {};
  const child = spawn(process.execPath, parameters, {
    stdio: ['inherit', 'inherit', 'pipe'],
    env: { ...process.env, ...colour },
  });
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    process.stderr.write(text);
    printed = (printed + text).slice(-20_000);
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 128));
  });
  const report = await readFile(reportFile, 'utf8').catch(() => '');
  return { code, totals: readTotals(printed), skips: readSkips(report) };
}

/** Why the run as a whole does not count as good, though every test that ran passed; empty when it does. */
function objections({ code, totals, skips }: Run): readonly string[] {
  return [
    ...(totals === undefined ? [`bun test ended early, with code ${code}.`] : []),
    ...(totals?.passed === 0 && totals.failed === 0 ? ['No test ran.'] : []),
    ...(code !== 0 && totals?.failed === 0 ? [`bun test ended with code ${code}.`] : []),
    ...(process.env['CUSTODY_TEST_NO_SKIP'] === '1' && skips.length > 0 ? ['No skip is allowed here.'] : []),
  ];
}

/** Each reason once, with the number of tests that it kept from running. */
function describeSkips(skips: readonly Skip[]): readonly string[] {
  const reasons = new Map<string, number>();
  for (const { name, reason = `no reason given by "${name}"` } of skips) {
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return [...reasons].map(([reason, count]) => `skipped ${count}: ${reason}`);
}

const directory = await mkdtemp(join(tmpdir(), 'custody-test-'));
try {
  const run = await runTests(process.argv.slice(2), join(directory, 'report.xml'));
  const found = objections(run);
  const { passed, failed } = run.totals ?? { passed: 0, failed: 0 };
  const allFailed = failed + found.length;
  const skipped = run.skips.length === 0 ? '' : `, ${run.skips.length} skipped`;
  const closingLine = `${passed} passed, ${allFailed} failed${skipped}`;
  process.stdout.write(['', ...describeSkips(run.skips), ...found, closingLine, ''].join('\n'));
  process.exitCode = allFailed === 0 ? 0 : 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
