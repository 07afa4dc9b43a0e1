import { z } from 'zod';
import { actionIdSchema, taskIdSchema } from '#core/action/action-id.ts';
import { taskParametersSchema } from '#core/action/verb.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';

/**
 * What the server asks of one endpoint. These bytes are signed as they are sent, under `custody-order-v1`, and never
 * built again: who carries them can neither alter nor aim them elsewhere.
 */
export const orderSchema = z.object({
  v: z.literal(1),
  endpointId: endpointIdSchema,
  actionId: actionIdSchema,
  taskId: taskIdSchema,
  parameters: taskParametersSchema,
  issuedAt: z.number().int().nonnegative(),
  notBefore: z.number().int().nonnegative(),
  /** After this moment the agent no longer begins. */
  deadline: z.number().int().nonnegative(),
});

export type Order = z.infer<typeof orderSchema>;
