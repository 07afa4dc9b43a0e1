import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { answerOnce, type OnceOnly } from '#core/verbs/answer-once.ts';
import type { Call, GuardedCall, GuardedOperation, OpenOperation } from '../dialect.ts';
import { idempotencyKeyOf, replayedHeader } from './idempotency-key.ts';
import { readRequest } from './read-request.ts';
import { reply, type WithCookie } from './reply.ts';
import { basePath, type CheckedInput, type Contract, takesIdempotencyKey } from './schemas/contract.ts';

/** An operation with the contract that it keeps: what the OpenAPI document is made of. */
export type NativeOperation = (OpenOperation | GuardedOperation) & { readonly contract: Contract };

/** What an operation of this contract must return: a JSON value, a whole response for bytes, or nothing. */
type Output<Of extends Contract> = Of['reply'] extends z.ZodType
  ? z.input<Of['reply']>
  : Of['reply'] extends null
    ? undefined
    : Response;

/** An operation that a role must allow. */
export function guarded<const Of extends Contract>(
  contract: Of,
  access: GuardedOperation['access'],
  run: (input: CheckedInput<Of>, call: GuardedCall) => Promise<Output<Of>>,
): NativeOperation {
  const { method, paths } = route(contract);
  const answer = async (call: GuardedCall) => {
    const input = await readRequest(contract, call);
    const once = takesIdempotencyKey(contract) ? onceOnly(contract, input, call) : undefined;
    if (once === undefined) {
      return reply(contract, await run(input, call));
    }
    const { answer: text, replayed } = await answerOnce(call.ports, once, async (ports) =>
      JSON.stringify((await run(input, { ...call, ports })) ?? null),
    );
    const response = reply(contract, JSON.parse(text));
    if (replayed) {
      response.headers.set(replayedHeader, 'true');
    }
    return response;
  };
  return { method, paths, contract, access, answersHead: contract.answersHead, run: answer };
}

/**
 * Undefined where the request carries no key. The checked input is compared, not the bytes: its fields are in the order of the
 * contract, whatever order and spacing the client chose.
 */
function onceOnly({ name }: Contract, input: unknown, { request, principal }: GuardedCall): OnceOnly | undefined {
  const key = idempotencyKeyOf(request);
  if (key === undefined) {
    return undefined;
  }
  return {
    key: { principalKind: principal.kind, principalId: principal.id, keyHash: sha256(key) },
    fingerprint: sha256(JSON.stringify([name, input])),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** An operation that needs no permission; `why` says what makes that safe. */
export function open<const Of extends Contract>(
  contract: Of,
  why: string,
  run: (input: CheckedInput<Of>, call: Call) => Promise<Output<Of> | WithCookie<Output<Of>>>,
): NativeOperation {
  const { method, paths } = route(contract);
  const answer = async (call: Call) => reply(contract, await run(await readRequest(contract, call), call));
  return { method, paths, contract, access: { open: why }, run: answer };
}

function route({ method, path }: Contract): { readonly method: Contract['method']; readonly paths: readonly string[] } {
  return { method, paths: [`${basePath}${path.replaceAll(/\{(\w+)\}/g, ':$1')}`] };
}
