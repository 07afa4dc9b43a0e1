import { describe, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '#kit/program.ts';
import { openCommands } from './command-world.ts';

async function scriptFor(shell: string): Promise<string> {
  await using world = await openCommands();
  const { code, out } = await world.run(['completion', shell]);
  expect(code).toBe(0);
  expect(await world.run(['completion', shell, '--json'])).toMatchObject({ code: 0 });
  return out;
}

/** What a real bash offers for the last of these words. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'custody-completion-'));
  try {
    const file = join(directory, 'custody.bash');
    await writeFile(file, await scriptFor('bash'));
    const asking = [
      'source "$1"; shift',
      'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); cd "$(dirname "$BASH_SOURCE")"',
      '_custody',
      '[ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\\n" "${COMPREPLY[@]}"',
    ].join('\n');
    const asker = join(directory, 'ask.bash');
    await writeFile(asker, asking);
    const { code, out, err } = await runProgram(['bash', '--norc', asker, file, 'custody', ...words]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return out
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '');
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe('In bash are completed', () => {
  test('commands, and those below them, whichever spelling is used', async () => {
    const first = await offered('');
    expect(first).toContain('endpoints');
    expect(first).toContain('quarantine');
    expect(first).not.toContain('endpoint');
    expect(await offered('rem')).toEqual(['remediations']);
    expect(await offered('endpoints', 're')).toEqual(['rename', 'revoke']);
    expect(await offered('endpoint', 're')).toEqual(['rename', 'revoke']);
    expect(await offered('users', 'second-factor', 'c')).toEqual(['confirm']);
  });

  test('options of the command that stands there, before and after its words', async () => {
    expect(await offered('endpoints', 'list', '--pre')).toEqual(['--presence']);
    expect(await offered('endpoints', 'list', '--json', '--all')).toEqual(['--all-pages']);
    expect(await offered('fetch', '1.1', '--wai')).toEqual(['--wait']);
    expect(await offered('--he')).toEqual(['--help']);
    expect(await offered('restore', '')).toContain('--sha256');
    expect(await offered('restore', 'pl')).toEqual(['plan']);
    expect(await offered('restore', 'run', '1', '--dig')).toEqual(['--digest']);
  });

  test('values of closed lists, with the spaces in them', async () => {
    expect(await offered('endpoints', 'list', '--platform', '')).toEqual(['linux', 'macos', 'windows']);
    expect(await offered('restore', '--if-occupied', 'k')).toEqual(['keep-both']);
    expect(await offered('keys', 'create', '--role', 'Inst')).toEqual(['Instance\\ Administrator']);
    expect(await offered('keys', 'create', '--role', 'Instance\\ A')).toEqual(['Instance\\ Administrator']);
  });

  test('names of files where an option takes one, and nothing where nobody can guess', async () => {
    expect(await offered('evidence', 'get', '1', '--output', 'ask')).toEqual(['ask.bash']);
    expect(await offered('endpoints', 'list', '--limit', '')).toEqual([]);
    expect(await offered('endpoints', 'list', '--host', '-')).toEqual([]);
  });
});

test.each(['bash', 'zsh', 'fish'])(
  'the script for %s is read without fault, where there is that shell',
  async (shell) => {
    const script = await scriptFor(shell);
    for (const word of ['endpoints', 'second-factor', 'if-occupied', 'keep-both', 'Administrator']) {
      expect({ word, isIn: script.includes(word) }).toEqual({ word, isIn: true });
    }
    if (Bun.which(shell) !== null) {
      const directory = await mkdtemp(join(tmpdir(), 'custody-completion-'));
      const file = join(directory, 'script');
      await writeFile(file, script);
      const { code, err } = await runProgram([shell, '-n', file]);
      await rm(directory, { recursive: true });
      expect({ code, err }).toEqual({ code: 0, err: '' });
    }
  },
);
