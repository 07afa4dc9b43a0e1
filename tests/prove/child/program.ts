import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..', '..');

/**
 * Makes one executable of a program of this checkout, as `npm run build` does: it starts the way it starts on an
 * endpoint, and what is edited while the proofs run does not matter to them.
 */
export function buildProgram(entry: string, target: string): readonly [string, ...string[]] {
  const deaf = ['--no-compile-autoload-dotenv', '--no-compile-autoload-bunfig'];
  const parameters = ['build', '--compile', ...deaf, `--outfile=${target}`, path.join(root, entry)];
  const { status, stderr } = spawnSync(process.execPath, [...process.execArgv, ...parameters], { cwd: root });
  if (status !== 0) {
    throw new Error(`${entry} cannot be built: ${stderr.toString()}`);
  }
  return [target];
}
