import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { Fault } from '#core/fault.ts';

/** What a signature is for. The label is signed with the bytes, so that none can pass for another kind. */
export type SignatureContext =
  | 'custody-order-v1'
  | 'custody-report-v1'
  | 'custody-hello-v1'
  | 'custody-enrol-v1'
  | 'custody-upload-v1'
  | 'custody-trust-v1'
  | 'custody-ledger-v1'
  | 'custody-order-key-v1';

const rawKeyLength = 32;
/** RFC 8410: the DER head of an Ed25519 SubjectPublicKeyInfo, before the 32 key bytes. */
const publicKeyHead = Buffer.from('302a300506032b6570032100', 'hex');

/** A new Ed25519 key pair: the private half as PKCS #8 PEM, the public half as 32 bytes. */
export function newKeyPair(): { readonly privatePem: string; readonly publicKey: Uint8Array } {
  const pair = generateKeyPairSync('ed25519');
  return {
    privatePem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: rawPublicKey(pair.publicKey),
  };
}

/** @throws Fault `invalid_request` when the text is no Ed25519 private key. */
export function readPrivateKey(pem: string): { readonly key: KeyObject; readonly publicKey: Uint8Array } {
  try {
    const key = createPrivateKey(pem);
    return { key, publicKey: rawPublicKey(createPublicKey(key)) };
  } catch (cause) {
    throw new Fault('invalid_request', 'The file holds no Ed25519 private key in PEM form.', { cause });
  }
}

/** @throws Fault `invalid_request` when the bytes are no Ed25519 public key. */
export function readPublicKey(raw: Uint8Array): KeyObject {
  if (raw.length !== rawKeyLength) {
    throw new Fault('invalid_request', 'An Ed25519 public key has 32 bytes.');
  }
  return createPublicKey({ key: Buffer.concat([publicKeyHead, raw]), format: 'der', type: 'spki' });
}

/** 64 bytes over the context's label, a NUL and the bytes. */
export function signBytes(context: SignatureContext, bytes: Uint8Array, key: KeyObject): Uint8Array {
  return new Uint8Array(sign(null, labelled(context, bytes), key));
}

export function isSignatureValid(
  context: SignatureContext,
  signed: { readonly bytes: Uint8Array; readonly signature: Uint8Array },
  key: KeyObject,
): boolean {
  return signed.signature.length === 64 && verify(null, labelled(context, signed.bytes), key, signed.signature);
}

/** As `signBytes`, on the runtime's other threads: for many signatures at a time. */
export function signBytesAside(context: SignatureContext, bytes: Uint8Array, key: KeyObject): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign(null, labelled(context, bytes), key, (error, signature) => {
      if (error === null) {
        resolve(new Uint8Array(signature));
      } else {
        reject(error);
      }
    });
  });
}

/** As `isSignatureValid`, on the runtime's other threads. Never rejects: what cannot be checked is not valid. */
export function isSignatureValidAside(
  context: SignatureContext,
  signed: { readonly bytes: Uint8Array; readonly signature: Uint8Array },
  key: KeyObject,
): Promise<boolean> {
  if (signed.signature.length !== 64) {
    return Promise.resolve(false);
  }
  return new Promise((resolve) => {
    verify(null, labelled(context, signed.bytes), key, signed.signature, (error, valid) => {
      resolve(error === null && valid);
    });
  });
}

function labelled(context: SignatureContext, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${context}\0`), bytes]);
}

function rawPublicKey(key: KeyObject): Uint8Array {
  const der = key.export({ type: 'spki', format: 'der' });
  return new Uint8Array(der.subarray(der.length - rawKeyLength));
}
