import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const evil = 'console.log("PLANTED")';

/** What anyone may leave in a directory that root happens to stand in; each runs code or changes settings in plain Bun. */
const traps: Readonly<Record<string, string>> = {
  'evil.ts': evil,
  'bunfig.toml': 'preload = ["./evil.ts"]\n',
  '.env': 'PLANTED=PLANTED\nBUN_OPTIONS=--preload=./evil.ts\n',
  'tsconfig.json': JSON.stringify({ compilerOptions: { paths: { '*': ['./evil.ts'], zod: ['./evil.ts'] } } }),
  'package.json': JSON.stringify({ imports: { '#core/*': './evil.ts' }, browser: { zod: './evil.ts' } }),
  'node_modules/zod/package.json': JSON.stringify({ name: 'zod', main: 'index.js' }),
  'node_modules/zod/index.js': evil,
};

/** Makes a directory full of them. Whatever says `PLANTED` has fallen into one. */
export async function setTraps(directory: string): Promise<void> {
  await mkdir(join(directory, 'node_modules', 'zod'), { recursive: true });
  for (const [name, text] of Object.entries(traps)) {
    await writeFile(join(directory, name), text);
  }
}
