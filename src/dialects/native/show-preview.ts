import type { z } from 'zod';
import type { QuarantinePreview } from '#core/verbs/preview-quarantine.ts';
import { instantOf, nullableInstantOf } from './instant.ts';
import type { previewQuarantine } from './schemas/quarantine.ts';

type Shown = z.input<typeof previewQuarantine.reply>;

const percent = 100;
const decimals = 100;

export function showPreview(preview: QuarantinePreview): Shown {
  const { spread, fleet, targets, held, underWay, listed, rules } = preview;
  const { firstSeenAt, paths, packages, ...counts } = spread;
  return {
    targets: { ...targets },
    seen: {
      ...counts,
      since: nullableInstantOf(firstSeenAt),
      paths: paths.map(({ displayPath, files }) => ({ path: displayPath, files })),
      packages: [...packages],
    },
    fleet: { endpoints: fleet, percent: shareOf(spread.endpoints, fleet) },
    quarantined: { ...held },
    ...{ underWay, listed },
    observed: showObserved(preview),
    searched: showSearched(preview),
    rules: [...rules],
  };
}

function shareOf(endpoints: number, fleet: number): number {
  return fleet === 0 ? 0 : Math.round((endpoints / fleet) * percent * decimals) / decimals;
}

function showObserved({ observed: { items, total } }: QuarantinePreview): Shown['observed'] {
  const processes = items.map(({ endpointId, displayPath, pid, startedAt, incidentId }) => {
    return { endpointId, path: displayPath, pid, startedAt: nullableInstantOf(startedAt), incidentId };
  });
  return { items: processes, total };
}

function showSearched({ searched }: QuarantinePreview): Shown['searched'] {
  if (searched === null) {
    return null;
  }
  const items = searched.items.map(({ endpointId, displayPath, processes }) => ({
    ...{ endpointId, path: displayPath },
    processes: processes.map(({ pid, startedAt }) => ({ pid, startedAt: instantOf(startedAt) })),
  }));
  return { ...searched, items };
}
