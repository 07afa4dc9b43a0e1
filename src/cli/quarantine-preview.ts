import type { Client } from '#sdk/client.ts';
import { type Context, type OutputOptions, show } from './context.ts';
import { few, whyHeld } from './held-actions.ts';
import { safeText } from './safe-text.ts';
import { type Cell, facts } from './table.ts';

export type Preview = Awaited<ReturnType<Client['previewQuarantine']>>;

/** What a quarantine of every copy would touch, for people a fact a line. */
export function showPreview(context: Context, options: OutputOptions, preview: Preview): Promise<void> {
  return show(context, options, { json: preview, text: facts(factsOf(preview)) });
}

/** In one sentence, for a question before the act. */
export function previewSentence({ seen, fleet, targets }: Preview): string {
  const vaults = `the ${targets.endpoints === 1 ? 'vault' : 'vaults'} of ${few(targets.endpoints, 'endpoint')}`;
  const [owner] = seen.packages;
  const packaged = owner === undefined ? '' : ` The package ${safeText(owner.package)} has just these bytes.`;
  return `${few(seen.files, 'file')} would be taken into ${vaults}, ${fleet.percent} % of the fleet.${packaged}`;
}

function factsOf(preview: Preview): Readonly<Record<string, Cell>> {
  const { seen, fleet, quarantined, underWay, listed, rules, targets } = preview;
  return {
    files: `${seen.files} on ${few(seen.endpoints, 'endpoint')} (${seen.connected} connected), ${fleet.percent} % of the fleet of ${fleet.endpoints}`,
    since: seen.since,
    paths: namedOf(seen.paths, seen.pathsCount, ({ path, files }) => `${path} (${files})`),
    packages: namedOf(seen.packages, seen.packages.length, (each) => `${each.package} (${each.files})`),
    running: runningWords(preview),
    quarantined: `${few(quarantined.objects, 'file')} in the vaults of ${few(quarantined.endpoints, 'endpoint')}`,
    'under way': few(underWay, 'endpoint'),
    listed: listed === null ? null : `${listed} list`,
    approval: rules.length === 0 ? 'not needed' : `it would wait for a second person: ${whyHeld({ rules })}`,
    digest: targets.digest,
  };
}

function runningWords({ observed, searched }: Preview): string {
  const told = `${few(observed.total, 'process', 'processes')} in incidents`;
  if (searched === null) {
    return `${told}; to ask the endpoints, search for the hash with --live, and give the action with --search`;
  }
  const places = namedOf(searched.items, searched.total, ({ endpointId, path, processes }) => {
    return `${endpointId} ${path} (${processes.map(({ pid }) => pid).join(' ')})`;
  });
  const answers = `${searched.answered} of ${few(searched.endpoints, 'endpoint')} have answered`;
  return `${places ?? 'nowhere'}, where ${answers} the search; ${told}`;
}

const mostNamed = 5;

function namedOf<Item>(items: readonly Item[], total: number, words: (item: Item) => string): string | null {
  const named = items.slice(0, mostNamed);
  const more = total - named.length;
  return named.length === 0 ? null : [...named.map(words), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
