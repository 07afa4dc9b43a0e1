import { Fault } from '#core/fault.ts';

/** @throws Fault `too_large` as soon as a body passes `limit` bytes, whatever its head claimed. */
export async function readBounded(request: Request, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > limit) {
      throw new Fault('too_large', `The body has more than ${limit} bytes.`, { details: { limit } });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
