import { readdirSync, readFileSync } from 'node:fs';

/** User names by number, from the machine's own list. (The runtime's answer comes from the environment, which is empty.) */
export function userNames(): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , uid] = line.split(':');
    if (name !== undefined && uid !== undefined && !names.has(Number(uid))) {
      names.set(Number(uid), name);
    }
  }
  return names;
}

/** The user that this process acts as, by name where it has one. */
export function ownUserName(): string {
  const uid = process.geteuid?.() ?? 0;
  return userNames().get(uid) ?? String(uid);
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
