import { spawn } from 'node:child_process';

/**
 * Runs a program to its end, its words on this terminal.
 * @param environment added to this process's own.
 * @throws Error when it ends with anything but 0.
 */
export async function run(
  program: string,
  words: readonly string[],
  {
    directory,
    environment = {},
  }: { readonly directory: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<void> {
  const env = { ...process.env, ...environment };
  const child = spawn(program, words, { cwd: directory, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode) => resolve(exitCode ?? 128));
  });
  if (code !== 0) {
    throw new Error(`${program} ${words.join(' ')} ended with code ${code}.`);
  }
}
