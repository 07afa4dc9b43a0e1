import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { showStatus } from '#cli/commands/agent-status.ts';
import { type CommandWorld, openCommands, statusOf } from './command-world.ts';

let world: CommandWorld;

beforeAll(async () => {
  world = await openCommands();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

async function called(...words: readonly string[]) {
  const { code, err } = await world.run(['agent', ...words]);
  return { code, err, last: world.called.at(-1) };
}

const usual = '/var/lib/custody-agent';

describe('The commands of the agent', () => {
  test('pass on several servers and a proxy at enrolment', async () => {
    const more = ['--server', 'https://b.example', '--proxy', 'http://p:3128', '--proxy-except', 'a.example'];
    const { code, last } = await called(
      'enroll',
      '--server',
      'https://a.example',
      ...more,
      '--ca',
      'c',
      '--token',
      't',
    );
    expect(code).toBe(0);
    expect(last?.with).toEqual({
      ...{ server: 'https://a.example', otherServers: ['https://b.example'], caFile: 'c', token: 't' },
      ...{ dataDirectory: usual, proxy: 'http://p:3128', noProxy: 'a.example' },
    });
  });

  test('change of trust only what they are given', async () => {
    expect(await called('trust', '--ca', 'new.pem')).toMatchObject({
      last: { name: 'trust', with: { dataDirectory: usual, caFile: 'new.pem' } },
    });
    expect((await called('trust', '--data', '/d', '--proxy', 'none')).last?.with).toEqual({
      ...{ dataDirectory: '/d', proxy: 'none' },
    });
  });

  test('take one word for the vault at removal, and no two', async () => {
    expect((await called('uninstall', '--keep-vault', '--dry-run')).last?.with).toEqual({
      vault: 'keep-vault',
      dryRun: true,
    });
    expect(await called('uninstall', '--keep-vault', '--purge-vault')).toMatchObject({ code: 2 });
    expect((await called('install', '--root', '/r', '--program', '/p')).last?.with).toEqual({
      ...{ root: '/r', program: '/p', dryRun: false },
    });
  });

  test.each([
    ['connected', 0],
    ['stopped', 3],
    ['disconnected', 4],
    ['not_enrolled', 5],
  ] as const)('say with the exit code that an agent is %s', async (standing, code) => {
    const printed: (string | Uint8Array)[] = [];
    const out = async (text: string | Uint8Array) => void printed.push(text);
    const io = { environment: {}, out, err: () => undefined };
    const service = { status: async () => statusOf(standing) };
    const context = { programs: { service }, io: { ...io, readInput: async () => '' } };
    const shown = showStatus(context, { data: '/d' }).then(
      () => 0,
      (failure: { readonly exitCode: number }) => failure.exitCode,
    );
    expect(await shown).toBe(code);
    expect(printed.join('')).toContain('runs as user nobody');
  });

  test('print the status of a stopped agent, and end with its code', async () => {
    const { code, out } = await world.run(['agent', 'status', '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ standing: 'stopped', openTasks: 0 });
  });
});
