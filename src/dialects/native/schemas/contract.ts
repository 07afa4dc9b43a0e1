import { z } from 'zod';

/** What an operation answers with when it is bytes, not JSON. */
export interface BinaryReply {
  readonly mediaType: string;
}

/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export const eventStream = { mediaType: 'text/event-stream' } as const satisfies BinaryReply;

/**
 * How an answer without an end says why it ends: an event of this type with the `code` and `detail` of a fault. Whoever is still let in may
 * come again.
 */
export const streamEnded = 'stream_ended';

/** Asks to go on after the event with this `id`; browsers send it by themselves. */
export const lastEventIdHeader = 'last-event-id';

/**
 * One call of the native API as both sides see it: the server checks requests against it, the SDK takes its types
 * from it and checks replies, and the OpenAPI document is generated from it.
 */
export interface Contract {
  /** The `operationId`: lower camel case, a verb first. */
  readonly name: string;
  readonly summary: string;
  /** What the summary leaves open, for whoever reads the OpenAPI document. */
  readonly description?: string;
  /** A body that the schema takes, where it says more than the schema. */
  readonly example?: unknown;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Whether HEAD tells what GET would: for bytes that are not sent to be thrown away. */
  readonly answersHead?: true;
  /**
   * Why an operation that is no GET takes no Idempotency-Key; every other one does. A key would be of no use, or the answer
   * belongs to nobody yet.
   */
  readonly keyless?: string;
  /** Below `/api/v1`, parameters in braces. */
  readonly path: string;
  readonly parameters: z.ZodObject;
  readonly query: z.ZodObject;
  /** Null where a request has no body. */
  readonly body: z.ZodType | null;
  readonly status: 200 | 201 | 204;
  /** Null where a reply has no body. */
  readonly reply: z.ZodType | BinaryReply | null;
}

/** Where the native API lives. */
export const basePath = '/api/v1';

/** For operations that take no path parameters, or no query. */
export const nothing = z.strictObject({});

/** Whether a request may carry a key under which it is carried out once, however often it is sent. */
export function takesIdempotencyKey({ method, keyless }: Pick<Contract, 'method' | 'keyless'>): boolean {
  return method !== 'GET' && keyless === undefined;
}

/** What a request of a contract carries, checked. */
export interface CheckedInput<Of extends Contract> {
  readonly parameters: z.output<Of['parameters']>;
  readonly query: z.output<Of['query']>;
  readonly body: Of['body'] extends z.ZodType ? z.output<Of['body']> : undefined;
}
