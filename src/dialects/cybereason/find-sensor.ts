import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { Fault } from '#core/fault.ts';
import type { Reader } from '#core/ports/store/store.ts';

/** A host that was renamed keeps the end of its name, which is the endpoint's. */
const pattern = /_([0-9a-f]{12})$/i;

/**
 * The endpoint that a `pylumId` names, whatever its host is called now.
 * @throws Fault `no_target` when no endpoint that may be given orders has it.
 */
export async function sensorNamed(reader: Pick<Reader, 'endpoints'>, name: string): Promise<Endpoint> {
  const head = pattern.exec(name)?.[1]?.toLowerCase();
  const targets = head === undefined ? [] : await reader.endpoints.allTargets();
  const [target, other] = targets.filter(({ id }) => head !== undefined && id.startsWith(head));
  const endpoint = target === undefined || other !== undefined ? undefined : await reader.endpoints.byId(target.id);
  if (endpoint === undefined) {
    throw new Fault('no_target', `There is no sensor with the pylumId ${name.slice(0, 200)}.`, {
      details: { field: 'pylumId' },
    });
  }
  return endpoint;
}
