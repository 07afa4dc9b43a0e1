import { afterAll, beforeAll, expect, test } from 'bun:test';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#kit/free-port.ts';
import { checkout, runProgram } from '#kit/program.ts';
import { startUp } from '#kit/up.ts';

let directory: string;
let marker: string;
let executable: string;

/** What anyone may leave in a directory that root happens to stand in. */
function plant(place: string): void {
  const trap = `require('node:fs').appendFileSync(${JSON.stringify(marker)}, process.argv.join(' '));`;
  writeFileSync(join(place, 'trap.js'), trap);
  writeFileSync(join(place, 'bunfig.toml'), 'preload = ["./trap.js"]\n[test]\npreload = ["./trap.js"]\n');
  writeFileSync(join(place, '.env'), 'CUSTODY_LISTEN=nonsense\nBUN_OPTIONS=--preload=./trap.js\n');
  writeFileSync(join(place, 'tsconfig.json'), '{"compilerOptions":{"paths":{"*":["./trap.js"]}}}');
  writeFileSync(join(place, 'package.json'), '{"imports":{"#server/*":"./trap.js"}}');
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'custody-one-file-'));
  marker = join(directory, 'the trap was sprung');
  const build = ['npm', 'run', 'build', '--', '--native', '--out', join(directory, 'dist')] as const;
  const { code, err } = await runProgram([...build], { cwd: checkout, environment: { HOME: directory } });
  expect(code, err).toBe(0);
  const [built] = readdirSync(join(directory, 'dist')).filter((name) =>
    name.startsWith(`custody-linux-${process.arch}`),
  );
  executable = join(directory, 'custody');
  copyFileSync(join(directory, 'dist', built ?? ''), executable);
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

test('the traps are real: plain Bun, started where they lie, runs them', async () => {
  const place = join(directory, 'plain');
  mkdirSync(place);
  plant(place);
  writeFileSync(join(place, 'empty.ts'), '');
  await runProgram([process.execPath, 'empty.ts'], { cwd: place });
  expect(existsSync(marker)).toBe(true);
  rmSync(marker);
});

test('the one-file executable works in a directory full of traps, alone, and springs none', async () => {
  const place = join(directory, 'empty');
  mkdirSync(place);
  plant(place);
  const data = join(place, 'data');
  const listen = `127.0.0.1:${await freePort()}`;
  await using running = await startUp([executable, 'up', '--listen', listen], { data, cwd: place });
  const path = join(data, 'sample', 'report.txt');
  const content = readFileSync(path, 'utf8');
  const run = (...words: readonly string[]) =>
    runProgram([executable, ...words, '--path', path, '--wait', '--json'], { cwd: place });
  const taken = await run('quarantine');
  expect(taken.code, taken.err).toBe(0);
  expect(existsSync(path)).toBe(false);
  const restored = await run('restore');
  expect(restored.code, restored.err).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe(content);
  expect(await running.interrupt()).toMatchObject({ code: 0 });
  expect(existsSync(marker)).toBe(false);
});
