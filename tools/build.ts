import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildTarget, buildTargets, nativeTarget } from './build-targets.ts';
import { platformBun } from './platform-bun.ts';
import { run } from './run.ts';

const root = join(import.meta.dirname, '..');

/** The program, and every file that it loads by path: an executable holds only what is named or imported. */
const entryPoints = ['src/main.ts', 'src/store/drivers/sqlite/worker.ts'];

/** An executable runs as root wherever it is called: it must read no settings from the working directory. */
const deaf = [
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  '--no-compile-autoload-tsconfig',
  '--no-compile-autoload-package-json',
];

function chooseTargets(words: readonly string[]): readonly BuildTarget[] {
  if (words.includes('--all')) {
    return buildTargets;
  }
  const native = nativeTarget();
  if (native === undefined) {
    throw new Error(`There is no executable for ${process.platform} on ${process.arch}.`);
  }
  return [native];
}

async function build(target: BuildTarget): Promise<void> {
  const outFile = join('dist', `custody-${target.name}${target.suffix}`);
  const bun = target === nativeTarget() ? process.execPath : await platformBun(target, root);
  const where = [
    `--target=bun-${target.name}`,
    `--compile-executable-path=${bun}`,
    '--root=src',
    `--outfile=${outFile}`,
  ];
  await run(process.execPath, [...process.execArgv, 'build', '--compile', ...deaf, ...where, ...entryPoints], root);
  const { size } = await stat(join(root, outFile));
  process.stdout.write(`${outFile}  ${Math.round(size / 2 ** 20)} MiB\n`);
}

/** A platform whose Bun cannot be had costs that platform only, and the exit code. */
async function buildAll(targets: readonly BuildTarget[]): Promise<number> {
  let failures = 0;
  for (const target of targets) {
    try {
      await build(target);
    } catch (error) {
      failures += 1;
      process.stderr.write(`custody-${target.name} was not built: ${error instanceof Error ? error.message : error}\n`);
    }
  }
  return failures === 0 ? 0 : 1;
}

await mkdir(join(root, 'dist'), { recursive: true });
process.exitCode = await buildAll(chooseTargets(process.argv.slice(2)));
