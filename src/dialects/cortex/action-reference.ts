import { z } from 'zod';
import { type ActionId, isActionId } from '#core/action/action-id.ts';
import { Fault } from '#core/fault.ts';

const digits = /^\d{1,30}$/;

/** `group_action_id`: clients send back a number or what they were given. */
export const actionReferenceFields = {
  group_action_id: z
    .union([z.number().transform(String), z.string()], 'must be a number or a string of digits')
    .refine((text) => digits.test(text), 'must be a number or a string of digits'),
};

/** @throws Fault `not_found` when no action can have this id. */
export function actionIdOf(fields: { readonly group_action_id: string }): ActionId {
  const id = fields.group_action_id.replace(/^0+/, '');
  if (!isActionId(id)) {
    throw new Fault('not_found', `There is no action ${fields.group_action_id}.`, { details: { what: 'action' } });
  }
  return id;
}
