import { hash } from 'node:crypto';
import type { Brand } from '../brand.ts';
import { type EndpointNumber, isEndpointNumber } from '../endpoint/endpoint-id.ts';
import type { IncidentId } from '../incident/incident-id.ts';
import type { Milliseconds } from '../time.ts';
import type { FilePath } from './file-path.ts';
import type { Sha1 } from './hash.ts';

/** `<endpoint number>.<int64>`, both signed decimals: the numeric spelling of a Cybereason GUID. */
export type Guid = Brand<string, 'Guid'>;

/** The second half of every Machine element's GUID (the same in every sample seen). */
const machineSuffix = '1198775089551518743';

const numeric = /^(-?\d{1,10})\.(-?\d{1,19})$/;
const compact = /^[A-Za-z0-9_-]{16}$/;

/** A pure function of endpoint and path: the same over restarts and re-enrolment. */
export function fileGuid(endpoint: EndpointNumber, path: FilePath): Guid {
  return guidOf(endpoint, hashToInt64('custody-file-v1', path));
}

/** The GUID of the QuarantineFile element that one vault object is shown as. */
export function quarantineFileGuid(endpoint: EndpointNumber, vaultObject: string): Guid {
  return guidOf(endpoint, hashToInt64('custody-quarantine-file-v1', new TextEncoder().encode(vaultObject)));
}

export function machineGuid(endpoint: EndpointNumber): Guid {
  return `${endpoint}.${machineSuffix}` as Guid;
}

/** What Cybereason's clients call the GUID of a MalOp: its first half is no endpoint's. */
export function incidentGuid(id: IncidentId): Guid {
  return guidOf(11, hashToInt64('custody-incident-v1', new TextEncoder().encode(id)));
}

/** A running program is its file, its number and when it started; what nobody said of them counts as one value. */
export function processGuid(
  endpoint: EndpointNumber,
  process: { readonly path: FilePath; readonly pid: number | null; readonly startedAt: Milliseconds | null },
): Guid {
  const facts = new TextEncoder().encode(`${process.pid ?? ''}\0${process.startedAt ?? ''}\0`);
  return guidOf(endpoint, hashToInt64('custody-process-v1', Buffer.concat([facts, process.path])));
}

/** One User element for each name, whatever machines it was seen on; its first half is no endpoint's. */
export function userGuid(name: string): Guid {
  return guidOf(0, hashToInt64('custody-user-v1', new TextEncoder().encode(name.toLowerCase())));
}

/** What files of one content are grouped by; its first half is no endpoint's. */
export function fileHashGuid(sha1: Sha1): Guid {
  return guidOf(0, BigInt.asIntN(64, BigInt(`0x${sha1.slice(0, 16)}`)));
}

/** Reads either spelling, numeric or 16 base64url characters; undefined when the text is no GUID. */
export function parseGuid(text: string): Guid | undefined {
  if (compact.test(text)) {
    return fromCompact(text);
  }
  const match = numeric.exec(text);
  if (match === null || match[1] === undefined || match[2] === undefined) {
    return undefined;
  }
  const high = BigInt(match[1]);
  const low = BigInt(match[2]);
  const fits = BigInt.asIntN(32, high) === high && BigInt.asIntN(64, low) === low;
  return fits ? guidOf(Number(high), low) : undefined;
}

/** The newer spelling of the same GUID: 16 base64url characters, 32 and then 64 bits, big-endian. */
export function compactGuid(guid: Guid): string {
  const dot = guid.indexOf('.');
  const bytes = Buffer.alloc(12);
  bytes.writeInt32BE(Number(guid.slice(0, dot)), 0);
  bytes.writeBigInt64BE(BigInt(guid.slice(dot + 1)), 4);
  return bytes.toString('base64url');
}

/** The endpoint that a GUID belongs to; undefined when its first half can be no endpoint's. */
export function endpointNumberOf(guid: Guid): EndpointNumber | undefined {
  const number = Number(guid.slice(0, guid.indexOf('.')));
  return isEndpointNumber(number) ? number : undefined;
}

export function isMachineGuid(guid: Guid): boolean {
  return guid.endsWith(`.${machineSuffix}`);
}

function guidOf(high: number, low: bigint): Guid {
  return `${high}.${low}` as Guid;
}

function hashToInt64(label: string, bytes: Uint8Array): bigint {
  return hash('sha256', Buffer.concat([Buffer.from(`${label}\0`), bytes]), 'buffer').readBigInt64BE(0);
}

function fromCompact(text: string): Guid {
  const bytes = Buffer.from(text, 'base64url');
  return guidOf(bytes.readInt32BE(0), bytes.readBigInt64BE(4));
}
