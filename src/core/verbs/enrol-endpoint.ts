import { createHash } from 'node:crypto';
import type { Endpoint, HostFacts } from '../endpoint/endpoint.ts';
import { type EndpointId, type EndpointNumber, endpointIdSchema, isEndpointNumber } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Random } from '../ports/random.ts';
import type { EndpointReader } from '../ports/store/endpoints.ts';
import { hashToken } from './log-in.ts';

export interface Enrolment {
  readonly token: string;
  /** Ed25519, 32 bytes, whose possession the caller has proved already. */
  readonly devicePublicKey: Uint8Array;
  readonly vaultRecipient: string;
  readonly facts: HostFacts;
  readonly remoteAddress: string;
}

/** The head of the key's SHA-256: an endpoint cannot choose its id. */
function endpointIdOf(devicePublicKey: Uint8Array): EndpointId {
  return endpointIdSchema.parse(createHash('sha256').update(devicePublicKey).digest('hex').slice(0, 32));
}

/**
 * Enrols a machine, or a machine that was enrolled before: the same key keeps its id and its number.
 * @throws Fault `unauthenticated` when the token is unknown, used up or expired, or the endpoint is revoked.
 */
export async function enrolEndpoint(
  ports: Pick<Ports, 'store' | 'clock' | 'random'>,
  request: Enrolment,
): Promise<Endpoint> {
  const now = ports.clock.now();
  return ports.store.transact(async ({ credentials, endpoints, events }) => {
    const id = endpointIdOf(request.devicePublicKey);
    const known = await endpoints.byId(id);
    const tokenHash = hashToken(request.token);
    const spent = await credentials.spendToken(tokenHash, now);
    // An endpoint whose first answer was lost asks again with a token that it has used up: it gets nothing but that answer.
    const token = spent ?? (known && (await credentials.tokens()).find((each) => each.tokenHash === tokenHash));
    if (token === undefined) {
      throw new Fault('unauthenticated', 'The enrolment token is unknown, used up or expired. Create a new one.');
    }
    const endpoint = known === undefined ? await newEndpoint() : await knownEndpoint(known);
    const actor = { kind: 'agent', id, name: request.facts.hostName } as const;
    const facts = { tokenId: token.id, remoteAddress: request.remoteAddress, again: known !== undefined };
    await events.append([{ type: 'endpoint_enrolled', at: now, actor, endpointId: id, facts }]);
    return endpoint;

    async function newEndpoint(): Promise<Endpoint> {
      const fresh: Endpoint = {
        ...request.facts,
        id,
        number: await freeNumber(endpoints, ports.random),
        devicePublicKey: request.devicePublicKey,
        vaultRecipient: request.vaultRecipient,
        alias: '',
        tags: token?.tags ?? [],
        enrolledAt: now,
        lastSeen: now,
        connectedUntil: null,
        revokedAt: null,
        archivedAt: null,
        archiveReason: '',
      };
      await endpoints.insert(fresh);
      return fresh;
    }

    async function knownEndpoint(endpoint: Endpoint): Promise<Endpoint> {
      if (endpoint.revokedAt !== null) {
        throw new Fault('unauthenticated', 'This endpoint was revoked.');
      }
      await endpoints.updateFacts(id, request.facts, now);
      await endpoints.updateKeys(id, request.vaultRecipient);
      return { ...endpoint, ...request.facts, vaultRecipient: request.vaultRecipient };
    }
  });
}

/** Drawn, never hashed from the id: a collision would give two machines one GUID space. */
async function freeNumber(endpoints: EndpointReader, random: Random): Promise<EndpointNumber> {
  for (;;) {
    const number = random.int32();
    if (isEndpointNumber(number) && (await endpoints.byNumbers([number])).length === 0) {
      return number;
    }
  }
}
