import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import type { EndpointId, EndpointNumber } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';
import type { NetResponse } from '#core/ports/net.ts';
import { type EnrolmentReply, enrolmentPath, enrolmentReplySchema, enrolmentStatement } from '#wire/enrolment.ts';
import { newKeyPair, readPrivateKey, readPublicKey, signBytes } from '#wire/signature.ts';
import { hostFacts } from './host-facts.ts';
import { claim, type DataDirectory, dataDirectory, prepare } from './identity/data-directory.ts';
import { endpointIdOf, type Identity, readIdentity, writeIdentity } from './identity/identity.ts';
import { secureNet } from './link/secure-net.ts';
import { currentPlatform } from './platform/current.ts';
import { durableFiles } from './platform/durable-files.ts';

export interface Enrolment {
  /** The server's base URL, `https://...`. */
  readonly server: string;
  /** A file with the certificate authority to trust, PEM. */
  readonly caFile: string;
  readonly token: string;
  readonly dataDirectory: string;
  /** Directories to inventory. */
  readonly roots: readonly string[];
}

export interface EnrolledAgent {
  readonly endpointId: EndpointId;
  readonly endpointNumber: EndpointNumber;
}

type Keys = Pick<Identity, 'devicePrivateKey' | 'vaultIdentity' | 'vaultRecipient'>;

/**
 * Makes this machine's keys, or keeps those that the data directory has, and enrols with the server. Enrolling again
 * keeps key, id and number.
 * @throws Fault `invalid_request` for wrong arguments, `unauthenticated` for a token that the server does not take,
 *   `unavailable` when it cannot be reached or is not the pinned authority's, `conflict` while an agent runs here.
 */
export async function enrolAgent(enrolment: Enrolment): Promise<EnrolledAgent> {
  const server = serverUrl(enrolment.server);
  const authority = await readAuthority(enrolment.caFile);
  const directory = dataDirectory(enrolment.dataDirectory);
  await prepare(directory);
  const release = claim(directory, await currentPlatform());
  try {
    return await enrolInto(directory, { ...enrolment, server, authority });
  } finally {
    release();
  }
}

async function enrolInto(
  directory: DataDirectory,
  { server, authority, token, roots: given }: Enrolment & Pick<Identity, 'server' | 'authority'>,
): Promise<EnrolledAgent> {
  const keys = (await readIdentity(durableFiles, directory.identity)) ?? (await newKeys());
  const roots = given.map((root) => path.resolve(root));
  const reply = await ask({ server, authority, token, keys, roots });
  await writeIdentity(durableFiles, directory.identity, {
    v: 1,
    ...reply,
    server,
    authority,
    devicePrivateKey: keys.devicePrivateKey,
    vaultIdentity: keys.vaultIdentity,
    vaultRecipient: keys.vaultRecipient,
    roots,
  });
  return { endpointId: reply.endpointId, endpointNumber: reply.endpointNumber };
}

interface Question {
  readonly server: string;
  readonly authority: string;
  readonly token: string;
  readonly keys: Keys;
  readonly roots: readonly string[];
}

async function ask({ server, authority, token, keys, roots }: Question): Promise<EnrolmentReply> {
  const device = readPrivateKey(keys.devicePrivateKey);
  const claimed = {
    token,
    publicKey: Buffer.from(device.publicKey).toString('base64'),
    vaultRecipient: keys.vaultRecipient,
  };
  const signature = signBytes('custody-enrol-v1', enrolmentStatement(claimed), device.key);
  const request = { ...claimed, facts: hostFacts(roots), signature: Buffer.from(signature).toString('base64') };
  const response = await secureNet({ server, authority }).request({
    method: 'POST',
    path: enrolmentPath,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(request)),
  });
  return readReply(response, device.publicKey);
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

/** The message of an error answer, when it is one of ours. */
function reasonIn(text: string): string {
  const message = /"message"\s*:\s*"([^"\\]{1,300})"/.exec(text)?.[1];
  return message === undefined ? '' : ` (${message.replace(/\.$/, '')})`;
}

async function newKeys(): Promise<Keys> {
  const vaultIdentity = await generateX25519Identity();
  return {
    devicePrivateKey: newKeyPair().privatePem,
    vaultIdentity,
    vaultRecipient: await identityToRecipient(vaultIdentity),
  };
}

async function readAuthority(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Fault('invalid_request', `The authority's certificate ${file} cannot be read.`, { cause });
  });
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new Fault('invalid_request', `${file} holds no certificate in PEM form.`);
  }
  return text;
}

function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') {
    throw new Fault('invalid_request', `${text} is no https:// URL of a server.`);
  }
  return url.origin;
}
