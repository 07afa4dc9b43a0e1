import { type DialectFactory, serveOperations } from '../dialect.ts';
import { authenticate } from './authenticate.ts';
import { renderFault } from './faults.ts';
import { finish } from './headers.ts';
import { operations } from './operations.ts';

const ownPaths: readonly string[] = ['/', '/app.html', '/login.html', '/logout', '/rest'];

/** Cybereason's file response API, as reference clients of it send and read it. */
export const createCybereasonDialect: DialectFactory = (ports) => {
  const serve = serveOperations({ operations, authenticate, renderFault }, ports);
  return {
    name: 'cybereason',
    operations,
    owns: (path) => ownPaths.includes(path) || path.startsWith('/rest/'),
    handle: async (request, connection) => finish(request, await serve(request, connection)),
  };
};
