import { type DialectFactory, serveOperations } from '../dialect.ts';
import { authenticate } from './authenticate.ts';
import { renderFault } from './faults.ts';
import { operations } from './operations.ts';

/** The Cortex XDR public API, as far as file response goes. */
export const createCortexDialect: DialectFactory = (ports) => ({
  name: 'cortex',
  operations,
  owns: (path) => /^\/(public_api|api_keys)\/|^\/healthcheck\/?$/.test(path),
  handle: serveOperations({ operations, authenticate, renderFault }, ports),
});
