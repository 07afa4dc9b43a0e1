import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { run } from './run.ts';

const root = join(import.meta.dirname, '..');
const output = join(root, 'build', 'console');
const pack = join(root, 'build', 'console.pack');

/** What the console is made of: when any of it is newer than the pack, the pack is old. */
const sources = [
  'src/console',
  'src/sdk',
  'src/dialects/native/schemas',
  'src/core',
  'package-lock.json',
  'tools/build-console.ts',
  'tools/vite.config.ts',
];

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

async function newest(path: string): Promise<number> {
  const { mtimeMs, isDirectory } = await facts(path);
  if (!isDirectory) {
    return mtimeMs;
  }
  const inside = await Promise.all((await readdir(path)).map((name) => newest(join(path, name))));
  return Math.max(mtimeMs, ...inside);
}

async function facts(path: string) {
  const found = await stat(path);
  return { mtimeMs: found.mtimeMs, isDirectory: found.isDirectory() };
}

async function isCurrent(): Promise<boolean> {
  const built = await stat(pack).catch(() => undefined);
  if (built === undefined) {
    return false;
  }
  const changed = await Promise.all(sources.map((source) => newest(join(root, source))));
  return Math.max(...changed) <= built.mtimeMs;
}

async function filesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** One file of the pack, in the two forms in which browsers take it. */
async function packed(file: string) {
  const bytes = await readFile(file);
  const type = types[extname(file)];
  if (type === undefined) {
    throw new Error(`The console has a file of a kind that it does not know: ${file}`);
  }
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  return { type, gzip: gzipSync(bytes, { level: 9 }).toString('base64'), brotli: brotli.toString('base64') };
}

/** Builds the web console into one file that the server reads, where its sources are newer than that. */
async function build(): Promise<void> {
  if (await isCurrent()) {
    return;
  }
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const words = ['build', '--config', join(root, 'tools', 'vite.config.ts'), '--logLevel', 'warn'];
  await run(process.execPath, [...process.execArgv, vite, ...words], { directory: root });
  const files: Record<string, Awaited<ReturnType<typeof packed>>> = {};
  for (const file of await filesIn(output)) {
    files[relative(output, file).replaceAll('\\', '/')] = await packed(file);
  }
  await mkdir(join(root, 'build'), { recursive: true });
  await writeFile(pack, JSON.stringify({ files }));
  await rm(output, { recursive: true });
}

await build();
