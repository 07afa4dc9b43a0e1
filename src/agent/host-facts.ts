import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { HostFacts } from '#core/endpoint/endpoint.ts';
import { displayPath } from '#core/file/file-path.ts';
import { version } from '#core/version.ts';
import { ownUserName, presentUsers } from './platform/user-names.ts';

const longestLine = 1_000;

/** What this machine is, told at enrolment and at each connection. `noticed`: limitations found while working. */
export function hostFacts(roots: readonly string[], noticed: readonly string[] = []): HostFacts {
  const system = operatingSystem();
  const interfaces = Object.values(os.networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter((each) => !each.internal);
  return {
    hostName: line(os.hostname()),
    platform: 'linux',
    operatingSystem: line(system.name),
    operatingSystemVersion: line(system.version),
    architecture: os.arch(),
    addresses: unique(interfaces.map((each) => each.address)),
    macAddresses: unique(interfaces.map((each) => each.mac)).filter((mac) => mac !== '00:00:00:00:00:00'),
    users: presentUsers().slice(0, 256).map(line),
    domain: domain(),
    agentVersion: version,
    roots: roots.map((root) => displayPath(Buffer.from(root))),
    limitations: [...limitations(), ...noticed].map(line).slice(0, 64),
  };
}

/** What the user that the agent runs as keeps it from doing; nothing for root. */
function limitations(): readonly string[] {
  if (process.geteuid?.() === 0) {
    return [];
  }
  const user = line(ownUserName());
  return [
    `runs as user ${user}: cannot read, quarantine or list files that only other users may`,
    `runs as user ${user}: cannot give a restored file back to another owner or group`,
    `runs as user ${user}: cannot bring back capabilities and other privileged attributes`,
  ];
}

function operatingSystem(): { readonly name: string; readonly version: string } {
  try {
    const lines = readFileSync('/etc/os-release', 'utf8').split('\n');
    const value = (key: string) => lines.find((each) => each.startsWith(`${key}=`))?.slice(key.length + 1);
    const plain = (text: string | undefined) => text?.replace(/^["']|["']$/g, '');
    return { name: plain(value('NAME')) ?? os.type(), version: plain(value('VERSION_ID')) ?? os.release() };
  } catch {
    return { name: os.type(), version: os.release() };
  }
}

function domain(): string {
  const dot = os.hostname().indexOf('.');
  return dot === -1 ? '' : line(os.hostname().slice(dot + 1));
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].slice(0, 64);
}

function line(text: string): string {
  return text.slice(0, longestLine);
}
