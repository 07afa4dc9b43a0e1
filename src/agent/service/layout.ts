import path from 'node:path';

/** Where an installed agent is on a machine; `root` is another directory than `/` for an image or a test. */
export interface Layout {
  readonly root: string;
  readonly programDirectory: string;
  readonly program: string;
  /** The unit that `agent install` writes, in the administrator's own place. */
  readonly unit: string;
  /** The unit that a Debian or RPM package brings, which wins over nothing and is never touched. */
  readonly packagedUnit: string;
  readonly policyDirectory: string;
  readonly data: string;
}

export const unitName = 'custody-agent.service';
export const usualData = '/var/lib/custody-agent';

/** @param data the agent's directory as it is on the machine itself, without `root` in front. */
export function layoutIn(root: string, data: string = usualData): Layout {
  const at = (absolute: string) => path.join(root, absolute);
  return {
    root,
    programDirectory: at('/usr/lib/custody'),
    program: at('/usr/lib/custody/custody'),
    unit: at(`/etc/systemd/system/${unitName}`),
    packagedUnit: at(`/usr/lib/systemd/system/${unitName}`),
    policyDirectory: at('/etc/custody'),
    data: at(data),
  };
}
