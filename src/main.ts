import type { Programs } from '#cli/programs.ts';

/** The hidden word under which an agent starts this program again, one child for one action. */
const agentChild = 'agent-child';

/** Each is loaded when it is first called: the agent's process never holds the server's code, nor the other way round. */
const programs: Programs = {
  runServer: async (sources, words) => (await import('#server/main.ts')).runServer(sources, words),
  runUp: async (sources, words) => (await import('#server/main.ts')).runUp(sources, words),
  enrolAgent: async (enrolment) => (await import('#agent/main.ts')).enrolAgent(enrolment),
  runAgent: async (options) => (await import('#agent/main.ts')).runAgent(options),
};

/** @returns the exit code. */
async function run(words: readonly string[]): Promise<number> {
  if (words[0] === agentChild) {
    const { runAgentChild } = await import('#agent/main.ts');
    return runAgentChild();
  }
  const { runCommandLine } = await import('#cli/main.ts');
  return runCommandLine(words, programs);
}

process.exitCode = await run(process.argv.slice(2));
