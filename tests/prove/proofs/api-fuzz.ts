import { join } from 'node:path';
import { checkout, readProcessFile, startProgram } from '#kit/program.ts';
import { type Proof, type ProofContext, type ProofRow, Tally } from '../proof.ts';

/** Each is a test that CI runs a sample of; together 200,000 requests. */
const suites = [
  { file: 'tests/dialects/native/fuzz.test.ts', what: 'the native API, from its OpenAPI document', requests: 80_000 },
  { file: 'tests/dialects/cortex/fuzz.test.ts', what: 'the Cortex XDR API', requests: 60_000 },
  { file: 'tests/dialects/cybereason/fuzz.test.ts', what: 'the Cybereason API', requests: 58_000 },
  { file: 'tests/system/broken-requests.test.ts', what: 'broken HTTP over the wire', requests: 100_000 },
] as const;

/** The last asks for one connection in fifty. */
const perConnection: Readonly<Record<string, number>> = { 'tests/system/broken-requests.test.ts': 50 };
const longest = 3_600_000;
const betweenLooks = 1_000;
/** Of the middle of the last quarter to that of the second: a leak of every request would double it. */
const flat = 1.5;
/** Too few looks say nothing. */
const fewestLooks = 40;

/** P54: no request, however made, is answered with a failure of the server, ends it or makes it grow. */
export const apiFuzz: Proof = {
  name: 'api-fuzz',
  promises: ['P54'],
  tooLongForSample: true,
  async run(context) {
    const rows: ProofRow[] = [];
    for (const suite of suites) {
      rows.push(await runSuite(context, suite));
    }
    return rows;
  },
};

async function runSuite(context: ProofContext, { file, what, requests }: (typeof suites)[number]): Promise<ProofRow> {
  const tally = new Tally(context, 'P54', `requests, right to hostile, by every role: ${what}`);
  const environment = { CUSTODY_FUZZ_REQUESTS: String(requests), CUSTODY_TEST_SEED: String(context.seed) };
  const words = ['test', `--timeout=${longest}`, join(checkout, file)];
  await using program = startProgram([process.execPath, ...process.execArgv, ...words], { environment, cwd: checkout });
  const sizes: number[] = [];
  const looks = setInterval(() => sizes.push(residentKilobytes(program.pid)), betweenLooks);
  const { code, err } = await program.finished(longest).finally(() => clearInterval(looks));
  const failed = err.split('\n').filter((line) => line.startsWith('(fail)'));
  tally.many(requests / (perConnection[file] ?? 1), code === 0 ? 0 : Math.max(failed.length, 1), err.slice(-4_000));
  if (sizes.length >= fewestLooks) {
    const ratio = growth(sizes);
    context.say(`${file}: memory of the last quarter is ${ratio.toFixed(2)} of that of the second`);
    tally.point(`memory of ${file}`, ratio > flat ? [`it grew by ${ratio.toFixed(2)}`] : []);
  }
  return tally.row();
}

function residentKilobytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readProcessFile(pid, 'status') ?? '')?.[1] ?? 0);
}

function growth(sizes: readonly number[]): number {
  const quarter = Math.floor(sizes.length / 4);
  return middle(sizes.slice(-quarter)) / middle(sizes.slice(quarter, 2 * quarter));
}

function middle(sizes: readonly number[]): number {
  return sizes.toSorted((a, b) => a - b)[Math.floor(sizes.length / 2)] ?? 0;
}
