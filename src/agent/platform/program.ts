import os from 'node:os';
import path from 'node:path';

/** The hidden argument under which the executable runs as a child of the agent. */
const childArgument = 'agent-child';

/** Where a one-file executable has its own files, on Windows on a drive that does not exist. */
const isCompiled = /^(\/\$bunfs\/|[A-Z]:[\\/]~BUN[\\/])/.test(Bun.main);

/**
 * How to start a child of this very program. A directory that someone else can write could hold a `bunfig.toml` with a
 * preload or a `.env`: the flags switch both off, and the child is started in `/` with an empty environment besides.
 */
export function childCommand(): readonly [string, ...string[]] {
  if (isCompiled) {
    // Not by its path, where an upgrade may have put another version, which would not understand this one's jobs.
    return [process.platform === 'linux' ? '/proc/self/exe' : process.execPath, childArgument];
  }
  const entry = path.join(import.meta.dirname, '..', 'child', 'entry.ts');
  return [process.execPath, `--config=${os.devNull}`, '--no-env-file', '--no-install', entry];
}

/** The one-file executable that this process runs; undefined where it runs from a checkout. */
export function ownExecutable(): string | undefined {
  return isCompiled ? process.execPath : undefined;
}

/** Where this program's own files are: the agent never takes any of them away. */
export function ownProgramPaths(): readonly string[] {
  const checkout = path.join(import.meta.dirname, '..', '..', '..');
  const parts = ['src', 'node_modules', 'bin', 'package.json'].map((part) => path.join(checkout, part));
  return isCompiled ? [process.execPath] : [process.execPath, ...parts];
}
