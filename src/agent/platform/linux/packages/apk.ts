import path from 'node:path';
import { type Asked, readRecords } from './asked.ts';
import type { RecordBook } from './record-book.ts';

/** apk-tools 2, and 3 on a system with everything in /usr. */
const databases = ['lib/apk/db/installed', 'usr/lib/apk/db/installed'];

/**
 * apk keeps one text of all packages: `P:` name, `F:` directory, `R:` file in it, and `Z:` its digest, `Q1` before
 * base64 of a SHA-1, `Q2` before that of a SHA-256 (apk-tools, installed database format).
 */
export function apkPackageOf(asked: Asked): string | undefined {
  for (const database of databases) {
    const records = readRecords(path.join(asked.root, database))?.toString('latin1');
    const found = records === undefined ? undefined : packageIn(records, asked);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** Every record of every package: SHA-1 or SHA-256 in hex. */
export function readApkRecords(root: string, book: RecordBook): void {
  for (const database of databases) {
    const records = readRecords(path.join(root, database))?.toString('latin1');
    if (records !== undefined) {
      let [owner, directory, file] = [0, '', ''];
      for (const line of records.split('\n')) {
        const value = line.slice(2);
        switch (line.slice(0, 2)) {
          case 'P:':
            owner = book.addPackage(value);
            break;
          case 'F:':
            directory = value;
            break;
          case 'R:':
            file = directory === '' ? `/${value}` : `/${directory}/${value}`;
            break;
          case 'Z:':
            book.add(file, Buffer.from(value.slice(2), 'base64').toString('hex'), owner);
            break;
        }
      }
    }
  }
}

function packageIn(records: string, { names, digests }: Asked): string | undefined {
  let [name, directory, file] = ['', '', ''];
  for (const line of records.split('\n')) {
    const value = line.slice(2);
    switch (line.slice(0, 2)) {
      case 'P:':
        name = value;
        break;
      case 'F:':
        directory = value;
        file = '';
        break;
      case 'R:':
        file = directory === '' ? `/${value}` : `/${directory}/${value}`;
        break;
      case 'Z:':
        if (names.includes(file) && isDigest(value, digests)) {
          return name;
        }
        break;
    }
  }
  return undefined;
}

function isDigest(value: string, digests: Asked['digests']): boolean {
  const recorded = Buffer.from(value.slice(2), 'base64').toString('hex');
  return value.startsWith('Q2') ? recorded === digests.sha256 : value.startsWith('Q1') && recorded === digests.sha1;
}
