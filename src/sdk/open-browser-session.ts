import { openBrowserSession as contract } from '#dialects/native/schemas/session.ts';
import { type CallInput, call } from './call.ts';
import type { Send } from './send.ts';

type Steps = CallInput<typeof contract>['body'];

/** Logs a browser in: whoever has the session then is nobody that a script could read. Of no use outside a browser. @throws ApiError */
export function openBrowserSession(send: Send, body: Steps) {
  return call(send, contract, { parameters: {}, query: {}, body });
}
