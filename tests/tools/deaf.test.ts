import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTraps } from './traps.ts';

const root = join(import.meta.dirname, '..', '..');
const probe = `
  import { z } from 'zod';
  console.log([typeof z.string, process.env.PLANTED, process.argv.slice(2)].join(' '));
`;

let directory: string;

function run(program: string, words: readonly string[]): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve) => {
    const options = { cwd: join(directory, 'traps'), env: { PATH: process.env['PATH'], HOME: directory } };
    const child = execFile(program, words, options, (_, output, errors) =>
      resolve({ code: child.exitCode, text: output + errors }),
    );
  });
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'custody-deaf-'));
  await setTraps(join(directory, 'traps'));
  await mkdir(join(directory, 'node_modules'));
  await symlink(join(root, 'node_modules', 'zod'), join(directory, 'node_modules', 'zod'));
  await writeFile(join(directory, 'probe.ts'), probe);
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

describe('A program started in a directory full of traps', () => {
  test('runs what lies there under plain Bun, so that the traps are real', async () => {
    expect((await run(process.execPath, ['../probe.ts'])).text).toContain('PLANTED');
  });

  test('runs nothing of it under bin/bun', async () => {
    const { code, text } = await run(join(root, 'bin', 'bun'), ['../probe.ts', 'a', '--b']);
    expect(text).toBe('function  a,--b\n');
    expect(code).toBe(0);
  });

  test('runs nothing of it under bin/custody, called through links', async () => {
    await symlink(join(root, 'bin', 'custody'), join(directory, 'first'));
    await symlink('../first', join(directory, 'traps', 'second'));
    const { code, text } = await run('./second', ['--help']);
    expect(text).not.toContain('PLANTED');
    expect(text).toContain('Usage: custody');
    expect(code).toBe(0);
  });
});
