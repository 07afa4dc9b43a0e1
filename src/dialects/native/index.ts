import { type DialectFactory, serveOperations } from '../dialect.ts';
import { authenticate } from './authenticate.ts';
import { renderFault } from './faults.ts';
import { operations } from './operations.ts';
import { basePath } from './schemas/contract.ts';

/** Our own API, a dialect like the others, with no back door. */
export const createNativeDialect: DialectFactory = (ports) => ({
  name: 'native',
  operations,
  owns: (path) => path === basePath || path.startsWith(`${basePath}/`),
  handle: serveOperations({ operations, authenticate, renderFault }, ports),
});
