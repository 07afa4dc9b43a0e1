import type { OpenOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { authenticate } from '../authenticate.ts';
import { bothEnds, callPaths } from '../paths.ts';

/** What connectors call to test their settings; the body says nothing. */
export const validateKey: OpenOperation = {
  method: 'POST',
  paths: [...bothEnds('/api_keys/validate'), ...callPaths('api_keys/validate')],
  access: { open: 'establishes the identity itself; any key of any role may learn that it works' },
  async run(call) {
    await authenticate(call);
    return reply(true);
  },
};
