import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, closeSync, ftruncateSync, lstatSync, openSync, writeSync } from 'node:fs';
import type { GeneratedFile } from './generated.ts';
import { run } from './images.ts';

/** Makes the file with the system's own tools; what the file system does not take is left out. */
export function makeGenerated(file: string, wanted: GeneratedFile): void {
  writeContent(file, wanted);
  chownSync(file, wanted.uid, wanted.gid);
  chmodSync(file, wanted.mode);
  for (const { name, value } of wanted.attributes) {
    spawnSync('setfattr', ['-n', name, '-v', `0x${Buffer.from(value).toString('hex')}`, file]);
  }
  if (wanted.acl.length > 0) {
    spawnSync('setfacl', ['-m', wanted.acl.join(','), file]);
  }
  for (const letter of wanted.flags) {
    spawnSync('chattr', [`+${letter}`, file]);
  }
  run('sync', ['-f', file]);
  run('touch', ['-a', '-d', dateOf(wanted.accessedNs), file]);
  run('touch', ['-m', '-d', dateOf(wanted.modifiedNs), file]);
}

function writeContent(file: string, { size, pieces }: GeneratedFile): void {
  const handle = openSync(file, 'wx', 0o600);
  try {
    ftruncateSync(handle, size);
    for (const { at, bytes } of pieces) {
      writeSync(handle, bytes, 0, bytes.length, at);
    }
  } finally {
    closeSync(handle);
  }
}

function dateOf(nanoseconds: bigint): string {
  const rest = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return `@${(nanoseconds - rest) / 1_000_000_000n}.${String(rest).padStart(9, '0')}`;
}

/** What the system's own tools say of a file, one line for each thing that must come back. */
export function metadataOf(file: string): ReadonlyMap<string, string> {
  const stats = lstatSync(file, { bigint: true });
  const said = {
    mode: (stats.mode & 0o7777n).toString(8),
    owner: `${stats.uid}:${stats.gid}`,
    accessed: String(stats.atimeNs),
    modified: String(stats.mtimeNs),
    size: String(stats.size),
    acl: toldBy('getfacl', ['--absolute-names', '--numeric', '--omit-header', file]),
    flags: (toldBy('lsattr', ['-d', file]).split(' ')[0] ?? '').replaceAll(/[e-]/g, ''),
    ...attributesOf(file),
  };
  return new Map(Object.entries(said));
}

function toldBy(program: string, words: readonly string[]): string {
  const { stdout } = spawnSync(program, words);
  return stdout.toString('latin1');
}

function attributesOf(file: string): Readonly<Record<string, string>> {
  const lines = toldBy('getfattr', ['--absolute-names', '-d', '-m', '-', '-e', 'hex', file]).split('\n');
  const pairs = lines.filter((line) => !line.startsWith('#') && line.includes('=0x'));
  const isMine = (line: string) => !line.startsWith('security.selinux');
  return Object.fromEntries(
    pairs.filter(isMine).map((line) => [line.slice(0, line.lastIndexOf('=')), line.slice(line.lastIndexOf('=') + 1)]),
  );
}

/** Allocated bytes. */
export function allocatedOf(file: string): number {
  return Number(lstatSync(file, { bigint: true }).blocks) * 512;
}

/** In words, what is not as it was. */
export function differences(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => before.get(key) !== after.get(key))
    .map((key) => `${key} was ${before.get(key) ?? 'absent'} and is ${after.get(key) ?? 'absent'}`);
}
