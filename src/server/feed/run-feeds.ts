import type { ServerMetrics } from '../metrics.ts';
import { FeedRunner, type RunnerPorts } from './feed-runner.ts';
import type { OpenedFeeds } from './open-feeds.ts';

interface Running {
  /** A command that opens the data directory for a moment is no place to send events from. */
  readonly isServer: boolean;
  readonly metrics: Pick<ServerMetrics, 'countDelivery'>;
}

/** @returns what ends it. */
export async function runFeeds(
  ports: RunnerPorts,
  { feeds: sender, streams }: OpenedFeeds,
  { isServer, metrics }: Running,
): Promise<() => Promise<void>> {
  if (!isServer) {
    return async () => undefined;
  }
  const runner = new FeedRunner(ports, {
    ...{ sender, streams },
    count: (kind, result) => metrics.countDelivery(kind, result),
  });
  await runner.open();
  return () => runner.stop();
}
