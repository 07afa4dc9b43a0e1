import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { type BuildTarget, buildTargets, nativeTarget } from './build-targets.ts';
import { platformBun } from './platform-bun.ts';
import { run } from './run.ts';

const root = join(import.meta.dirname, '..');

/** The program, and every file that it loads by path: an executable holds only what is named or imported. */
const entryPoints = ['src/main.ts', 'src/store/drivers/sqlite/worker.ts', 'build/console.pack'];

/** The console is carried as it is, under its own name, which the server asks for. */
const carried = ['--loader=.pack:file', '--asset-naming=[name].[ext]'];

/** An executable runs as root wherever it is called: it must read no settings from the working directory. */
const deaf = [
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  '--no-compile-autoload-tsconfig',
  '--no-compile-autoload-package-json',
];

const usage = `usage: npm run build [-- [--native] [--out DIR] [TARGET...]]

  Builds one-file executables and their SHA256SUMS. Without a TARGET: every one of
  ${buildTargets.map(({ name }) => name).join(', ')}
  --native  only the one that runs on this machine
  --out     default: dist`;

interface Options {
  readonly targets: readonly BuildTarget[];
  readonly directory: string;
}

/** @throws Error for words that it does not know. */
function readOptions(words: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { native: { type: 'boolean', default: false }, out: { type: 'string', default: join(root, 'dist') } },
  });
  const named = positionals.map((name) =>
    demand(
      buildTargets.find((target) => target.name === name),
      `There is no target ${name}.\n${usage}`,
    ),
  );
  const native = () => demand(nativeTarget(), `There is no executable for ${process.platform} on ${process.arch}.`);
  const all = named.length === 0 ? buildTargets : named;
  return { targets: values.native ? [native()] : all, directory: resolve(values.out) };
}

function demand<Value>(value: Value | undefined, message: string): Value {
  if (value === undefined) {
    throw new Error(message);
  }
  return value;
}

/** What is imported when it is first needed stays in a part of its own, so that a process holds no code that it does not run. */
const small = ['--splitting', '--minify-whitespace', '--minify-syntax'];

async function build(target: BuildTarget, directory: string): Promise<void> {
  const outFile = join(directory, `custody-${target.name}${target.suffix}`);
  const bun = target.name === nativeTarget()?.name ? process.execPath : await platformBun(target, root);
  const where = [
    `--target=bun-${target.name}`,
    `--compile-executable-path=${bun}`,
    '--root=src',
    `--outfile=${outFile}`,
  ];
  await run(
    process.execPath,
    [...process.execArgv, 'build', '--compile', ...deaf, ...small, ...carried, ...where, ...entryPoints],
    {
      directory: root,
    },
  );
  const { size } = await stat(outFile);
  process.stdout.write(`${outFile}  ${Math.round(size / 2 ** 20)} MiB\n`);
}

/** A platform whose Bun cannot be had costs that platform only, and the exit code. */
async function buildAll({ targets, directory }: Options): Promise<number> {
  let failures = 0;
  for (const target of targets) {
    try {
      await build(target, directory);
    } catch (error) {
      failures += 1;
      await rm(join(directory, `custody-${target.name}${target.suffix}`), { force: true });
      process.stderr.write(`custody-${target.name} was not built: ${error instanceof Error ? error.message : error}\n`);
    }
  }
  return failures === 0 ? 0 : 1;
}

/** For `sha256sum --check`, over every executable that lies there. */
async function writeChecksums(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.startsWith('custody-')).toSorted();
  const lines: string[] = [];
  for (const name of names) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(directory, name)), hash);
    lines.push(`${hash.digest('hex')}  ${name}\n`);
  }
  await writeFile(join(directory, 'SHA256SUMS'), lines.join(''));
}

const options = readOptions(process.argv.slice(2));
await run(process.execPath, [...process.execArgv, join(import.meta.dirname, 'build-console.ts')], { directory: root });
await mkdir(options.directory, { recursive: true });
process.exitCode = await buildAll(options);
await writeChecksums(options.directory);
