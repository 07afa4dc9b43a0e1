import fs from 'node:fs';
import path from 'node:path';
import { type Asked, readRecords } from './asked.ts';
import type { RecordBook } from './record-book.ts';

const md5Length = 32;
const newline = 0x0a;

/**
 * dpkg keeps `<md5>  <path without the first slash>` per file in `info/<package>.md5sums`, configuration files in `status`,
 * and in `diversions` what was moved aside: a diverted file has the digest of the name that its package gave it (dpkg-divert(1)).
 */
export function dpkgPackageOf({ root, names, digests }: Asked): string | undefined {
  const home = path.join(root, 'var/lib/dpkg');
  const wanted = [...names, ...divertedFrom(home, names)];
  for (const list of listsOf(path.join(home, 'info'))) {
    const records = readRecords(path.join(home, 'info', list));
    if (records !== undefined && wanted.some((name) => isRecorded(records, name, digests))) {
      return packageOfList(list);
    }
  }
  return configurationOf(home, wanted, digests);
}

/** Every record of every package, configuration files included. */
export function readDpkgRecords(root: string, book: RecordBook): void {
  const home = path.join(root, 'var/lib/dpkg');
  for (const list of listsOf(path.join(home, 'info'))) {
    const owner = book.addPackage(packageOfList(list));
    for (const line of linesOf(readRecords(path.join(home, 'info', list)))) {
      book.add(`/${line.slice(md5Length + 2)}`, line.slice(0, md5Length), owner);
    }
  }
  let owner = 0;
  for (const line of linesOf(readRecords(path.join(home, 'status')))) {
    if (line.startsWith('Package: ')) {
      owner = book.addPackage(line.slice('Package: '.length));
    }
    const [, name, digest] = /^ (\/.*) ([0-9a-f]{32})(?: obsolete)?$/.exec(line) ?? [];
    if (name !== undefined && digest !== undefined) {
      book.add(name, digest, owner);
    }
  }
}

/** As `divertedFrom`, of one name among others, read once for many. */
export function readDiversions(root: string): ReadonlyMap<string, string> {
  const lines = linesOf(readRecords(path.join(root, 'var/lib/dpkg/diversions')));
  return new Map(lines.flatMap((line, index) => (index % 3 === 1 ? [[line, lines[index - 1] ?? '']] : [])));
}

function linesOf(records: Buffer | undefined): readonly string[] {
  return records?.toString('latin1').split('\n') ?? [];
}

function packageOfList(list: string): string {
  return list.slice(0, -'.md5sums'.length).replace(/:[^:]*$/, '');
}

function listsOf(directory: string): readonly string[] {
  return fs.existsSync(directory) ? fs.readdirSync(directory).filter((name) => name.endsWith('.md5sums')) : [];
}

/** The file is read for its digest only when the record names it. */
function isRecorded(records: Buffer, name: string, digests: Asked['digests']): boolean {
  const recorded = recordedDigest(records, name);
  return recorded !== undefined && recorded === digests.md5;
}

function recordedDigest(records: Buffer, name: string): string | undefined {
  const needle = Buffer.from(`  ${name.slice(1)}\n`, 'latin1');
  const at = records.indexOf(needle);
  const start = at - md5Length;
  const isLine = at !== -1 && start >= 0 && (start === 0 || records[start - 1] === newline);
  return isLine ? records.toString('latin1', start, at) : undefined;
}

/** The file is three lines each: the original name, where it was moved, and the package that moved it. */
function divertedFrom(home: string, names: readonly string[]): readonly string[] {
  const lines = readRecords(path.join(home, 'diversions'))?.toString('latin1').split('\n') ?? [];
  return lines.flatMap((line, index) => {
    const original = index % 3 === 1 ? lines[index - 1] : undefined;
    return original !== undefined && names.includes(line) ? [original] : [];
  });
}

/** ` /etc/name <md5>` in the `Conffiles` field of a package's paragraph. */
function configurationOf(home: string, names: readonly string[], digests: Asked['digests']): string | undefined {
  const status = readRecords(path.join(home, 'status'));
  for (const name of names) {
    const at = status?.indexOf(Buffer.from(`\n ${name} `, 'latin1')) ?? -1;
    if (status === undefined || at === -1) {
      continue;
    }
    const digest = at + name.length + 3;
    if (status.toString('latin1', digest, digest + md5Length) === digests.md5) {
      return packageAbove(status, at);
    }
  }
  return undefined;
}

function packageAbove(status: Buffer, at: number): string {
  const field = status.lastIndexOf('Package: ', at);
  const end = status.indexOf('\n', field);
  return status.toString('latin1', field + 'Package: '.length, end);
}
