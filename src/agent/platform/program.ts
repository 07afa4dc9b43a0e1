import path from 'node:path';

/** The hidden argument under which the executable runs as a child of the agent. */
const childArgument = 'agent-child';

const isCompiled = Bun.main.startsWith('/$bunfs/');

/**
 * How to start a child of this very program. A directory that someone else can write could hold a `bunfig.toml` with a
 * preload or a `.env`: the flags switch both off, and the child is started in `/` with an empty environment besides.
 */
export function childCommand(): readonly [string, ...string[]] {
  if (isCompiled) {
    return [process.execPath, childArgument];
  }
  const entry = path.join(import.meta.dirname, '..', 'child', 'entry.ts');
  return [process.execPath, '--config=/dev/null', '--no-env-file', '--no-install', entry];
}

/** Where this program's own files are: the agent never takes any of them away. */
export function ownProgramPaths(): readonly string[] {
  const checkout = path.join(import.meta.dirname, '..', '..', '..');
  const parts = ['src', 'node_modules', 'bin', 'package.json'].map((part) => path.join(checkout, part));
  return isCompiled ? [process.execPath] : [process.execPath, ...parts];
}
