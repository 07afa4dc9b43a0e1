const algorithm = 'ChaCha20-Poly1305';

export const nonceBytes = 12;
export const tagBytes = 16;

/** One ChaCha20-Poly1305 key. Calls run on the runtime's threads and copy their input before they return. */
export interface Aead {
  seal(nonce: Uint8Array<ArrayBuffer>, plaintext: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Undefined for anything that this key and nonce did not seal. */
  open(
    nonce: Uint8Array<ArrayBuffer>,
    ciphertext: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** The runtime has this cipher in Web Cryptography alone, in its newer form: `raw-secret` keys, an `iv`, no extra data. */
export async function importAead(key: Uint8Array<ArrayBuffer>): Promise<Aead> {
  const format: string = 'raw-secret';
  const imported = await crypto.subtle.importKey(format as 'raw', key, algorithm, false, ['encrypt', 'decrypt']);
  return {
    async seal(iv, plaintext) {
      return new Uint8Array(await crypto.subtle.encrypt(withNonce(iv), imported, plaintext));
    },
    async open(iv, ciphertext) {
      try {
        return new Uint8Array(await crypto.subtle.decrypt(withNonce(iv), imported, ciphertext));
      } catch (failure) {
        if (failure instanceof DOMException && failure.name === 'OperationError') {
          return undefined;
        }
        throw failure;
      }
    },
  };
}

function withNonce(iv: Uint8Array<ArrayBuffer>): { readonly name: string; readonly iv: Uint8Array<ArrayBuffer> } {
  return { name: algorithm, iv };
}
