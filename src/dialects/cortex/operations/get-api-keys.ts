import { z } from 'zod';
import type { ApiKey } from '#core/access/credential.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { filtersSchema } from '../filters.ts';
import { keyFilter } from '../key-filter.ts';
import { keyItem } from '../key-item.ts';
import { noLicence } from '../licences.ts';
import { pageFields, pageOf } from '../page.ts';
import { callPaths } from '../paths.ts';
import { readOptionalBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';

const orders = {
  id: (key: ApiKey) => key.id,
  creation_time: (key: ApiKey) => key.createdAt,
  expiration: (key: ApiKey) => key.expiresAt ?? Number.MAX_SAFE_INTEGER,
} as const;

const sortFields = ['id', 'creation_time', 'expiration'] as const satisfies readonly (keyof typeof orders)[];

const fields = z.object({
  filters: filtersSchema.nullish(),
  sort: z
    .object(
      {
        field: z.enum(sortFields, `must be one of ${sortFields.join(', ')}`),
        keyword: z
          .string('must be a string')
          .toLowerCase()
          .pipe(z.enum(['asc', 'desc'], 'must be asc or desc'))
          .nullish(),
      },
      'must be an object with field and keyword',
    )
    .nullish(),
  ...pageFields,
});

type Asked = z.output<typeof fields>;

/** Get Existing API Keys, without their secrets. Its reply is spelt in upper case; without a page it holds all of them. */
export const getApiKeys: GuardedOperation = {
  method: 'POST',
  paths: callPaths('api_keys/get_api_keys'),
  access: { permission: 'access.manage', licence: noLicence },
  async run({ request, ports }) {
    const asked = readFields(fields, (await readOptionalBody(request)).data);
    const meets = keyFilter(asked.filters ?? []);
    const keys = await ports.store.read(({ credentials }) => credentials.keys());
    const met = sorted(keys.filter(meets), asked.sort);
    const page = paged(met, asked);
    return reply({ DATA: page.map(keyItem), FILTER_COUNT: met.length, TOTAL_COUNT: keys.length });
  },
};

function sorted(keys: readonly ApiKey[], sort: Asked['sort']): readonly ApiKey[] {
  const { field = 'id', keyword = 'asc' } = sort ?? {};
  const sign = keyword === 'desc' ? -1 : 1;
  return keys.toSorted((one, other) => sign * (orders[field](one) - orders[field](other) || one.id - other.id));
}

function paged(keys: readonly ApiKey[], asked: Asked): readonly ApiKey[] {
  if (asked.search_from == null && asked.search_to == null) {
    return keys;
  }
  const { offset, limit } = pageOf(asked);
  return keys.slice(offset, offset + limit);
}
