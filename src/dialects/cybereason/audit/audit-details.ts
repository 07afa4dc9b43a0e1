import { z } from 'zod';
import type { CustodyEvent, Json } from '#core/custody/event.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import { endpointNumberOf, type Guid, isMachineGuid, machineGuid, parseGuid } from '#core/file/guid.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { isIncidentId } from '#core/incident/incident-id.ts';
import type { Policy } from '#core/ports/policy.ts';
import type { Reader } from '#core/ports/store/store.ts';
import { spellGuid } from '../spell-guid.ts';

/** What one line names of each kind. */
const mostNamed = 20;

/** Facts of events are kept for ever: those of older events lack some of these. */
const few = <Item extends z.ZodType>(item: Item) =>
  z
    .array(z.unknown())
    .transform((all) => ({ total: all.length, first: all.slice(0, mostNamed) }))
    .pipe(z.object({ total: z.number(), first: z.array(item) }))
    .optional()
    .catch(undefined);

const fileSchema = z.object({
  endpointId: endpointIdSchema.optional().catch(undefined),
  path: z.string().nullish(),
  name: z.string().optional(),
  sha256: z.string().nullish(),
  vaultObject: vaultObjectIdSchema.nullish().catch(undefined),
});
const rowSchema = z.object({ machine: z.string(), target: z.string(), actionType: z.string(), result: z.string() });
const factsSchema = z.object({
  endpointIds: few(endpointIdSchema),
  endpointsCount: z.number().optional().catch(undefined),
  files: few(fileSchema),
  filesCount: z.number().optional().catch(undefined),
  hashes: few(z.string()),
  rows: few(rowSchema),
  incidentId: z.string().nullish().catch(undefined),
});

type Told = z.infer<typeof factsSchema>;

/** Names for what events know by ids. */
interface Names {
  readonly sensors: ReadonlyMap<string, string>;
  /** By the GUID of a file, or of a quarantined one, and by vault object. */
  readonly paths: ReadonlyMap<string, string>;
  readonly malops: ReadonlyMap<string, Guid>;
}

/** What was done to what in each of these events: MalOps, machines and files by name, the first of each and how many more. */
export async function auditDetails(
  reader: Pick<Reader, 'endpoints' | 'files' | 'quarantine' | 'incidents'>,
  events: readonly CustodyEvent[],
  policy: Pick<Policy, 'cybereason'>,
): Promise<readonly Json[]> {
  const told = events.map((event) => ({ event, told: factsSchema.parse(event.facts) }));
  const names = await namesOf(reader, told);
  return told.map((each) => detailsOf(each, names, policy));
}

interface ToldEvent {
  readonly event: CustodyEvent;
  readonly told: Told;
}

async function namesOf(
  reader: Pick<Reader, 'endpoints' | 'files' | 'quarantine' | 'incidents'>,
  all: readonly ToldEvent[],
): Promise<Names> {
  const files = all.flatMap(({ told }) => told.files?.first ?? []);
  const rows = all.flatMap(({ told }) => told.rows?.first ?? []);
  const ids = [
    ...all.flatMap(({ event, told }) => [event.endpointId ?? [], told.endpointIds?.first ?? []].flat()),
    ...files.flatMap(({ endpointId }) => endpointId ?? []),
  ];
  const machines = rows.flatMap(({ machine }) => parseGuid(machine) ?? []).filter(isMachineGuid);
  const numbers = machines.map(endpointNumberOf).filter((number) => number !== undefined);
  const endpoints = [
    ...(await reader.endpoints.byIds([...new Set(ids)])),
    ...(await reader.endpoints.byNumbers([...new Set(numbers)])),
  ];
  const targets = [...new Set(rows.flatMap(({ target }) => parseGuid(target) ?? []))];
  const objects = [...new Set(files.flatMap(({ vaultObject }) => vaultObject ?? []))];
  const incidentIds = [...new Set(all.flatMap(incidentIdOf))];
  const incidents = await reader.incidents.list({ ids: incidentIds }, { offset: 0, limit: incidentIds.length });
  return {
    sensors: new Map<string, string>(
      endpoints.flatMap(({ id, number, hostName }) => [
        [id, hostName],
        [machineGuid(number), hostName],
      ]),
    ),
    paths: new Map<string, string>([
      ...(await reader.quarantine.heldByGuids(targets)).map(({ guid, displayPath }) => [guid, displayPath] as const),
      ...(await reader.files.byGuids(targets)).map(({ guid, displayPath }) => [guid, displayPath] as const),
      ...(await reader.quarantine.byObjects(objects)).map(
        ({ vaultObject, displayPath }) => [vaultObject, displayPath] as const,
      ),
    ]),
    malops: new Map(incidents.items.map(({ id, guid }) => [id, guid])),
  };
}

/** The event's own, else that of the action which it tells of. */
function incidentIdOf({ event, told }: ToldEvent) {
  const id = event.incidentId ?? told.incidentId ?? '';
  return isIncidentId(id) ? [id] : [];
}

const replaced: readonly string[] = ['endpointIds', 'files', 'filesCount', 'hashes', 'rows'];

function detailsOf(each: ToldEvent, names: Names, policy: Pick<Policy, 'cybereason'>): Json {
  const { event, told } = each;
  const malop = incidentIdOf(each).flatMap((id) => names.malops.get(id) ?? [])[0];
  const sensors = told.endpointIds?.first ?? (event.endpointId === undefined ? [] : [event.endpointId]);
  const sensorsCount =
    told.endpointIds === undefined ? sensors.length : (told.endpointsCount ?? told.endpointIds.total);
  const sensorOf = (id: string | undefined) => (id === undefined ? null : (names.sensors.get(id) ?? id));
  const isReplaced = (name: string) => replaced.includes(name) && Reflect.get(told, name) !== undefined;
  return {
    ...(malop !== undefined && { malop: spellGuid(policy, malop) }),
    ...(sensors.length > 0 && named('sensors', sensors.map(sensorOf), sensorsCount)),
    ...(told.files !== undefined &&
      named(
        'files',
        told.files.first.map(({ endpointId, path, name, sha256, vaultObject }) => ({
          sensor: sensorOf(endpointId),
          path: path ?? names.paths.get(vaultObject ?? '') ?? name ?? null,
          sha256: sha256 ?? null,
        })),
        told.filesCount ?? told.files.total,
      )),
    ...(told.hashes !== undefined && named('hashes', told.hashes.first, told.hashes.total)),
    ...(told.rows !== undefined &&
      named(
        'rows',
        told.rows.first.map(({ machine, target, actionType, result }) => ({
          actionType,
          sensor: sensorOf(machine),
          target,
          path: names.paths.get(target) ?? null,
          result,
        })),
        rowsCount(event, told),
      )),
    ...(event.actionId !== undefined && { action: event.actionId }),
    ...Object.fromEntries(Object.entries(event.facts).filter(([name]) => !isReplaced(name))),
  };
}

function rowsCount({ facts }: CustodyEvent, { rows }: Told): number {
  const counts = [facts['ordered'], facts['listed'], facts['failed']].map(Number);
  const sum = counts.reduce((total, count) => total + count, 0);
  return Number.isFinite(sum) ? sum : (rows?.total ?? 0);
}

/** The first ones, and under `more...` how many there are beyond. */
function named(what: string, first: readonly Json[], total: number): { readonly [key: string]: Json } {
  const more = total - first.length;
  return { [what]: first, ...(more > 0 && { [`more${what[0]?.toUpperCase()}${what.slice(1)}`]: more }) };
}
