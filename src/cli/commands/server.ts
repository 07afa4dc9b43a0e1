import { type Command, Option } from 'commander';
import { settings } from '#core/settings.ts';
import type { Client } from '#sdk/client.ts';
import { type Context, type OutputOptions, say, show, type TextPart, wordsOf } from '../context.ts';
import type { Programs, ServerSources } from '../programs.ts';
import { facts, table } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';
import { doubtWords } from './clock.ts';

type Feed = Awaited<ReturnType<Client['readServer']>>['feeds'][number];
type ShownAlert = Awaited<ReturnType<Client['readServer']>>['alerts'][number];

/** `up`, `server`, `server rotate-evidence-key`, `status`, `settings`. */
export function addServerCommands(program: Command, context: Context): void {
  addRunning(program, context, {
    name: 'up',
    description: 'run a server and an agent for this machine, until Ctrl-C',
    run: 'runUp',
  });
  const server = addRunning(program, context, {
    name: 'server',
    description: 'run a server, until Ctrl-C',
    run: 'runServer',
  });
  addRotation(server, context);
  addSettings(program, context);
  speaksToServer(program.command('status').description('show version and state of a server')).action(
    (options: ServerOptions) =>
      withClient(context, options, async (client) => {
        const { version, time, clockDoubt, publicUrl, licences, evidence, emergencyStop, feeds, alerts } =
          await client.readServer();
        const text = facts({
          version,
          time,
          ...(clockDoubt !== null && { clock: doubtWords(clockDoubt) }),
          url: publicUrl,
          licences: licences.join(', '),
          evidence: [evidence.state, evidence.message].filter(Boolean).join(': '),
          ...(emergencyStop !== null && {
            'emergency stop': `ENGAGED by ${emergencyStop.by.name} at ${emergencyStop.engagedAt}: ${emergencyStop.reason}`,
          }),
          ...(feeds.length > 0 && { feeds: feeds.map(feedWords).join('; ') }),
        });
        const json = { version, time, clockDoubt, publicUrl, licences, evidence, emergencyStop, feeds, alerts };
        const told = alertTable(alerts);
        await show(context, options, { json, text: told === undefined ? text : [text, told] });
      }),
  );
}

function addSettings(program: Command, context: Context): void {
  speaksToServer(program.command('settings').description('show how a server was set up when it started')).action(
    (options: ServerOptions) =>
      withClient(context, options, async (client) => {
        const installation = await client.readInstallation();
        const { store, certificate, settings: shown } = installation;
        const text = facts({
          store,
          ...(certificate !== null && {
            certificate: `${certificate.subject}, until ${certificate.notAfter}`,
            fingerprint: certificate.sha256,
          }),
        });
        const listed = table(shown, {
          SETTING: ({ name }) => name,
          VALUE: ({ source, value, fallback }) => (source === null ? fallback : (value ?? 'set, and secret')),
          FROM: ({ source }) => source ?? 'default',
        });
        await show(context, options, { json: installation, text: [text, listed] });
      }),
  );
}

function feedWords({ feed, paused, lag, failingSince, deadLetters }: Feed): string {
  const state = failingSince === null ? `${lag} behind` : `${lag} behind, failing since ${failingSince}`;
  return `${feed} ${paused ? 'paused, ' : ''}${state}${deadLetters > 0 ? `, ${deadLetters} dead letters` : ''}`;
}

const alertWords: Readonly<Record<ShownAlert['kind'], string>> = {
  glass_broken: 'let out by one person alone',
  rings_halted: 'halted, waits for a person',
};

function alertTable(alerts: readonly ShownAlert[]): TextPart | undefined {
  return alerts.length === 0
    ? undefined
    : table(alerts, {
        ALERT: (alert) => alertWords[alert.kind],
        ACTION: (alert) => alert.actionId,
        BY: (alert) => alert.by.name,
        AT: (alert) => alert.at,
        WHY: (alert) => alert.reason,
      });
}

interface Running {
  readonly name: string;
  readonly description: string;
  readonly run: Extract<keyof Programs, 'runUp' | 'runServer'>;
}

function addRunning(program: Command, context: Context, { name, description, run }: Running): Command {
  const command = withSettings(program.command(name).description(description)).option(
    '--json',
    'say as JSON that it has stopped',
  );
  command.action(async (options: OutputOptions) => {
    await context.programs[run](sourcesOf(command, context), wordsOf(context));
    await show(context, options, { json: { stopped: true }, text: '' });
  });
  return command;
}

function addRotation(server: Command, context: Context): void {
  const rotate = withSettings(
    server
      .enablePositionalOptions()
      .command('rotate-evidence-key')
      .description('lock all evidence to a new key, while no server runs; what was cut off is completed'),
  ).option('--json', 'print the result as JSON');
  rotate.action(async (options: OutputOptions) => {
    const { rewrapped, damaged } = await context.programs.rotateEvidenceKey(sourcesOf(rotate, context));
    if (damaged.length > 0) {
      say(context, 'The older key is kept: no key opens some of the evidence, and perhaps it can be mended.');
    }
    const text = facts({ rewrapped, damaged: damaged.join(', ') });
    await show(context, options, { json: { rewrapped, damaged: [...damaged] }, text });
  });
}

/** A flag for every setting. */
export function withSettings(command: Command): Command {
  for (const setting of settings) {
    const fallback = 'fallback' in setting ? `; default: ${setting.fallback}` : '';
    const help = `${setting.help} (${setting.name}${fallback})`;
    command.addOption(new Option(`--${setting.flag} <${setting.placeholder}>`, help));
  }
  return command.option('--config <FILE>', 'settings file (default: custody.toml in the data directory)');
}

/** The given settings by flag name, those before a subcommand's name too, and the environment. */
export function sourcesOf(command: Command, { io }: Context): ServerSources {
  const names = [...settings.map(({ flag }) => flag), 'config'];
  const values: Readonly<Record<string, unknown>> = command.optsWithGlobals();
  const given = command.options
    .filter((option) => names.includes(option.name()))
    .map((option) => [option.name(), values[option.attributeName()]] as const)
    .filter((pair): pair is readonly [string, string] => typeof pair[1] === 'string');
  return { flags: Object.fromEntries(given), environment: io.environment };
}
