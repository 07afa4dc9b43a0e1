import { type ChildProcess, spawn } from 'node:child_process';

/** How this program is started again: the runtime and its script, or the one-file executable alone. */
function ownCommand(): readonly [program: string, ...words: string[]] {
  const script = process.argv[1];
  const isExecutable = script === undefined || script.startsWith('/$bunfs/') || script.startsWith('B:\\~BUN\\');
  return isExecutable ? [process.execPath] : [process.execPath, ...process.execArgv, script];
}

/** What a person types to run this program. */
export function typedCommand(): string {
  const [program, ...script] = ownCommand();
  return script.length === 0 ? program : 'npx custody';
}

/**
 * Starts this program again in `/`, where nobody can plant settings for the runtime, with an empty environment.
 * @param input what it reads; undefined leaves its input open for as long as this process lives, so that it can tell
 * when this one is gone, however it went.
 */
export function startOwn(words: readonly string[], input?: string): ChildProcess {
  const [program, ...first] = ownCommand();
  const child = spawn(program, [...first, ...words], {
    cwd: '/',
    env: {},
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  if (input !== undefined) {
    child.stdin?.end(input);
  }
  return child;
}

/** Resolves with the exit code once a child has ended; a signal counts as 128. */
export function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 128));
  });
}
