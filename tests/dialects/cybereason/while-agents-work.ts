import type { World } from './world.ts';

/** An answer that comes only once the agents have done what they were ordered. */
export async function whileAgentsWork(world: World, answering: Promise<Response>): Promise<Response> {
  let answered = false;
  const done = answering.finally(() => {
    answered = true;
  });
  while (!answered) {
    await world.web.agent.work();
    await world.mail.agent.work();
    await Promise.race([done, Bun.sleep(10)]);
  }
  return done;
}
