import type { z } from 'zod';
import type { LicenceDemand } from '#core/access/licence.ts';
import type { Permission } from '#core/access/permission.ts';
import type { Call, GuardedCall, GuardedOperation, OpenOperation } from '../dialect.ts';
import { readRequest } from './read-request.ts';
import { reply } from './reply.ts';
import { basePath, type CheckedInput, type Contract } from './schemas/contract.ts';

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
  access: { readonly permission: Permission; readonly licence: LicenceDemand },
  run: (input: CheckedInput<Of>, call: GuardedCall) => Promise<Output<Of>>,
): NativeOperation {
  const { method, paths } = route(contract);
  const answer = async (call: GuardedCall) => reply(contract, await run(await readRequest(contract, call), call));
  return { method, paths, contract, access, run: answer };
}

/** An operation that needs no permission; `why` says what makes that safe. */
export function open<const Of extends Contract>(
  contract: Of,
  why: string,
  run: (input: CheckedInput<Of>, call: Call) => Promise<Output<Of>>,
): NativeOperation {
  const { method, paths } = route(contract);
  const answer = async (call: Call) => reply(contract, await run(await readRequest(contract, call), call));
  return { method, paths, contract, access: { open: why }, run: answer };
}

function route({ method, path }: Contract): { readonly method: Contract['method']; readonly paths: readonly string[] } {
  return { method, paths: [`${basePath}${path.replaceAll(/\{(\w+)\}/g, ':$1')}`] };
}
