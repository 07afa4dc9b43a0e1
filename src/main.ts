import type { Programs } from '#cli/programs.ts';

/** The hidden word under which an agent starts this program again, one child for one action. */
const agentChild = 'agent-child';

const server = async () => (await import('#server/main.ts')).serverPrograms;
const signer = async () => (await import('#server/signer/main.ts')).signerPrograms;
const agent = async () => await import('#agent/main.ts');

/** Each is loaded when it is first called: the agent's process never holds the server's code, nor the other way round. */
const programs: Programs = {
  runServer: async (sources, words) => (await server()).runServer(sources, words),
  runUp: async (sources, words) => (await server()).runUp(sources, words),
  enrolAgent: async (enrolment) => (await agent()).enrolAgent(enrolment),
  runAgent: async (options) => (await agent()).runAgent(options),
  service: {
    status: async (place) => (await agent()).agentStatus(place),
    vault: async (place) => (await agent()).agentVault(place),
    rekey: async (place) => (await agent()).rekeyVault(place),
    restore: async (wish) => (await agent()).restoreByToken(wish),
    trust: async (change) => (await agent()).changeTrust(change),
    install: async (wish) => (await agent()).installAgent(wish),
    uninstall: async (wish) => (await agent()).uninstallAgent(wish),
  },
  signer: {
    init: async (wish) => (await signer()).init(wish),
    run: async (directory) => (await signer()).run(directory),
    rotate: async (directory) => (await signer()).rotate(directory),
  },
  rotateOrderKey: async (sources) => (await server()).rotateOrderKey(sources),
  openLocalServices: async (sources) => (await server()).openLocalServices(sources),
  backUp: async (command) => (await server()).backUp(command),
  verifyServer: async (command) => (await server()).verifyServer(command),
  verifyBundle: async (bundle) => (await import('#verify/main.ts')).verifyBundle(bundle),
  restoreBackup: async (command) => (await server()).restoreBackup(command),
  rotateEvidenceKey: async (sources) => (await server()).rotateEvidenceKey(sources),
};

/** @returns the exit code. */
async function run(words: readonly string[]): Promise<number> {
  if (words[0] === agentChild) {
    const { runAgentChild } = await agent();
    return runAgentChild();
  }
  const { runCommandLine } = await import('#cli/main.ts');
  return runCommandLine(words, programs);
}

// Whatever this program makes, its databases' own files included, is for its own user alone.
process.umask(0o077);
process.exitCode = await run(process.argv.slice(2));
