import type { z } from 'zod';
import type { hostFactsSchema } from '#wire/host-facts.ts';

export type HostFacts = z.infer<typeof hostFactsSchema>;

/** What the agent of this index says of its machine. */
export function simulatedFacts(index: number): HostFacts {
  return {
    hostName: `simulated-${index}`,
    platform: 'linux',
    operatingSystem: 'Debian GNU/Linux',
    operatingSystemVersion: '12',
    architecture: 'x64',
    addresses: [`10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`],
    macAddresses: [],
    users: ['root'],
    domain: '',
    agentVersion: '0.1.0',
    roots: ['/srv'],
    limitations: [],
  };
}
