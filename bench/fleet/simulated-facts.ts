import type { z } from 'zod';
import type { hostFactsSchema } from '#wire/host-facts.ts';

export type HostFacts = z.infer<typeof hostFactsSchema>;

const systems = [
  ['Debian GNU/Linux', '12'],
  ['Debian GNU/Linux', '13'],
  ['Ubuntu', '24.04'],
  ['Red Hat Enterprise Linux', '9.6'],
] as const;

/** What the agent of this index says of its machine. */
export function simulatedFacts(index: number): HostFacts {
  const [operatingSystem = '', operatingSystemVersion = ''] = systems[index % systems.length] ?? [];
  return {
    hostName: `simulated-${index}`,
    platform: 'linux',
    operatingSystem,
    operatingSystemVersion,
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
