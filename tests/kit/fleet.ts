import { createHash } from 'node:crypto';
import type { Principal } from '#core/access/principal.ts';
import { builtInRole } from '#core/access/role.ts';
import { wholeFleet } from '#core/access/scope.ts';
import type { Endpoint, HostFacts } from '#core/endpoint/endpoint.ts';
import type { FileFacts } from '#core/file/file.ts';
import { parsePath } from '#core/file/file-path.ts';
import { md5Schema, type Sha256, sha1Schema, sha256Schema } from '#core/file/hash.ts';
import type { Ports } from '#core/ports/ports.ts';
import { hour, minute } from '#core/time.ts';
import { connectEndpoint } from '#core/verbs/connect-endpoint.ts';
import { createEnrolmentToken } from '#core/verbs/create-enrolment-token.ts';
import { enrolEndpoint } from '#core/verbs/enrol-endpoint.ts';
import { recordInventory } from '#core/verbs/record-inventory.ts';
import { newDeviceKey } from './device-keys.ts';

export const administrator: Principal = {
  kind: 'local',
  id: 'test',
  name: 'test',
  role: builtInRole('Instance Administrator'),
  scope: wholeFleet,
};

const hostFacts: HostFacts = {
  hostName: 'web-1',
  platform: 'linux',
  operatingSystem: 'Debian GNU/Linux',
  operatingSystemVersion: '13',
  architecture: 'x64',
  addresses: ['192.0.2.10', '2001:db8::10'],
  macAddresses: ['02:00:00:00:00:01'],
  users: ['ana'],
  domain: '',
  agentVersion: '0.1.0',
  roots: ['/srv'],
  limitations: [],
};

/** A machine that has enrolled and is connected. */
export async function enrolMachine(ports: Ports, facts: Partial<HostFacts> = {}): Promise<Endpoint> {
  const { secret } = await createEnrolmentToken(ports, administrator, { uses: 1, lifetime: hour, tags: [] });
  const described = { ...hostFacts, ...facts };
  const { id } = await enrolEndpoint(ports, {
    token: secret,
    devicePublicKey: newDeviceKey(),
    vaultRecipient: 'age1test',
    facts: described,
    remoteAddress: '192.0.2.10',
  });
  const connectedUntil = ports.clock.now() + 2 * minute;
  return connectEndpoint(ports, { endpointId: id, facts: described, vaultRecipient: 'age1test', connectedUntil });
}

/** What an agent's inventory says of a file with these bytes. */
export function fileFacts(path: string, bytes: Uint8Array, facts: Partial<FileFacts> = {}): FileFacts {
  return {
    path: parsePath(path),
    size: bytes.length,
    sha256: sha256Of(bytes),
    sha1: sha1Schema.parse(createHash('sha1').update(bytes).digest('hex')),
    md5: md5Schema.parse(createHash('md5').update(bytes).digest('hex')),
    modifiedNs: '1700000000000000000',
    changedNs: '1700000000000000000',
    createdNs: null,
    mode: 0o644,
    uid: 0,
    gid: 0,
    owner: 'root',
    kind: 'other',
    package: null,
    ...facts,
  };
}

/** Reports files as an agent's inventory does. */
export async function inventory(ports: Ports, endpoint: Endpoint, files: readonly FileFacts[]): Promise<void> {
  await recordInventory(ports, { endpoint, files, gone: [] });
}

export function sha256Of(bytes: Uint8Array): Sha256 {
  return sha256Schema.parse(createHash('sha256').update(bytes).digest('hex'));
}
