import { password } from '#kit/cybereason.ts';
import { clientHost, type PythonCall, type PythonLogIn, runPythonClient } from '#kit/python-client.ts';
import { openWorld, type World } from '#kit/world.ts';

export type PythonStep = { readonly result: unknown } | { readonly error: string; readonly message: string };

/** A real server with two real agents, and the PyPI client before it. */
export interface PythonWorld extends World {
  /** Calls by somebody in one session. @throws Error when the client could not log in. */
  stepsAs(logIn: PythonLogIn, ...calls: readonly PythonCall[]): Promise<readonly PythonStep[]>;
  /** The same as an administrator. */
  steps(...calls: readonly PythonCall[]): Promise<readonly PythonStep[]>;
  /** What one call of an administrator gave. @throws Error when it raised something. */
  result(name: string, args?: readonly unknown[], kwargs?: PythonCall['kwargs']): Promise<unknown>;
}

export const admin = { username: 'ana@example.com', password } as const;

export async function openPythonWorld(): Promise<PythonWorld> {
  const world = await openWorld({ agents: 2, settings: { CUSTODY_TLS_NAMES: clientHost } });
  await world.client.createUser({ email: admin.username, password, role: 'Instance Administrator' });
  const stepsAs: PythonWorld['stepsAs'] = async (logIn, ...calls) => {
    const reply = await runPythonClient(world.server, logIn, calls);
    if ('failure' in reply) {
      throw new Error(`${reply.failure}: ${reply.message}`);
    }
    return reply.steps;
  };
  return {
    ...world,
    stepsAs,
    steps: (...calls) => stepsAs(admin, ...calls),
    async result(name, args = [], kwargs = {}) {
      const [step] = await stepsAs(admin, { name, args, kwargs });
      if (step === undefined || !('result' in step)) {
        throw new Error(`${name}: ${JSON.stringify(step)}`);
      }
      return step.result;
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

/** The client's name for a sensor, of which a few calls want only this. */
export async function pylumIdOf(world: PythonWorld, index: number): Promise<string> {
  const { id } = world.agent(index);
  const { hostName } = await world.client.readEndpoint(id);
  return `PYLUMCLIENT_CUSTODY_${hostName}_${id.slice(0, 12)}`.toUpperCase();
}
