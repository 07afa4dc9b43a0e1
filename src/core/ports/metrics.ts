/** What a server counts of its own work. */
export interface Metrics {
  /** As Prometheus reads it (text format 0.0.4), as it is now. */
  text(): Promise<string>;
}
