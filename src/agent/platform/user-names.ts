import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { systemErrorCode } from './system-error.ts';

/**
 * User names by number, from the machine's own list. (The runtime's answer comes from the environment, which is empty.)
 * On macOS it holds the system's own users only: people are in a directory service, and stand here by their numbers.
 * Windows has no numbers, and every file there has the same in their stead. A machine whose list is gone needs its agent most:
 * everybody stands by number then.
 */
export function userNames(): ReadonlyMap<number, string> {
  return process.platform === 'win32' ? new Map([[0, 'unknown']]) : parsePasswd(readAccounts('/etc/passwd'));
}

export function readAccounts(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (failure) {
    if (systemErrorCode(failure) === undefined) {
      throw failure;
    }
    return '';
  }
}

/** passwd(5), where the first of two names of one number counts; comments are macOS’s. */
export function parsePasswd(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':');
    if (name !== undefined && uid !== undefined && !name.startsWith('#') && !names.has(Number(uid))) {
      names.set(Number(uid), name);
    }
  }
  return names;
}

/** The user that this process acts as, by name where it has one. */
export function ownUserName(): string {
  const uid = process.geteuid?.();
  return uid === undefined ? os.userInfo().username : (userNames().get(uid) ?? String(uid));
}

/** Whoever is logged in, where the system keeps a directory for each; else the user that the agent runs as. */
export function presentUsers(): readonly string[] {
  const names = userNames();
  const present = sessionNumbers().map((uid) => names.get(uid) ?? String(uid));
  return present.length === 0 ? [ownUserName()] : present;
}

function sessionNumbers(): readonly number[] {
  try {
    return readdirSync('/run/user').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}
