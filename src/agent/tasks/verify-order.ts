import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { SignedBytes } from '#core/action/action.ts';
import { type TaskId, taskIdSchema } from '#core/action/action-id.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { decode } from '#wire/codec.ts';
import { type Order, orderSchema } from '#wire/order.ts';
import { isSignatureValid } from '#wire/signature.ts';

export type Verdict =
  | { readonly genuine: true; readonly order: Order }
  /** `taskId` is what the bytes claim, for the refusal; undefined when they claim none. */
  | { readonly genuine: false; readonly why: string; readonly taskId: TaskId | undefined };

/**
 * Whether these bytes are an order of our server to this endpoint. The signature comes first: nothing in unsigned bytes
 * is believed, whatever it says. No setting turns this off (promise P31).
 */
export function verifyOrder(signed: SignedBytes, orderKey: KeyObject, endpointId: EndpointId): Verdict {
  if (!isSignatureValid('custody-order-v1', signed, orderKey)) {
    return refused(signed, 'The signature is not by the order key that this agent pinned at enrolment.');
  }
  const order = readOrder(signed.bytes);
  if (order === undefined) {
    return refused(signed, 'The order is signed, but not of a form that this agent understands.');
  }
  if (order.endpointId !== endpointId) {
    return refused(signed, 'The order is for another endpoint.');
  }
  return { genuine: true, order };
}

/** @returns undefined when the bytes are no order. */
export function readOrder(bytes: Uint8Array): Order | undefined {
  try {
    return decode(bytes, orderSchema);
  } catch {
    return undefined;
  }
}

function refused(signed: SignedBytes, why: string): Verdict {
  return { genuine: false, why, taskId: claimedTask(signed.bytes) };
}

function claimedTask(bytes: Uint8Array): TaskId | undefined {
  try {
    return decode(bytes, z.object({ taskId: taskIdSchema })).taskId;
  } catch {
    return undefined;
  }
}
