import { z } from 'zod';
import { basePath, type Contract, takesIdempotencyKey } from '#dialects/native/schemas/contract.ts';
import { problem } from '#dialects/native/schemas/problem.ts';
import { ApiError } from './api-error.ts';
import { newIdempotencyKey } from './chance.ts';
import type { ApiReply, Send } from './send.ts';

/** What a caller gives for a contract: everything that it names and that has no default. */
export interface CallInput<Of extends Contract> {
  readonly parameters: z.input<Of['parameters']>;
  readonly query: z.input<Of['query']>;
  readonly body: Of['body'] extends z.ZodType ? z.input<Of['body']> : undefined;
  /** Of a reply without an end: aborted when nobody reads it any more. */
  readonly signal?: AbortSignal | undefined;
}

/** Calls an operation with a JSON reply, or none. @throws ApiError */
export async function call<Of extends Contract>(
  send: Send,
  contract: Of,
  input: CallInput<Of>,
): Promise<Of['reply'] extends z.ZodType ? z.output<Of['reply']> : undefined>;
export async function call(send: Send, contract: Contract, input: CallInput<Contract>): Promise<unknown> {
  const reply = await request(send, contract, input);
  if (!(contract.reply instanceof z.ZodType)) {
    await reply.body?.cancel();
    return undefined;
  }
  const parsed = contract.reply.safeParse(parseJson(await textOf(reply)));
  if (!parsed.success) {
    throw unexpected(reply, `The server's reply to ${contract.name} is not what this client knows.`, parsed.error);
  }
  return parsed.data;
}

/** Sends a request and hands back a successful reply whose body has not been read. @throws ApiError */
export async function request<Of extends Contract>(send: Send, contract: Of, input: CallInput<Of>): Promise<ApiReply> {
  const { body, signal } = input;
  const reply = await reach(send, {
    method: contract.method,
    path: addressOf(contract, input),
    headers: {
      accept: contract.reply !== null && 'mediaType' in contract.reply ? contract.reply.mediaType : 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(takesIdempotencyKey(contract) && { 'idempotency-key': newIdempotencyKey() }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
  });
  if (reply.status !== contract.status) {
    throw await failureOf(reply);
  }
  return reply;
}

/** The path of an operation with its query, below the server's base URL. */
export function addressOf<Of extends Contract>(
  { path }: Of,
  { parameters, query }: Pick<CallInput<Of>, 'parameters' | 'query'>,
): string {
  return `${basePath}${fillPath(path, parameters)}${queryString(query)}`;
}

export async function reach(send: Send, message: Parameters<Send>[0]): Promise<ApiReply> {
  try {
    return await send(message);
  } catch (cause) {
    if (cause instanceof ApiError) {
      throw cause;
    }
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError(`The server could not be reached: ${why}`, { code: 'unreachable', status: 0, cause });
  }
}

function fillPath(pattern: string, parameters: Readonly<Record<string, unknown>>): string {
  return pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(parameters[name])));
}

function queryString(query: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) {
        search.append(name, String(one));
      }
    }
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

async function failureOf(reply: ApiReply): Promise<ApiError> {
  const parsed = problem.safeParse(parseJson(await textOf(reply)));
  if (!parsed.success) {
    return unexpected(reply, `The server answered ${reply.status}, and not in the native API's form.`, parsed.error);
  }
  const { detail, code, status, details } = parsed.data;
  return new ApiError(detail, { code, status, details });
}

function unexpected(reply: ApiReply, message: string, cause: unknown): ApiError {
  return new ApiError(message, { code: 'unexpected_reply', status: reply.status, cause });
}

/** The whole body. @throws ApiError when the connection breaks before its end */
export async function textOf(reply: ApiReply): Promise<string> {
  try {
    return await new Response(reply.body).text();
  } catch (cause) {
    throw new ApiError('The connection broke during a reply.', { code: 'unreachable', status: reply.status, cause });
  }
}

/** Undefined, which no schema takes, where the text is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
