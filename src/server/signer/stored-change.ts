import { z } from 'zod';
import type { SignedKeyChange } from '#core/ports/order-signer.ts';

/** A signed change of the order key as it stands in files; base64. */
export const storedChangeSchema = z.object({ change: z.base64(), signature: z.base64(), proof: z.base64() });

type StoredChange = z.infer<typeof storedChangeSchema>;

export function toStored({ change, signature, proof }: SignedKeyChange): StoredChange {
  return { change: toText(change), signature: toText(signature), proof: toText(proof) };
}

export function fromStored({ change, signature, proof }: StoredChange): SignedKeyChange {
  return { change: fromText(change), signature: fromText(signature), proof: fromText(proof) };
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function fromText(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
