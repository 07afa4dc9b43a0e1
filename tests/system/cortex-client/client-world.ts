import {
  type CortexPythonCall,
  type CortexPythonKey,
  type CortexPythonStep,
  cortexHost,
  runCortexClient,
} from '#kit/cortex-python-client.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

type Role = Parameters<World['client']['createKey']>[0]['role'];

export type Call = readonly [api: string, name: string, kwargs?: Readonly<Record<string, unknown>>];

/** A real server with two real agents, and the PyPI client before it. */
export interface ClientWorld extends World {
  /** Calls with a key of this role, advanced unless told otherwise. */
  stepsAs(role: Role, calls: readonly Call[], advanced?: boolean): Promise<readonly CortexPythonStep[]>;
  /** What one call of an administrator gave. @throws Error when the client raised something. */
  result(...call: Call): Promise<unknown>;
  /** The same, made as to a product of version 5. */
  newerResult(...call: Call): Promise<unknown>;
  /** What one call of an administrator raised. */
  refusal(...call: Call): Promise<{ readonly status: number | null; readonly text: string | null }>;
  /** Starts an action and waits for its end. @returns the status of each endpoint. */
  finished(...call: Call): Promise<Readonly<Record<string, string>>>;
}

export async function openClientWorld(): Promise<ClientWorld> {
  const world = await openWorld({ agents: 2, settings: { CUSTODY_TLS_NAMES: cortexHost } });
  const newKey = async (role: Role, advanced: boolean): Promise<CortexPythonKey> => {
    const { id, secret } = await world.client.createKey({ role, level: advanced ? 'advanced' : 'standard' });
    return { id, secret, advanced };
  };
  const administrator = await newKey('Instance Administrator', true);
  const run = (key: CortexPythonKey, calls: readonly Call[]) => runCortexClient(world.server, key, calls.map(callOf));
  const resultWith = async (key: CortexPythonKey, call: Call) => {
    const [step] = await run(key, [call]);
    if (step === undefined || !('result' in step)) {
      throw new Error(`${call[1]}: ${JSON.stringify(step)}`);
    }
    return step.result;
  };
  const result: ClientWorld['result'] = (...call) => resultWith(administrator, call);
  return {
    ...world,
    result,
    newerResult: (...call) => resultWith({ ...administrator, version: 5 }, call),
    stepsAs: async (role, calls, advanced = true) => run(await newKey(role, advanced), calls),
    async refusal(...call) {
      const [step] = await run(administrator, [call]);
      if (step === undefined || 'result' in step) {
        throw new Error(`${call[1]} was not refused: ${JSON.stringify(step)}`);
      }
      return step;
    },
    async finished(...call) {
      const group_action_id = startedId(await result(...call));
      return until(`${call[1]} has ended`, async () => {
        const statuses = await result('actions_api', 'get_action_status', { group_action_id });
        const { data } = (statuses as { readonly reply: { readonly data: Readonly<Record<string, string>> } }).reply;
        const isOpen = Object.values(data).some((each) => ['PENDING', 'IN_PROGRESS', 'PENDING_ABORT'].includes(each));
        return isOpen ? undefined : data;
      });
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

/** Replies of modelled calls have the envelope, those of others do not. */
export function startedId(started: unknown): number {
  const { reply = started } = started as { readonly reply?: unknown };
  return Number((reply as { readonly action_id: string }).action_id);
}

function callOf([api, name, kwargs = {}]: Call): CortexPythonCall {
  return { api, name, kwargs };
}
