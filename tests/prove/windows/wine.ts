import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildTargets } from '../../../tools/build-targets.ts';
import { platformBun } from '../../../tools/platform-bun.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const wine = ['/usr/lib/wine/wine64', '/usr/bin/wine64'].find((program) => existsSync(program));
const compiler = 'x86_64-w64-mingw32-gcc';

/**
 * Debian 12's Wine lacks the one library that the runtime takes its random numbers from: this stands in for it, with the
 * function of another library that Wine has.
 */
const standIn = `
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T length) { return SystemFunction036(bytes, (ULONG)length); }
`;

/** Why Windows programs cannot be run here; undefined where they can. */
export function lackingWine(): string | undefined {
  if (process.arch !== 'x64' || wine === undefined) {
    return 'needs Wine on x64: wine64';
  }
  return spawnSync(compiler, ['--version']).error === undefined ? undefined : 'needs gcc-mingw-w64-x86-64';
}

/** The Windows build of the runtime, ready to be run in a directory of its own, a C: drive included. */
export async function windowsRuntime(scratch: string): Promise<(words: readonly string[]) => string> {
  const target = buildTargets.find(({ name }) => name === 'windows-x64');
  if (target === undefined || wine === undefined) {
    throw new Error('There is no Windows to run.');
  }
  const home = path.join(scratch, 'windows');
  mkdirSync(home);
  const program = path.join(home, 'bun.exe');
  copyFileSync(await platformBun(target, root), program);
  writeFileSync(path.join(home, 'stand-in.c'), standIn);
  const made = ['-shared', '-o', path.join(home, 'bcryptprimitives.dll'), path.join(home, 'stand-in.c'), '-ladvapi32'];
  demand(spawnSync(compiler, made, { encoding: 'utf8' }));
  const env = {
    WINEPREFIX: path.join(home, 'prefix'),
    WINEDEBUG: '-all',
    DISPLAY: '',
    // Otherwise Wine keeps no file names but those in ASCII.
    LANG: 'C.UTF-8',
    HOME: home,
    PATH: '/usr/bin:/bin',
  };
  const options = { encoding: 'utf8', env, timeout: 300_000 } as const;
  demand(spawnSync(wine, ['wineboot', '-i'], options));
  return (words) => demand(spawnSync(wine, [program, 'run', ...words], options));
}

function demand(result: { readonly status: number | null; readonly stdout: string; readonly stderr: string }): string {
  if (result.status !== 0) {
    throw new Error(`A Windows program ended with ${result.status}: ${result.stderr.slice(-2_000)}`);
  }
  return result.stdout;
}

/** A file of this machine, as Wine names it. */
export function windowsName(file: string): string {
  return `Z:${file.replaceAll('/', '\\')}`;
}
