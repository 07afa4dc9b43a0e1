import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { EndpointId, EndpointNumber } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';
import type { Net, NetResponse } from '#core/ports/net.ts';
import { type EnrolmentReply, enrolmentPath, enrolmentReplySchema, enrolmentStatement } from '#wire/enrolment.ts';
import { readPrivateKey, readPublicKey, signBytes } from '#wire/signature.ts';
import { hostFacts } from './host-facts.ts';
import { readAuthorities } from './identity/authorities.ts';
import { claim, type DataDirectory, dataDirectory, prepare } from './identity/data-directory.ts';
import { type DeviceKeys, enrolmentKeys } from './identity/enrolment-keys.ts';
import { endpointIdOf, type Identity, readIdentity, writeIdentity } from './identity/identity.ts';
import { readProxy } from './identity/proxy.ts';
import { serverUrls } from './identity/server-url.ts';
import { secureNet } from './link/secure-net.ts';
import { currentPlatform } from './platform/current.ts';
import { durableFiles } from './platform/durable-files.ts';
import { machineMark } from './platform/machine-mark.ts';

export interface Enrolment {
  /** The server's base URL, `https://...`. */
  readonly server: string;
  /** Its other addresses, tried in this order after the first. */
  readonly otherServers?: readonly string[] | undefined;
  /** A file with the certificate authorities to trust, PEM. */
  readonly caFile: string;
  /** URL of the HTTP(S) proxy that leads outside, `http://USER:PASSWORD@HOST:PORT`, or `none`. */
  readonly proxy?: string | undefined;
  /** Servers that are reached without the proxy. Default: what `NO_PROXY` says now. */
  readonly noProxy?: string | undefined;
  /** A file with the authority of an `https://` proxy, PEM. */
  readonly proxyCaFile?: string | undefined;
  readonly token: string;
  readonly dataDirectory: string;
  /** Directories to inventory. Default: those of an earlier enrolment, if there was one. */
  readonly roots?: readonly string[];
}

export interface EnrolledAgent {
  readonly endpointId: EndpointId;
  readonly endpointNumber: EndpointNumber;
  /** The directories that are inventoried from now on. */
  readonly roots: readonly string[];
  /** Those among them that are not here, which may be as it should be: they count from the first scan that finds them. */
  readonly missingRoots: readonly string[];
}

type Ways = Pick<Identity, 'servers' | 'authorities' | 'proxy'>;

/**
 * Makes this machine's keys, or keeps those that the data directory has, and enrols with the server. Enrolling again
 * keeps key, id and number, and so does going on with an enrolment that was cut off at any point.
 * @throws Fault `invalid_request` for wrong arguments, `unauthenticated` for a token that the server does not take,
 *   `unavailable` when it cannot be reached or is not the pinned authority's, `conflict` while an agent runs here.
 */
export async function enrolAgent(enrolment: Enrolment): Promise<EnrolledAgent> {
  const ways = await readWays(enrolment);
  const directory = dataDirectory(enrolment.dataDirectory);
  await prepare(directory);
  const release = claim(directory, await currentPlatform());
  try {
    return await enrolInto(directory, enrolment, ways);
  } finally {
    release();
  }
}

async function readWays(enrolment: Enrolment): Promise<Ways> {
  const { server, otherServers = [], caFile, proxy: url, noProxy: except, proxyCaFile } = enrolment;
  const servers = [...serverUrls([server, ...otherServers])];
  const authorities = [...(await readAuthorities(caFile))];
  const authority = proxyCaFile === undefined ? undefined : (await readAuthorities(proxyCaFile)).join('');
  return {
    servers,
    authorities,
    proxy: url === undefined || url === 'none' ? null : readProxy({ url, except, authority }),
  };
}

async function enrolInto(directory: DataDirectory, enrolment: Enrolment, ways: Ways): Promise<EnrolledAgent> {
  const known = await readIdentity(durableFiles, directory.identity);
  const keys = known ?? (await enrolmentKeys(durableFiles, directory.enrolment));
  const roots = enrolment.roots?.map((root) => path.resolve(root)) ?? known?.roots ?? [];
  const reply = await askEach(ways, { token: enrolment.token, keys, roots });
  const { devicePrivateKey, vaultIdentity, vaultRecipient } = keys;
  await writeIdentity(durableFiles, directory.identity, {
    v: 2,
    ...reply,
    ...ways,
    formerServers: [],
    trustSequence: known?.orderKey === reply.orderKey ? known.trustSequence : 0,
    orderKeySequence: known?.orderKey === reply.orderKey ? known.orderKeySequence : 0,
    ...{ devicePrivateKey, vaultIdentity, vaultRecipient, roots },
  });
  // The server counts this agent's connections from the beginning again.
  await durableFiles.remove(directory.lineage);
  await durableFiles.remove(directory.enrolment);
  const { endpointId, endpointNumber } = reply;
  return { endpointId, endpointNumber, roots, missingRoots: roots.filter((root) => !existsSync(root)) };
}

interface Question {
  readonly token: string;
  readonly keys: DeviceKeys;
  readonly roots: readonly string[];
}

/** The first server that can be reached answers for all. */
async function askEach({ servers, authorities, proxy }: Ways, question: Question): Promise<EnrolmentReply> {
  let failure: unknown;
  for (const server of servers) {
    const net = secureNet(() => ({ server, authorities, proxy }));
    const response = await ask(net, question).catch((thrown: unknown) => {
      failure = thrown;
      return undefined;
    });
    if (response !== undefined) {
      return readReply(response, readPrivateKey(question.keys.devicePrivateKey).publicKey);
    }
  }
  throw failure;
}

async function ask(net: Net, { token, keys, roots }: Question): Promise<NetResponse> {
  const device = readPrivateKey(keys.devicePrivateKey);
  const claimed = {
    token,
    publicKey: Buffer.from(device.publicKey).toString('base64'),
    vaultRecipient: keys.vaultRecipient,
  };
  const signature = signBytes('custody-enrol-v1', enrolmentStatement(claimed), device.key);
  const request = {
    ...claimed,
    facts: hostFacts(roots),
    machine: machineMark(),
    signature: Buffer.from(signature).toString('base64'),
  };
  return net.request({
    method: 'POST',
    path: enrolmentPath,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(request)),
  });
}

function readReply(response: NetResponse, publicKey: Uint8Array): EnrolmentReply {
  const text = Buffer.from(response.body).toString();
  if (response.status === 401 || response.status === 403) {
    throw new Fault('unauthenticated', `The server refused the enrolment token${reasonIn(text)}.`);
  }
  if (response.status < 200 || response.status > 299) {
    throw new Fault(
      'unavailable',
      `The server answered the enrolment with status ${response.status}${reasonIn(text)}.`,
    );
  }
  const reply = parseReply(text);
  if (reply.endpointId !== endpointIdOf(publicKey)) {
    throw new Fault(
      'unavailable',
      'The server answered with an endpoint id that is not the hash of this device’s key.',
    );
  }
  readPublicKey(Buffer.from(reply.orderKey, 'base64'));
  return reply;
}

function parseReply(text: string): EnrolmentReply {
  try {
    return enrolmentReplySchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Fault('unavailable', 'The server’s answer to the enrolment cannot be read.', { cause });
  }
}

const errorSchema = z.object({ error: z.string().max(1_000) });

/** The message of an error answer, when it is one of ours. */
function reasonIn(text: string): string {
  try {
    const { error } = errorSchema.parse(JSON.parse(text));
    return ` (${error.replace(/\.$/, '')})`;
  } catch {
    return '';
  }
}
