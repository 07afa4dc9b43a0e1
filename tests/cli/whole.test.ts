import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { finishCommands, leavesOf } from '#cli/command-tree.ts';
import { adders } from '#cli/commands/all.ts';
import type { Context } from '#cli/context.ts';
import { examples } from '#cli/examples.ts';
import { operations } from '#dialects/native/operations.ts';
import { createClient } from '#sdk/client.ts';
import { openCommands } from './command-world.ts';

/** The command that does what each native operation does. */
const commandOf: Readonly<Record<string, string>> = {
  logIn: 'login',
  readLogInWays: 'login',
  takeSession: 'login',
  logOut: 'logout',
  whoAmI: 'whoami',
  changePassword: 'users password',
  expirePassword: 'users expire-password',
  prepareSecondFactor: 'users second-factor prepare',
  confirmSecondFactor: 'users second-factor confirm',
  resetSecondFactor: 'users second-factor reset',
  renewRecoveryCodes: 'users second-factor recovery-codes',
  changeUser: 'users change',
  deleteUser: 'users delete',
  resetPassword: 'users reset-password',
  listOwnSessions: 'users sessions',
  listUserSessions: 'users sessions',
  endOwnSessions: 'users end-sessions',
  endUserSessions: 'users end-sessions',
  listRoles: 'roles list',
  createRole: 'roles create',
  changeRole: 'roles change',
  deleteRole: 'roles delete',
  linkUser: 'users link',
  listApprovals: 'approvals list',
  readApproval: 'approvals show',
  approveAction: 'approvals approve',
  refuseApproval: 'approvals refuse',
  listEvidence: 'evidence list',
  deleteEvidence: 'evidence delete',
  readRetention: 'evidence retention',
  changeRetention: 'evidence retention',
  holdIncident: 'incidents hold',
  releaseIncident: 'incidents release',
  settleCopies: 'endpoints accept-machine',
  revokeEnrolmentToken: 'tokens revoke',
  readEnrolment: 'tokens authority',
  describeApi: 'openapi',
  readServer: 'status',
  readInstallation: 'settings',
  acceptClock: 'clock accept',
  readMetrics: 'metrics',
  readLedger: 'ledger checkpoint',
  proveEvent: 'ledger prove',
  readEmergencyStop: 'emergency-stop status',
  engageEmergencyStop: 'emergency-stop engage',
  releaseEmergencyStop: 'emergency-stop release',
  readLifetimes: 'lifetimes show',
  changeLifetimes: 'lifetimes set',
  listEndpoints: 'endpoints list',
  readEndpoint: 'endpoints show',
  countEndpoints: 'endpoints count',
  renameEndpoints: 'endpoints rename',
  tagEndpoints: 'endpoints tag',
  archiveEndpoints: 'endpoints archive',
  unarchiveEndpoints: 'endpoints unarchive',
  revokeEndpoints: 'endpoints revoke',
  fetchLogs: 'endpoints logs',
  listFleetActions: 'endpoints history',
  readFleetAction: 'endpoints history',
  findFiles: 'files find',
  readFile: 'files show',
  listQuarantine: 'vault list',
  listQuarantinedHashes: 'vault hashes',
  readQuarantineStatus: 'vault status',
  purgeVault: 'vault purge',
  listActions: 'actions list',
  countActions: 'actions count',
  readAction: 'actions show',
  closeAction: 'actions close',
  cancelAction: 'actions cancel',
  undoAction: 'actions undo',
  planRestore: 'restore plan',
  readRestorePlan: 'restore review',
  runRestorePlan: 'restore run',
  retryAction: 'actions retry',
  confirmAction: 'actions confirm',
  resumeAction: 'actions resume',
  startFetch: 'fetch',
  retrieveFiles: 'fetch',
  quarantineFile: 'quarantine',
  previewQuarantine: 'quarantine',
  restoreFile: 'restore',
  issueRestoreToken: 'restore',
  startSearch: 'search',
  startScan: 'scan',
  abortScans: 'scan',
  downloadFile: 'evidence get',
  downloadAction: 'evidence get',
  viewFile: 'evidence show',
  exportBundle: 'evidence export',
  listHashes: 'hashes block',
  forgetHashes: 'hashes forget',
  findListedHashes: 'hashes list',
  listIncidents: 'incidents list',
  findProcesses: 'incidents processes',
  createIncident: 'incidents create',
  readIncident: 'incidents show',
  changeIncident: 'incidents change',
  observeIncident: 'incidents observe',
  commentOnIncident: 'incidents comment',
  readTimeline: 'incidents timeline',
  listAlerts: 'alerts list',
  reportAlerts: 'alerts report',
  findRemedies: 'remediations options',
  remediate: 'remediations start',
  listRemediations: 'remediations list',
  readRemediation: 'remediations show',
  abortRemediation: 'remediations abort',
  undoRemediation: 'remediations undo',
  listEvents: 'events list',
  listWebhooks: 'webhooks list',
  createWebhook: 'webhooks create',
  changeWebhook: 'webhooks change',
  rotateWebhookSecret: 'webhooks rotate',
  deleteWebhook: 'webhooks delete',
  testWebhook: 'webhooks test',
  listDeadLetters: 'webhooks letters',
  redeliverLetters: 'webhooks redeliver',
  dropLetters: 'webhooks drop',
  followEvents: 'events follow',
  followAction: 'actions follow',
  listKeys: 'keys list',
  createKey: 'keys create',
  deleteKey: 'keys delete',
  listUsers: 'users list',
  createUser: 'users create',
  listEnrolmentTokens: 'tokens list',
  createEnrolmentToken: 'tokens create',
};

/** What the client does on top of operations. */
const beyondOperations = ['waitForAction', 'offerAction', 'offerFile'];

/** Pages that a provider sends a browser to. */
const inBrowsers = ['beginProviderLogIn', 'finishProviderLogIn', 'openBrowserSession'];

function wholeProgram(): Command {
  const program = new Command('custody');
  for (const add of adders) {
    add(program, {} as Context);
  }
  finishCommands(program);
  return program;
}

const leaves = leavesOf(wholeProgram()).map(({ words, command }) => ({ name: words.join(' '), command }));

describe('Each native operation', () => {
  const names = operations
    .map(({ contract }) => contract.name)
    .filter((name) => !inBrowsers.includes(name))
    .toSorted();

  test('has one function of the client, and the client has no other', () => {
    const client = createClient({ send: () => Promise.reject(new Error('Nothing is sent.')) });
    const functions = Object.keys(client).filter((name) => !beyondOperations.includes(name));
    expect(functions.toSorted()).toEqual(names);
  });

  test('has one command, which calls it', () => {
    expect(Object.keys(commandOf).toSorted()).toEqual(names);
    const known = leaves.map(({ name }) => name);
    expect(Object.values(commandOf).filter((name) => !known.includes(name))).toEqual([]);
    const directory = join(import.meta.dir, '../../src/cli');
    const sources = readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(directory, name), 'utf8'))
      .join('\n');
    expect(names.filter((name) => !sources.includes(`client.${name}(`))).toEqual([]);
  });
});

describe('Each command', () => {
  test.each(leaves.map(({ name, command }) => [name, command] as const))(
    '%s has --json, --quiet and a description',
    (_name, command) => {
      const flags = command.options.map(({ long }) => long);
      expect(flags).toContain('--json');
      expect(flags).toContain('--quiet');
      expect(command.description().length).toBeGreaterThan(5);
    },
  );

  test('has the examples that its help shows: of words and options that there are', () => {
    const byName = new Map(leaves.map(({ name, command }) => [name, command]));
    for (const [name, lines] of Object.entries(examples)) {
      const command = byName.get(name);
      expect({ name, isKnown: command !== undefined }).toEqual({ name, isKnown: true });
      for (const line of lines) {
        expect(`${line} `).toStartWith(`${name} `);
        const used = [...line.matchAll(/ (--[a-z][a-z0-9-]*)/g)].map((match) => match[1]);
        const flags = command?.options.map(({ long }) => long) ?? [];
        expect({ line, unknown: used.filter((flag) => !flags.includes(flag)) }).toEqual({ line, unknown: [] });
      }
    }
  });

  test('is shown in the help with its examples', async () => {
    await using world = await openCommands();
    const { out } = await world.run(['fetch', '--help']);
    expect(out).toContain('Examples:\n  custody fetch 1234567890.42 --wait');
  });
});

test.each([
  ['endpoint', 'endpoints', 'list'],
  ['file', 'files', 'find'],
  ['action', 'actions', 'list'],
  ['incident', 'incidents', 'list'],
  ['key', 'keys', 'list'],
  ['user', 'users', 'list'],
  ['token', 'tokens', 'list'],
  ['event', 'events', 'list'],
  ['hash', 'hashes', 'list'],
  ['alert', 'alerts', 'list'],
  ['webhook', 'webhooks', 'list'],
])('%s and %s are one command', async (singular, plural, verb) => {
  await using world = await openCommands();
  expect(await world.json([singular, verb])).toEqual(await world.json([plural, verb]));
  const { out } = await world.run(['--help']);
  expect(out).toContain(`  ${plural} `);
  expect(out).not.toContain(`  ${singular} `);
  expect(out).not.toContain(`|${singular}`);
});

test('the help of the program says what exit codes mean', async () => {
  await using world = await openCommands();
  const { out } = await world.run(['--help']);
  expect(out).toMatch(/Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}130 /);
  expect(await world.run(['endpoints', 'list', '--data', world.directory])).toMatchObject({ code: 0 });
  expect(await world.run(['endpoints', 'show', '0'.repeat(32), '--data', world.directory])).toMatchObject({ code: 1 });
  expect(await world.run(['endpoints', 'show', 'x', '--data', world.directory])).toMatchObject({ code: 2 });
});
