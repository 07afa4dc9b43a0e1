import type { Json } from '#core/custody/event.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { replyList } from '../answer.ts';
import { lightItem } from '../endpoint-item.ts';
import { anyLicence } from '../licences.ts';
import { asEnrolled } from '../page.ts';
import { callPaths } from '../paths.ts';
import { readOptionalBody } from '../read-body.ts';

/** Endpoints that are in memory together. */
const partLength = 1_000;

/** Get All Endpoints: a plain list of all, and usually sent without a body. */
export const getEndpoints: GuardedOperation = {
  method: 'POST',
  paths: callPaths('endpoints/get_endpoints'),
  access: { permission: 'endpoints.read', licence: anyLicence },
  async run({ request, ports }) {
    await readOptionalBody(request);
    return replyList(allItems(ports));
  },
};

async function* allItems({ store, clock }: Pick<Ports, 'store' | 'clock'>): AsyncGenerator<readonly Json[], undefined> {
  for (let offset = 0; ; offset += partLength) {
    const page = { offset, limit: partLength };
    const { items } = await store.read(({ endpoints }) => endpoints.list({}, asEnrolled, page), { search: true });
    const now = clock.now();
    yield items.map((endpoint) => lightItem(endpoint, now));
    if (items.length < partLength) {
      return;
    }
  }
}
