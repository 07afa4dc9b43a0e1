import { spawn } from 'node:child_process';
import path from 'node:path';
import { AdminClient } from '../admin-client.ts';
import { freePort } from '../measure-custody.ts';
import { startCustody } from '../processes.ts';

const custody = new URL('../../bin/custody', import.meta.url).pathname;

/** A real server and a real agent, enrolled with it, that has not been started. */
export interface EnrolledAgent {
  readonly admin: AdminClient;
  /** The file of its index. */
  readonly index: string;
  /** @returns its process id. */
  start(): number;
  stop(): Promise<void>;
}

export async function enrolledAgent(base: string, root: string): Promise<EnrolledAgent> {
  const [serverData, data] = [path.join(base, 'server'), path.join(base, 'agent')];
  const address = `127.0.0.1:${await freePort()}`;
  const server = startCustody(['server', '--data', serverData, '--listen', address, '--log', 'error']);
  const admin = new AdminClient(serverData);
  await admin.untilReady();
  const token = await admin.createToken(1);
  const ca = path.join(serverData, 'tls/ca.pem');
  const enrolling = ['agent', 'enroll', '--server', `https://${address}`, '--ca', ca, '--token', token];
  await startCustody([...enrolling, '--data', data, '--roots', root]).ended;
  const ends: (() => Promise<unknown>)[] = [() => server.stop()];
  return {
    admin,
    index: path.join(data, 'inventory.sqlite'),
    start() {
      const agent = spawn(custody, ['agent', 'run', '--data', data], { stdio: 'ignore' });
      const ended = new Promise((resolve) => agent.once('exit', resolve));
      ends.unshift(() => {
        agent.kill('SIGTERM');
        return ended;
      });
      return agent.pid ?? 0;
    },
    async stop() {
      for (const end of ends) {
        await end();
      }
    },
  };
}
