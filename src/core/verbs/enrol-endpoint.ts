import { createHash } from 'node:crypto';
import { isInRanges } from '../access/address-range.ts';
import type { EnrolmentToken } from '../access/credential.ts';
import type { Endpoint, HostFacts } from '../endpoint/endpoint.ts';
import { type EndpointId, type EndpointNumber, endpointIdSchema, isEndpointNumber } from '../endpoint/endpoint-id.ts';
import { type MachineMark, machineEnrolled, noClaim, signOfCopy } from '../endpoint/machine.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Random } from '../ports/random.ts';
import type { EndpointReader } from '../ports/store/endpoints.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { hashToken } from './log-in.ts';
import { recordCopy } from './record-copy.ts';

export interface Enrolment {
  readonly token: string;
  /** Ed25519, 32 bytes, whose possession the caller has proved already. */
  readonly devicePublicKey: Uint8Array;
  readonly vaultRecipient: string;
  readonly facts: HostFacts;
  readonly remoteAddress: string;
  /** Left out by agents that do not know where they are. */
  readonly machine?: MachineMark;
}

/** The head of the key's SHA-256: an endpoint cannot choose its id. */
function endpointIdOf(devicePublicKey: Uint8Array): EndpointId {
  return endpointIdSchema.parse(createHash('sha256').update(devicePublicKey).digest('hex').slice(0, 32));
}

/**
 * Enrols a machine, or a machine that was enrolled before: the same key keeps its id and its number.
 * @throws Fault `unauthenticated` when the token is unknown, used up, expired, withdrawn or not for this address, or the endpoint is
 * revoked; `conflict` when the key is that of another machine, which is remembered as a copy and uses up nothing (promise P39).
 */
export async function enrolEndpoint(
  ports: Pick<Ports, 'store' | 'clock' | 'random'>,
  request: Enrolment,
): Promise<Endpoint> {
  const now = ports.clock.now();
  const id = endpointIdOf(request.devicePublicKey);
  const enrolled = await ports.store.transact(async (transaction) => {
    const tokenHash = hashToken(request.token);
    const token = await transaction.credentials.tokenByHash(tokenHash);
    const known = await transaction.endpoints.byId(id);
    if (token === undefined || !isFor(token, request.remoteAddress)) {
      throw new Fault('unauthenticated', uselessToken);
    }
    if (known !== undefined && known.revokedAt !== null) {
      throw new Fault('unauthenticated', 'This endpoint was revoked.');
    }
    if (known !== undefined && (await isCopy(transaction, { ...request, endpointId: id }, now))) {
      return 'copy';
    }
    const spent = await transaction.credentials.spendToken(tokenHash, now);
    if (spent === undefined) {
      // An endpoint whose first answer was lost asks again with a token that it has used up: it gets nothing but that answer.
      return known ?? Promise.reject(new Fault('unauthenticated', uselessToken));
    }
    const endpoint = known ?? (await newEndpoint(transaction, ports.random, { id, request, tags: spent.tags, now }));
    return finishEnrolment(transaction, { endpoint, again: known !== undefined, request, token: spent }, now);
  });
  if (enrolled === 'copy') {
    throw new Fault(
      'conflict',
      `The key in this directory is that of endpoint ${id}, which is another machine: this one is a copy. ` +
        'Move the directory away and enrol again, so that it gets a key of its own.',
    );
  }
  return enrolled;
}

const uselessToken =
  'The enrolment token is unknown, used up, expired, withdrawn or not for this address. Create a new one.';

function isFor({ revokedAt, addresses }: EnrolmentToken, remoteAddress: string): boolean {
  return revokedAt === null && (addresses.length === 0 || isInRanges(remoteAddress, addresses));
}

async function isCopy(
  transaction: Transaction,
  { endpointId, machine, facts, remoteAddress }: Enrolment & { readonly endpointId: EndpointId },
  now: Milliseconds,
): Promise<boolean> {
  const claim = { ...noClaim, machine: machine ?? noClaim.machine };
  const sign = signOfCopy(await transaction.machines.byEndpoint(endpointId), claim);
  if (sign === undefined) {
    return false;
  }
  await recordCopy(transaction, { endpointId, sign, claim, hostName: facts.hostName, remoteAddress }, now);
  return true;
}

interface Fresh {
  readonly id: EndpointId;
  readonly request: Enrolment;
  readonly tags: readonly string[];
  readonly now: Milliseconds;
}

async function newEndpoint(
  { endpoints }: Transaction,
  random: Random,
  { id, request, tags, now }: Fresh,
): Promise<Endpoint> {
  const fresh: Endpoint = {
    ...request.facts,
    id,
    number: await freeNumber(endpoints, random),
    devicePublicKey: request.devicePublicKey,
    vaultRecipient: request.vaultRecipient,
    alias: '',
    tags,
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

interface Enrolling {
  readonly endpoint: Endpoint;
  readonly again: boolean;
  readonly request: Enrolment;
  readonly token: EnrolmentToken;
}

async function finishEnrolment(
  { endpoints, machines, events }: Transaction,
  { endpoint, again, request, token }: Enrolling,
  now: Milliseconds,
): Promise<Endpoint> {
  const { facts, vaultRecipient, remoteAddress } = request;
  const { id } = endpoint;
  if (again) {
    await endpoints.updateFacts(id, facts, now);
    await endpoints.updateKeys(id, vaultRecipient);
  }
  await machines.put(machineEnrolled(id, await machines.byEndpoint(id), request.machine ?? noClaim.machine));
  const actor = { kind: 'agent', id, name: facts.hostName } as const;
  const told = { tokenId: token.id, remoteAddress, again };
  await events.append([{ type: 'endpoint_enrolled', at: now, actor, endpointId: id, facts: told }]);
  return { ...endpoint, ...facts, vaultRecipient };
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
