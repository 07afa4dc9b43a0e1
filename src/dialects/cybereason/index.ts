import type { Fault } from '#core/fault.ts';
import { type Call, type DialectFactory, serveOperations } from '../dialect.ts';
import { authenticate } from './authenticate.ts';
import { renderFault } from './faults.ts';
import { finish } from './headers.ts';
import { operations } from './operations.ts';
import { answerOtherMethod } from './other-methods.ts';

const ownPaths: readonly string[] = ['/', '/app.html', '/login.html', '/logout', '/rest'];

/** Cybereason's file response API, as reference clients of it send and read it. */
export const createCybereasonDialect: DialectFactory = (ports) => {
  const honest = ports.policy.cybereason.honestUnauthorized;
  const parts = {
    operations,
    authenticate,
    renderFault: (fault: Fault, request: Request) => renderFault(fault, request, honest),
    answersHead: true,
    answerOther: (call: Call) => answerOtherMethod(operations, call),
  };
  const serve = serveOperations(parts, ports);
  return {
    name: 'cybereason',
    operations,
    owns: (path) => ownPaths.includes(path) || path.startsWith('/rest/'),
    handle: async (request, connection) => finish(request, await serve(request, connection)),
  };
};
