import os from 'node:os';
import type { HostFacts } from '#core/endpoint/endpoint.ts';
import { displayPath } from '#core/file/file-path.ts';
import { version } from '#core/version.ts';
import { operatingSystem } from './platform/operating-system.ts';
import { platformName, systemName } from './platform/system-name.ts';
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
    platform: platformName(),
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

/** What the system, and the user that the agent runs as, keep it from doing; nothing for root on Linux. */
function limitations(): readonly string[] {
  return [...systemLimitations(), ...userLimitations()];
}

function systemLimitations(): readonly string[] {
  const name = systemName();
  return platformName() === 'linux' ? [] : [`runs on ${name}: fetches and lists files, and takes none away`];
}

function userLimitations(): readonly string[] {
  if (process.geteuid === undefined || process.geteuid() === 0) {
    return [];
  }
  const user = line(ownUserName());
  return [
    `runs as user ${user}: cannot read, quarantine or list files that only other users may`,
    `runs as user ${user}: cannot give a restored file back to another owner or group`,
    `runs as user ${user}: cannot bring back capabilities and other privileged attributes`,
  ];
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
