import type { Task } from '#core/action/action.ts';
import { encode } from '#wire/codec.ts';
import { limits } from '#wire/limits.ts';
import type { Order } from '#wire/order.ts';

/** What a frame has beside the order's own bytes, generously. */
const frameRoom = 1_024;

/**
 * The bytes that are signed and sent. They follow from the task alone, so an order that is sent again is the same
 * order to the byte. Undefined when they would not fit into a frame.
 */
export function orderBytes(task: Task): Uint8Array | undefined {
  const order: Order = {
    v: 1,
    endpointId: task.endpointId,
    actionId: task.actionId,
    taskId: task.id,
    parameters: task.parameters,
    issuedAt: task.createdAt,
    notBefore: task.createdAt,
    deadline: task.deadline,
  };
  const bytes = encode(order);
  return bytes.length + frameRoom > limits.frameBytes ? undefined : bytes;
}
