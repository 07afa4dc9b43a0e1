import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { parseGuid } from '#core/file/guid.ts';
import type { IncidentFilter, IncidentOrder } from '#core/ports/store/incidents.ts';
import type { Page } from '#core/ports/store/page.ts';
import { lenientNumber } from '../lenient-number.ts';
import { statusesMeant } from '../malop-status.ts';
import { moment } from './moment.ts';

const texts = z.union([
  z
    .string()
    .max(200)
    .transform((text) => [text]),
  z.array(z.string().max(200)).max(1_000),
]);

const bodySchema = z.object({
  search: z.object({ malop: z.object({ guid: texts.nullish() }).nullish() }).nullish(),
  filter: z.object({ malop: z.object({ investigationStatus: texts.nullish() }).nullish() }).nullish(),
  range: z.object({ from: moment.nullish(), to: moment.nullish() }).nullish(),
  pagination: z.object({ pageSize: z.unknown().optional(), offset: z.unknown().optional() }).nullish(),
  sort: z
    .array(z.object({ field: z.string().max(200), order: z.string().max(20).nullish() }))
    .max(20)
    .nullish(),
});

export interface MalopListRequest {
  readonly filter: IncidentFilter;
  readonly page: Page;
  readonly order: IncidentOrder;
}

/**
 * What a client cannot mean is refused: a list of other MalOps than those that it searched for would look like an answer.
 * @throws Fault `invalid_request`
 */
export function readMalopListRequest(body: unknown): MalopListRequest {
  const parsed = checkShape(bodySchema, body ?? {});
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') ?? 'body';
    throw new Fault('invalid_request', `${field} ${parsed.error.issues[0]?.message ?? 'is not as it must be'}.`, {
      details: { field },
    });
  }
  const { search, filter, range, pagination, sort } = parsed.data;
  const guids = search?.malop?.guid?.flatMap((text) => parseGuid(text.trim()) ?? []);
  const statuses = filter?.malop?.investigationStatus?.flatMap(statusesMeant);
  const from = range?.from ?? undefined;
  const to = range?.to ?? undefined;
  return {
    filter: {
      ...(guids !== undefined && { guids }),
      ...(statuses !== undefined && { statuses }),
      // Opened or changed within the range.
      ...(from !== undefined && { updatedFrom: Math.ceil(from) }),
      ...(to !== undefined && { createdTo: Math.floor(to) }),
    },
    page: {
      offset: lenientNumber(pagination?.offset, { fallback: 0, least: 0, most: 2 ** 31 }),
      limit: lenientNumber(pagination?.pageSize, { fallback: 100, least: 1, most: 1_000 }),
    },
    order: readOrder(sort?.[0]),
  };
}

/** Clients that poll go on from the last that they got: an order that is not kept would lose them MalOps. */
const sortable: Readonly<Record<string, IncidentOrder['by']>> = {
  lastupdatetime: 'updatedAt',
  creationtime: 'createdAt',
};

function readOrder(
  sort: { readonly field: string; readonly order?: string | null | undefined } | undefined,
): IncidentOrder {
  const name = sort?.field.toLowerCase() ?? 'creationtime';
  const by = Object.hasOwn(sortable, name) ? sortable[name] : undefined;
  if (by === undefined) {
    throw new Fault('invalid_request', 'sort: field must be LastUpdateTime or CreationTime.', {
      details: { field: 'sort' },
    });
  }
  return { by, direction: sort?.order?.toLowerCase() === 'asc' ? 'ascending' : 'descending' };
}
