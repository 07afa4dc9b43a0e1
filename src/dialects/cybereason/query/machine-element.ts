import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { Platform } from '#core/endpoint/platform.ts';
import { presenceOf } from '#core/endpoint/presence.ts';
import { machineGuid, userGuid } from '#core/file/guid.ts';
import type { Milliseconds } from '#core/time.ts';
import { pylumId } from '../pylum-id.ts';
import { type Element, type ElementReference, nonEmpty, type SimpleFeatures } from './element.ts';

const osTypes: Record<Platform, string> = { linux: 'LINUX', macos: 'OSX', windows: 'WINDOWS' };

const architectures: Readonly<Record<string, string>> = {
  x64: 'ARCH_AMD64',
  x86_64: 'ARCH_AMD64',
  amd64: 'ARCH_AMD64',
  arm64: 'ARCH_ARM64',
  aarch64: 'ARCH_ARM64',
};

/** What is known of a machine beside its record. */
export interface MachineContext {
  readonly hasMalops: boolean;
  /** Those that incidents name. */
  readonly processes: readonly ElementReference[];
}

export function machineReference({ number, hostName }: Pick<Endpoint, 'number' | 'hostName'>): ElementReference {
  return { elementType: 'Machine', guid: machineGuid(number), name: hostName };
}

/** An endpoint as a Machine element. */
export function machineElement(endpoint: Endpoint, now: Milliseconds, context?: MachineContext): Element {
  const self = machineReference(endpoint);
  return {
    ...self,
    simple: {
      ...simpleFeatures(endpoint, now),
      ...(context !== undefined && { hasMalops: String(context.hasMalops) }),
    },
    references: nonEmpty({
      self: [self],
      users: endpoint.users.map((name): ElementReference => ({ elementType: 'User', guid: userGuid(name), name })),
      processes: context?.processes ?? [],
    }),
    groupedBy: { kind: 'MachineRuntime', guid: self.guid },
    hasMalops: context?.hasMalops ?? false,
  };
}

function simpleFeatures(endpoint: Endpoint, now: Milliseconds): SimpleFeatures {
  const connected = String(presenceOf(endpoint, now) === 'connected');
  const { hostName, domain, architecture } = endpoint;
  return {
    elementDisplayName: hostName,
    pylumId: pylumId(endpoint),
    isActiveProbeConnected: connected,
    isConnected: connected,
    osType: osTypes[endpoint.platform],
    osVersionType: `${endpoint.operatingSystem} ${endpoint.operatingSystemVersion}`.trim().replace(/\s+/g, '_'),
    platformArchitecture: architectures[architecture.toLowerCase()] ?? `ARCH_${architecture.toUpperCase()}`,
    lastSeenTimeStamp: String(endpoint.lastSeen),
    timeStampSinceLastConnectionTime: String(endpoint.lastSeen),
    ...(domain === '' ? {} : fullNames(hostName, domain)),
  };
}

/** A host name that is whole already stays as it is. */
function fullNames(hostName: string, domain: string): SimpleFeatures {
  const whole = hostName.toLowerCase().endsWith(`.${domain.toLowerCase()}`) ? hostName : `${hostName}.${domain}`;
  return { domainFqdn: whole, adDNSHostName: whole };
}
