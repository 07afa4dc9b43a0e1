const hosts: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];

/** Whether an address cannot leave this machine. */
export function isLoopback({ hostname }: Pick<URL, 'hostname'>): boolean {
  return hosts.includes(hostname);
}
