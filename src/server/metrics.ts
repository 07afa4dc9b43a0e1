import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FeedState } from '#core/feed/feed-state.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ClockGuard } from '#core/ports/clock-guard.ts';
import type { Metrics } from '#core/ports/metrics.ts';
import type { EvidenceTotals } from '#core/ports/store/evidence.ts';
import { second } from '#core/time.ts';
import type { DeliveryResult } from '#core/verbs/feed-turn.ts';
import { version } from '#core/version.ts';
import type { DiskWatch } from './disk-watch.ts';
import { knownMethod } from './known-method.ts';

/** From an answer out of memory to a direct fetch that waits for its endpoint. */
const secondsOfAnswers = [0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];
const microsecondsOfOne = 1_000_000;

export interface Counted {
  /** Which part of the server answered. */
  readonly api: string;
  readonly method: string;
  answer(): Promise<Response>;
}

export interface Gauged {
  agents(): number;
  /** Connected agents that know no emergency stop. */
  tooOldToHalt(): number;
  isStopped(): Promise<boolean>;
  waitingApprovals(): Promise<number>;
  haltedOrders(): Promise<number>;
  brokenGlass(): Promise<number>;
  evidence(): Promise<EvidenceTotals>;
  feeds(): Promise<readonly FeedState[]>;
  readonly disks: Pick<DiskWatch, 'evidence' | 'dataFreeBytes' | 'reserveHeld'>;
  readonly clock: Pick<ClockGuard, 'doubt'>;
}

/**
 * What this process has done since it began. Labels are names of our own from short lists: nothing that a client or an endpoint
 * sends, so that nobody can make them many, or read a secret from them.
 */
export class ServerMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #requests: Counter<'api' | 'method' | 'status'>;
  readonly #durations: Histogram<'api'>;
  readonly #deliveries: Counter<'kind' | 'result'>;

  /**
   * @param agents how many are connected to this server now
   * @param tooOldToHalt how many of them know no emergency stop
   * @param isStopped whether it is engaged; where it rejects, that is not known
   * @param waitingApprovals how many orders wait for a second person; where it rejects, the number is not known
   * @param haltedOrders how many orders by rings are halted
   * @param brokenGlass how often one person ever let an order out alone, on every server of the store
   * @param evidence what the store knows to be kept
   * @param feeds how far receivers of events are
   * @param disks what was seen of them last
   * @param guard whether the machine's clock is believed
   */
  constructor(
    clock: Pick<Clock, 'monotonic'>,
    {
      agents,
      tooOldToHalt,
      isStopped,
      waitingApprovals,
      haltedOrders,
      brokenGlass,
      evidence,
      feeds,
      disks,
      clock: guard,
    }: Gauged,
  ) {
    this.#clock = clock;
    const registers = [this.#registry];
    this.#requests = new Counter({
      ...{ name: 'custody_http_requests_total', help: 'Requests that were answered.', registers },
      labelNames: ['api', 'method', 'status'] as const,
    });
    this.#durations = new Histogram({
      ...{ name: 'custody_http_request_duration_seconds', help: 'Time to the head of the answer.', registers },
      ...{ labelNames: ['api'] as const, buckets: secondsOfAnswers },
    });
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        ...{ name, help, registers },
        collect() {
          this.set(value());
        },
      });
    gauge('custody_agents_connected', 'Agents that are connected to this server.', agents);
    gauge('custody_agents_not_haltable', 'Those among them that know no emergency stop.', tooOldToHalt);
    new Gauge({
      ...{ name: 'custody_emergency_stop', help: '1 while the emergency stop is engaged.', registers },
      async collect() {
        this.set(await isStopped().then(Number, () => Number.NaN));
      },
    });
    new Gauge({
      ...{ name: 'custody_approvals_waiting', help: 'Orders that wait for a second person.', registers },
      async collect() {
        this.set(await waitingApprovals().catch(() => Number.NaN));
      },
    });
    new Gauge({
      ...{ name: 'custody_rings_halted', help: 'Orders by rings that are halted and wait for a person.', registers },
      async collect() {
        this.set(await haltedOrders().catch(() => Number.NaN));
      },
    });
    new Counter({
      ...{ name: 'custody_glass_broken_total', help: 'Orders that one person let out alone.', registers },
      async collect() {
        const count = await brokenGlass().catch(() => undefined);
        if (count !== undefined) {
          this.reset();
          this.inc(count);
        }
      },
    });
    gauge(
      'custody_clock_doubted_seconds',
      'How far a clock that is not believed is ahead (negative: behind); 0 while it is believed.',
      () => (guard.doubt()?.ahead ?? 0) / second,
    );
    gauge('process_resident_memory_bytes', 'Memory that the process holds.', () => process.memoryUsage.rss());
    new Counter({
      ...{ name: 'process_cpu_seconds_total', help: 'Processor time that the process has used.', registers },
      collect() {
        this.reset();
        this.inc(processorSeconds());
      },
    });
    addEvidence(this.#registry, evidence);
    this.#deliveries = new Counter({
      ...{
        name: 'custody_feed_deliveries_total',
        help: 'Events that were sent to receivers, or tried in vain.',
        registers,
      },
      labelNames: ['kind', 'result'] as const,
    });
    addFeeds(this.#registry, feeds);
    addDisks(this.#registry, disks);
    gauge('process_uptime_seconds', 'How long the process runs.', () => process.uptime());
    new Gauge({
      ...{ name: 'custody_build_info', help: 'The version, as a label; always 1.', registers },
      labelNames: ['version'] as const,
    }).set({ version }, 1);
  }

  /** Counts a request by how it is answered. */
  async count({ api, method, answer }: Counted): Promise<Response> {
    const began = this.#clock.monotonic();
    const response = await answer();
    this.#durations.observe({ api }, (this.#clock.monotonic() - began) / second);
    this.#requests.inc({ api, method: knownMethod(method), status: String(response.status) });
    return response;
  }

  countDelivery(kind: FeedState['kind'], result: DeliveryResult): void {
    this.#deliveries.inc({ kind, result });
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

/** Feeds are told apart by their kind and place in their list: names and addresses are an administrator's own words. */
function addFeeds(registry: Registry, states: () => Promise<readonly FeedState[]>): void {
  const gauge = (name: string, help: string, number: (state: FeedState) => number) =>
    new Gauge({
      ...{ name, help, registers: [registry] },
      labelNames: ['kind', 'number'] as const,
      async collect() {
        this.reset();
        const known = await states().catch(() => []);
        for (const kind of ['webhook', 'stream'] as const) {
          known
            .filter((state) => state.kind === kind)
            .map((state, index) => this.set({ kind, number: String(index + 1) }, number(state)));
        }
      },
    });
  gauge('custody_feed_lag_events', 'Events that a receiver has yet to be told of.', ({ lag }) => lag);
  gauge('custody_feed_failing', '1 while a receiver takes nothing.', ({ failingSince }) =>
    failingSince === null ? 0 : 1,
  );
  gauge('custody_feed_dead_letters', 'Events that a webhook gave up.', ({ deadLetters }) => deadLetters);
}

/** A store that does not answer must not keep the other numbers back: these are then not known. */
function addEvidence(registry: Registry, totals: () => Promise<EvidenceTotals>): void {
  const unknown = { files: Number.NaN, bytes: Number.NaN, damaged: Number.NaN };
  let asked: Promise<EvidenceTotals> | undefined;
  // One question for the three of them.
  const ask = () => {
    asked ??= totals()
      .catch(() => unknown)
      .finally(() => {
        asked = undefined;
      });
    return asked;
  };
  const gauge = (name: string, help: string, part: keyof EvidenceTotals) =>
    new Gauge({
      ...{ name, help, registers: [registry] },
      async collect() {
        this.set((await ask())[part]);
      },
    });
  gauge('custody_evidence_files', 'Fetched files whose bytes are kept.', 'files');
  gauge('custody_evidence_bytes', 'Their bytes.', 'bytes');
  gauge('custody_evidence_damaged_files', 'Those among them whose stored bytes are damaged.', 'damaged');
}

/** What is not known is no number. */
function addDisks(registry: Registry, disks: Gauged['disks']): void {
  const gauge = (name: string, help: string, value: () => number | undefined) =>
    new Gauge({
      ...{ name, help, registers: [registry] },
      collect() {
        this.set(value() ?? Number.NaN);
      },
    });
  gauge('custody_evidence_free_bytes', 'Free room on the disk of evidence.', () => disks.evidence?.freeBytes);
  gauge('custody_evidence_reserved_bytes', 'How much of it no upload gets.', () => disks.evidence?.reservedBytes);
  gauge('custody_data_free_bytes', 'Free room on the disk of the data directory.', () => disks.dataFreeBytes);
  gauge(
    'custody_store_reserve_held',
    'Whether room is kept for the database, 1 or 0; NaN where none is.',
    () => disks.reserveHeld,
  );
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / microsecondsOfOne;
}
