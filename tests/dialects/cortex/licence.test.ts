import { describe, expect, test } from 'bun:test';
import type { Licence } from '#core/access/licence.ts';
import { goodPath, openWorld, quarantineFields, retrievalFields } from './world.ts';

/** What answers at each licence; the reference's 2c. */
const table: readonly (readonly [Licence, { readonly quarantine: number; readonly retrieval: number }])[] = [
  ['prevent', { quarantine: 200, retrieval: 200 }],
  ['pro_per_endpoint', { quarantine: 200, retrieval: 200 }],
  ['pro_per_gb', { quarantine: 200, retrieval: 402 }],
  ['host_insights', { quarantine: 402, retrieval: 402 }],
];

describe('an installation with the one licence', () => {
  for (const [licence, expected] of table) {
    test(`${licence} answers ${expected.quarantine} to a quarantine and ${expected.retrieval} to a retrieval`, async () => {
      await using world = await openWorld({ policy: { licences: [licence] } });
      const quarantine = await world.call('endpoints/quarantine', quarantineFields(world.web));
      const paths = { linux: [goodPath] };
      const retrieval = await world.call('endpoints/file_retrieval', retrievalFields(paths, world.web));
      expect({ quarantine: quarantine.status, retrieval: retrieval.status }).toEqual(expected);
    });
  }
});

test('the refusal for want of a licence says which would do', async () => {
  await using world = await openWorld({ policy: { licences: [] } });
  const { text } = await world.call('endpoints/restore', {});
  expect(text).toBe(
    '{"reply": {"err_code": 402, "err_msg": "Unauthorized access. User does not have the required license type to run this API.", "err_extra": "This needs one of the licences prevent, pro_per_endpoint, pro_per_gb."}}',
  );
});
