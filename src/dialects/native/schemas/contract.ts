import { z } from 'zod';

/** What an operation answers with when it is bytes, not JSON. */
export interface BinaryReply {
  readonly mediaType: string;
}

/**
 * One call of the native API as both sides see it: the server checks requests against it, the SDK takes its types
 * from it and checks replies, and the OpenAPI document is generated from it.
 */
export interface Contract {
  /** The `operationId`: lower camel case, a verb first. */
  readonly name: string;
  readonly summary: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
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

/** What a request of a contract carries, checked. */
export interface CheckedInput<Of extends Contract> {
  readonly parameters: z.output<Of['parameters']>;
  readonly query: z.output<Of['query']>;
  readonly body: Of['body'] extends z.ZodType ? z.output<Of['body']> : undefined;
}
