import { readFileSync } from 'node:fs';

/** One platform that a one-file executable is built for. */
export interface BuildTarget {
  /** As Bun's `--target` has it, without `bun-` in front; also the end of the executable's name. */
  readonly name: string;
  /** The npm package that holds this platform's Bun. */
  readonly package: string;
  /** Where in that package. */
  readonly program: string;
  readonly suffix: '' | '.exe';
}

function target(name: string, packageName: string): BuildTarget {
  const suffix = name.startsWith('windows') ? '.exe' : '';
  return { name, package: `@oven/bun-${packageName}`, program: `bin/bun${suffix}`, suffix };
}

export const buildTargets: readonly BuildTarget[] = [
  target('linux-x64', 'linux-x64'),
  target('linux-x64-musl', 'linux-x64-musl'),
  target('linux-arm64', 'linux-aarch64'),
  target('linux-arm64-musl', 'linux-aarch64-musl'),
  target('darwin-x64', 'darwin-x64'),
  target('darwin-arm64', 'darwin-aarch64'),
  target('windows-x64', 'windows-x64'),
  target('windows-arm64', 'windows-aarch64'),
];

/** The target that this machine can run; undefined where none is. */
export function nativeTarget(): BuildTarget | undefined {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const library = system === 'linux' && usesMusl() ? '-musl' : '';
  return buildTargets.find(({ name }) => name === `${system}-${process.arch}${library}`);
}

/** Which C library this very process has loaded; an executable for the other one would not start. */
function usesMusl(): boolean {
  return /\/ld-musl-/.test(readFileSync('/proc/self/maps', 'utf8'));
}
