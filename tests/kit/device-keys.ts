import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { newKeyPair, readPrivateKey, signBytes } from '#wire/signature.ts';

const keys = new Map<string, string>();

/** The public half of a new device key, whose private half is remembered for `signAs`. */
export function newDeviceKey(): Uint8Array {
  const { privatePem, publicKey } = newKeyPair();
  keys.set(Buffer.from(publicKey).toString('hex'), privatePem);
  return publicKey;
}

/** Signs a report as the machine's own agent does; with nothing where its key was not made here. */
export function signAs(
  endpoint: { readonly id: EndpointId; readonly devicePublicKey: Uint8Array },
  bytes: Uint8Array,
): Uint8Array {
  const pem = keys.get(Buffer.from(endpoint.devicePublicKey).toString('hex'));
  return pem === undefined ? new Uint8Array(64) : signBytes('custody-report-v1', bytes, readPrivateKey(pem).key);
}
