import type { SignedBytes } from '#core/action/action.ts';
import { Fault } from '#core/fault.ts';

/** The first part names what it is, and in which form. */
const form = 'custody-order-1';
const parts = /^custody-order-1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/;

/** A signed order as one word of text, for a machine that no network reaches: the very bytes that the agent's connection would carry. */
export function writeOrderToken({ bytes, signature }: SignedBytes): string {
  return [form, textOf(bytes), textOf(signature)].join('.');
}

/** White space around it and within, as mails break long words, does not count. @throws Fault `invalid_request` for what is no token */
export function readOrderToken(text: string): SignedBytes {
  const [, bytes, signature] = parts.exec(text.replaceAll(/\s/g, '')) ?? [];
  if (bytes === undefined || signature === undefined) {
    throw new Fault(
      'invalid_request',
      `This is no token, or not the whole of one: it begins with ${form} and has two dots.`,
    );
  }
  return { bytes: bytesOf(bytes), signature: bytesOf(signature) };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
