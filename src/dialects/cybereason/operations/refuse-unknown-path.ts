import { Fault } from '#core/fault.ts';
import type { Call, OpenOperation } from '../../dialect.ts';
import { authenticate } from '../authenticate.ts';

/**
 * Every other path under `/rest`: without a session it leads to the log-in page like the known ones, so that a
 * stranger cannot tell which exist; with one it is 404.
 */
export const refuseUnknownPath: readonly OpenOperation[] = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map(
  (method) => ({
    method,
    paths: ['/rest/*'],
    access: { open: 'It checks the session by itself and does nothing.' },
    run: refuseUnknown,
  }),
);

export async function refuseUnknown(call: Call): Promise<Response> {
  await authenticate(call);
  const { pathname } = new URL(call.request.url);
  throw new Fault('not_found', `There is nothing at ${call.request.method} ${pathname.slice(0, 200)}.`, {
    details: { what: 'path' },
  });
}
