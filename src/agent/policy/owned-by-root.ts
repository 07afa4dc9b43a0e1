import fs from 'node:fs';
import path from 'node:path';
import { Fault } from '#core/fault.ts';
import { systemErrorCode } from '../platform/system-error.ts';

const othersMayWrite = 0o022;
const sticky = 0o1000;

/**
 * Demands that only root, and the user that this process runs as, can change a file or put another one in its place. It
 * looks from the root downwards: below a directory that is safe, nobody else can exchange the next one.
 * @returns whether the file is there.
 * @throws Fault `invalid_request` with what is unsafe.
 */
export function demandOwnedByRoot(file: string): boolean {
  if (process.geteuid === undefined && factsOf(file) === undefined) {
    return false;
  }
  const directories = ancestors(file);
  for (const [index, directory] of directories.entries()) {
    const facts = factsOf(directory);
    if (facts === undefined) {
      return false;
    }
    if (!facts.isDirectory()) {
      throw unsafe(`${directory} is no directory (a link will not do)`);
    }
    demandOwner(directory, facts);
    const below = directories[index + 1] ?? file;
    // In a sticky directory others can make names, but neither remove nor replace one that is not theirs.
    const isKept = (facts.mode & sticky) !== 0 && factsOf(below) !== undefined;
    if ((facts.mode & othersMayWrite) !== 0 && !isKept) {
      throw unsafe(`group or others may write in ${directory}`);
    }
  }
  const facts = factsOf(file);
  if (facts !== undefined) {
    demandOwnFile(file, facts);
  }
  return facts !== undefined;
}

/** @throws Fault `invalid_request` for what is no regular file of root's that only its owner may write. */
export function demandOwnFile(file: string, facts: fs.Stats): void {
  if (!facts.isFile()) {
    throw unsafe(`${file} is no regular file`);
  }
  demandOwner(file, facts);
  if ((facts.mode & othersMayWrite) !== 0) {
    throw unsafe(`group or others may write ${file}`);
  }
}

function demandOwner(name: string, { uid }: fs.Stats): void {
  const own = process.geteuid?.();
  if (own === undefined) {
    throw unsafe('this system does not say who owns a file');
  }
  if (uid !== 0 && uid !== own) {
    throw unsafe(`${name} belongs to user ${uid}, and may belong to root only`);
  }
}

/** From the root to the file's own directory. */
function ancestors(file: string): readonly string[] {
  const directory = path.dirname(file);
  return directory === file ? [] : [...ancestors(directory), directory];
}

function factsOf(name: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(name);
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOENT') {
      return undefined;
    }
    throw failure;
  }
}

function unsafe(why: string): Fault {
  return new Fault('invalid_request', why);
}
