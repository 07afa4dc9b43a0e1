import { type Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import type { Client } from '#sdk/client.ts';
import { type Context, show } from '../context.ts';
import { type PageOptions, paged, showList } from '../paged.ts';
import { facts } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

type Search = Parameters<Client['findFiles']>[0];
type Condition = NonNullable<Search['conditions']>[number];

interface FindOptions extends ServerOptions, PageOptions {
  readonly path?: string;
  readonly sha256?: string;
  readonly sha1?: string;
  readonly md5?: string;
  readonly endpoint?: string;
  readonly host?: string;
  readonly state?: (typeof choices.fileStates)[number];
}

/** `file find`, `file show`. */
export function addFileCommands(program: Command, context: Context): void {
  const file = program.command('file').description('files that agents have reported');
  paged(speaksToServer(file.command('find').description('find files for which everything given holds')))
    .argument('[name]', 'name of the file; * is any text and ? one character')
    .option('--path <PATH>', 'whole path; * and ? as above')
    .option('--sha256 <HASH>', 'its SHA-256')
    .option('--sha1 <HASH>', 'its SHA-1')
    .option('--md5 <HASH>', 'its MD5')
    .option('--endpoint <ID>', 'only on this endpoint')
    .option('--host <NAME>', 'only on endpoints with this host name')
    .addOption(new Option('--state <STATE>', 'only in this state').choices(choices.fileStates))
    .action((name: string | undefined, options: FindOptions) =>
      withClient(context, options, (client) => find(context, { name, options }, client)),
    );
  speaksToServer(file.command('show').description('show one file'))
    .argument('<guid>', 'its GUID, as `files find` prints it', (word: string) => word.trim())
    .action((guid: string, options: ServerOptions) =>
      withClient(context, options, async (client) => {
        const found = await client.readFile(guid);
        await show(context, options, { json: found, text: facts(found) });
      }),
    );
}

function find(
  context: Context,
  { name, options }: { readonly name: string | undefined; readonly options: FindOptions },
  client: Client,
): Promise<void> {
  const { state } = options;
  const conditions = conditionsOf(name, options);
  return showList(context, options, {
    page: (at) => client.findFiles({ conditions, ...at, ...(state && { states: [state] }) }),
    columns: {
      GUID: (item) => item.guid,
      STATE: (item) => item.state,
      SIZE: (item) => item.size,
      SHA256: (item) => item.sha256,
      ENDPOINT: (item) => item.endpointId,
      PATH: (item) => item.path,
    },
  });
}

function conditionsOf(name: string | undefined, options: FindOptions): Condition[] {
  const asked: readonly (readonly [Condition['field'], string | undefined])[] = [
    ['name', name],
    ['path', options.path],
    ['sha256', options.sha256],
    ['sha1', options.sha1],
    ['md5', options.md5],
    ['endpointId', options.endpoint],
    ['endpointName', options.host],
  ];
  return asked.flatMap(([field, value]) =>
    value === undefined ? [] : [{ field, operator: operatorFor(field, value), values: [value] }],
  );
}

function operatorFor(field: Condition['field'], value: string): NonNullable<Condition['operator']> {
  const isPattern = (field === 'name' || field === 'path') && /[*?]/.test(value);
  return isPattern ? 'matches_wildcard' : 'equals_ignore_case';
}
