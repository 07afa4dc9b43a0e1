import { endOwnSessions, listSessions } from '#core/verbs/end-sessions.ts';
import { hashToken } from '#core/verbs/log-in.ts';
import { authenticate, sessionTokenOf } from '../authenticate.ts';
import { type NativeOperation, open } from '../operation.ts';
import { endOwnSessions as endContract, listOwnSessions as listContract } from '../schemas/user.ts';
import { showSession } from '../show-access.ts';

const why = 'it authenticates by itself, and no role is needed to see and end one’s own sessions';

export const ownSessionOperations: readonly NativeOperation[] = [
  open(listContract, why, async (_, call) => {
    const { kind, id } = await authenticate(call);
    const token = sessionTokenOf(call.request);
    const own = token === undefined ? undefined : hashToken(token);
    const sessions = await listSessions(call.ports, kind === 'user' ? id : '');
    return { items: sessions.map((shown) => showSession(shown, own)) };
  }),
  open(endContract, why, async ({ query: { session } }, call) => {
    const principal = await authenticate(call);
    const token = sessionTokenOf(call.request);
    return { ended: [...(await endOwnSessions(call.ports, principal, { session, token }))] };
  }),
];
