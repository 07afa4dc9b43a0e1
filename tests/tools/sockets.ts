import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What /proc says of the sockets of one process that others could speak to, a line each. */
export function openDoors(pid: number): readonly string[] {
  const own = ownSockets(pid);
  return [
    ...['tcp', 'tcp6'].flatMap((table) =>
      rows(pid, table).filter((row) => row[3] === listening && own.has(row[9] ?? '')),
    ),
    // A datagram socket that is bound and not connected hears everybody.
    ...['udp', 'udp6'].flatMap((table) =>
      rows(pid, table).filter((row) => isUnconnected(row) && own.has(row[9] ?? '')),
    ),
    ...rows(pid, 'unix').filter((row) => accepts(row) && own.has(row[6] ?? '')),
  ].map((row) => row.join(' '));
}

/** proc_net(5): the state of a TCP socket, and the flag of a Unix socket, that listens. */
const listening = '0A';
const acceptsConnections = 0x10000;

function isUnconnected(row: readonly string[]): boolean {
  return /^0+:0000$/.test(row[2] ?? '');
}

function accepts(row: readonly string[]): boolean {
  return (Number.parseInt(row[3] ?? '0', 16) & acceptsConnections) !== 0;
}

function rows(pid: number, table: string): readonly (readonly string[])[] {
  const [, ...lines] = readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n');
  return lines.map((line) => line.trim().split(/\s+/));
}

/** The inodes of a process's sockets. */
function ownSockets(pid: number): ReadonlySet<string> {
  const targets = readdirSync(`/proc/${pid}/fd`).flatMap((name) => linkOf(`/proc/${pid}/fd/${name}`) ?? []);
  return new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
}

/** Undefined for a descriptor that was closed meanwhile. */
function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
