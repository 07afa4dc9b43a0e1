import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { changePassword } from '#core/verbs/change-password.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { replyJson } from '../reply.ts';
import { sessionToken } from '../session-cookie.ts';

const longestPassword = 1_024;
const password = z.string().max(longestPassword);
/** The old password and the new one. */
const bodySchema = z.tuple([password, password]);

/**
 * `PUT /rest/users/reset`: changes the caller's own password. The one client that knows the call tells a wrong old password by the
 * text `incorrectPassword` in an answer of 200, and nothing else by the text.
 */
export const changeOwnPassword: GuardedOperation = {
  method: 'PUT',
  paths: ['/rest/users/reset'],
  access: { permission: 'endpoints.read', licence: [] },
  async run({ request, ports, connection }) {
    const checked = checkShape(bodySchema, await readJson(request));
    if (!checked.success) {
      const message = 'The body must be a list of the old password and the new one.';
      throw new Fault('invalid_request', message, { details: { field: 'body' } });
    }
    const [oldPassword, newPassword] = checked.data;
    const token = sessionToken(request.headers);
    const { remoteAddress } = connection;
    try {
      await changePassword(ports, { token, oldPassword, newPassword, remoteAddress });
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.details['field'] === 'oldPassword') {
        return replyJson('incorrectPassword');
      }
      throw thrown;
    }
    return replyJson('success');
  },
};
