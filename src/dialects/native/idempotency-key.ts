import { Fault } from '#core/fault.ts';

/** Tells that an answer is that of an earlier request with the same key. */
export const replayedHeader = 'idempotent-replayed';

/** A string of RFC 9651, as the draft has it (draft-ietf-httpapi-idempotency-key-header), or the same without its quotes. */
const form = /^(?:"([ !#-[\]-~]{1,255})"|([!#-[\]-~]{1,255}))$/;

/**
 * The key under which a client wants its request to be carried out once; undefined where it sent none.
 * @throws Fault `invalid_request`
 */
export function idempotencyKeyOf(request: Request): string | undefined {
  const header = request.headers.get('idempotency-key');
  if (header === null) {
    return undefined;
  }
  const match = form.exec(header);
  const key = match?.[1] ?? match?.[2];
  if (key === undefined) {
    throw new Fault(
      'invalid_request',
      'Idempotency-Key: a text of 1 to 255 printable ASCII characters in double quotes, such as a UUID.',
      { details: { in: 'header', field: 'idempotency-key' } },
    );
  }
  return key;
}
