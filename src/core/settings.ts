/** One thing that an administrator may set: by flag, by environment variable or in `custody.toml`, in that order. */
export interface Setting {
  /** The environment variable. */
  readonly name: string;
  /** The same in kebab case, without the dashes in front; with `_` for `-` it is the key in `custody.toml`. */
  readonly flag: string;
  /** What stands for the value in help texts. */
  readonly placeholder: string;
  readonly help: string;
  /** What holds when nobody sets it, in words for help texts; undefined where that needs no words. */
  readonly fallback?: string;
}

/**
 * The settings of a server, as data: the command line makes flags of it and the server its validation, so that
 * neither can know a setting that the other does not.
 */
export const settings = [
  {
    name: 'CUSTODY_DATA',
    flag: 'data',
    placeholder: 'DIR',
    help: 'directory that holds everything this server is',
    fallback: './data',
  },
  {
    name: 'CUSTODY_LISTEN',
    flag: 'listen',
    placeholder: 'HOST:PORT',
    help: 'address to listen on',
    fallback: '127.0.0.1:8443',
  },
  {
    name: 'CUSTODY_PUBLIC_URL',
    flag: 'public-url',
    placeholder: 'URL',
    help: 'https address under which clients and agents reach this server',
    fallback: 'https:// and the listening address',
  },
  {
    name: 'CUSTODY_TLS_CERT',
    flag: 'tls-cert',
    placeholder: 'FILE',
    help: 'certificate chain (PEM); needs CUSTODY_TLS_KEY',
    fallback: 'one from an own authority, DIR/tls/ca.pem',
  },
  {
    name: 'CUSTODY_TLS_KEY',
    flag: 'tls-key',
    placeholder: 'FILE',
    help: 'private key of the certificate (PEM)',
  },
  {
    name: 'CUSTODY_TLS_NAMES',
    flag: 'tls-names',
    placeholder: 'A,B',
    help: 'more host names for the self-made certificate, separated by commas',
  },
  {
    name: 'CUSTODY_AGENT_URLS',
    flag: 'agent-urls',
    placeholder: 'A,B',
    help: 'https addresses that agents use from now on, tried in this order, separated by commas',
    fallback: 'agents keep those of their enrolment',
  },
  {
    name: 'CUSTODY_AGENT_AUTHORITIES',
    flag: 'agent-authorities',
    placeholder: 'A,B',
    help: 'files (PEM) with more authorities that agents trust from now on, separated by commas; needs CUSTODY_AGENT_URLS',
    fallback: 'the own authority, unless CUSTODY_TLS_CERT is set',
  },
  {
    name: 'CUSTODY_ADMIN_EMAIL',
    flag: 'admin-email',
    placeholder: 'EMAIL',
    help: 'first user; read at the first start only',
    fallback: 'admin@custody.local',
  },
  {
    name: 'CUSTODY_ADMIN_PASSWORD',
    flag: 'admin-password',
    placeholder: 'PASSWORD',
    help: 'first password; read at the first start only (a flag shows in process lists: prefer the variable)',
    fallback: 'a generated one, printed once',
  },
  {
    name: 'CUSTODY_AGENT_ROOTS',
    flag: 'agent-roots',
    placeholder: 'A:B',
    help: 'directories that the agent of this machine inventories, separated by colons',
    fallback: 'DIR/sample',
  },
  {
    name: 'CUSTODY_LICENSE',
    flag: 'license',
    placeholder: 'A,B',
    help: 'licences of this installation, separated by commas',
    fallback: 'all',
  },
  {
    name: 'CUSTODY_BATCH_LIMIT',
    flag: 'batch-limit',
    placeholder: 'N',
    help: 'most files that one fetch may name',
    fallback: '1000',
  },
  {
    name: 'CUSTODY_QUARANTINE_LIMIT',
    flag: 'quarantine-limit',
    placeholder: 'N',
    help: 'most endpoints that one quarantine may name',
    fallback: '1000',
  },
  {
    name: 'CUSTODY_STORE_DEADLINE_MS',
    flag: 'store-deadline-ms',
    placeholder: 'MS',
    help: 'how long the store may take to answer, in milliseconds',
    fallback: '5000',
  },
  {
    name: 'CUSTODY_STORE',
    flag: 'store',
    placeholder: 'URL',
    help: 'sqlite, or postgres://USER:PASSWORD@HOST:PORT/DATABASE',
    fallback: 'sqlite in DIR',
  },
  {
    name: 'CUSTODY_EVIDENCE',
    flag: 'evidence',
    placeholder: 'DIR|off',
    help: 'directory for the bytes of fetched files, or off',
    fallback: 'DIR/evidence',
  },
  {
    name: 'CUSTODY_RETRIEVAL_DAYS',
    flag: 'retrieval-days',
    placeholder: 'DAYS',
    help: 'for how many days fetched files can be downloaded after they were asked for',
    fallback: '30',
  },
  {
    name: 'CUSTODY_PASSWORD_DAYS',
    flag: 'password-days',
    placeholder: 'DAYS',
    help: 'after how many days a password has to be changed',
    fallback: '0, never',
  },
  {
    name: 'CUSTODY_RATE_PER_MINUTE',
    flag: 'rate-per-minute',
    placeholder: 'N',
    help: 'requests that one user or key may go on making in a minute, all APIs together; 0: no limit',
    fallback: '6000',
  },
  {
    name: 'CUSTODY_RATE_BURST',
    flag: 'rate-burst',
    placeholder: 'N',
    help: 'requests that one user or key may make at once after a pause',
    fallback: '3000',
  },
  {
    name: 'CUSTODY_UPLOAD_ENDPOINT_GIB',
    flag: 'upload-endpoint-gib',
    placeholder: 'GIB',
    help: 'how much one agent may send within a day, of all that is fetched from it',
    fallback: '256',
  },
  {
    name: 'CUSTODY_UPLOAD_ACTION_GIB',
    flag: 'upload-action-gib',
    placeholder: 'GIB',
    help: 'how much all agents together may send for one action',
    fallback: '1024',
  },
  {
    name: 'CUSTODY_ENDPOINT_FILES',
    flag: 'endpoint-files',
    placeholder: 'N',
    help: 'files that one agent may list of its machine',
    fallback: '2000000',
  },
  {
    name: 'CUSTODY_CYBEREASON_GUIDS',
    flag: 'cybereason-guids',
    placeholder: 'SPELLING',
    help: 'how the Cybereason API spells GUIDs in answers: numeric or compact; requests may use either',
    fallback: 'numeric',
  },
  {
    name: 'CUSTODY_CYBEREASON_SENSOR_OFFSET',
    flag: 'cybereason-sensor-offset',
    placeholder: 'UNIT',
    help: 'what offset counts in lists of sensors of the Cybereason API: page or row',
    fallback: 'page',
  },
  {
    name: 'CUSTODY_CYBEREASON_UNAUTHORIZED',
    flag: 'cybereason-unauthorized',
    placeholder: 'ANSWER',
    help: 'what the Cybereason API answers without a session: redirect, or 401 to clients whose Accept header names application/json',
    fallback: 'redirect',
  },
  {
    name: 'CUSTODY_CORTEX_IDS',
    flag: 'cortex-ids',
    placeholder: 'FORM',
    help: 'how the Cortex XDR API writes ids and counts of actions: text or integer; requests may use either',
    fallback: 'text',
  },
  {
    name: 'CUSTODY_CORTEX_SIGNATURES',
    flag: 'cortex-signatures',
    placeholder: 'RULE',
    help: 'how long a signature of an advanced key is good: lenient, 24 hours and again; or strict, 5 minutes and once',
    fallback: 'lenient',
  },
  {
    name: 'CUSTODY_CORTEX_RETRIEVAL_FILES',
    flag: 'cortex-retrieval-files',
    placeholder: 'N',
    help: 'most files that one retrieval of the Cortex XDR API may name',
    fallback: '20',
  },
  {
    name: 'CUSTODY_CORTEX_RETRIEVAL_ENDPOINTS',
    flag: 'cortex-retrieval-endpoints',
    placeholder: 'N',
    help: 'most endpoints that one retrieval of the Cortex XDR API may name',
    fallback: '10',
  },
  {
    name: 'CUSTODY_CORTEX_ARCHIVES',
    flag: 'cortex-archives',
    placeholder: 'FORM',
    help: 'archives of retrieved files in the Cortex XDR API: plain, or password for AES with the password "suspicious"',
    fallback: 'plain',
  },
  {
    name: 'CUSTODY_CORTEX_LINK_MINUTES',
    flag: 'cortex-link-minutes',
    placeholder: 'MINUTES',
    help: 'for how long a download link of the Cortex XDR API answers',
    fallback: '0, as long as CUSTODY_RETRIEVAL_DAYS says',
  },
  {
    name: 'CUSTODY_LOG',
    flag: 'log',
    placeholder: 'LEVEL',
    help: 'least level that is logged: debug, info, warn or error',
    fallback: 'info',
  },
] as const satisfies readonly Setting[];

export type SettingName = (typeof settings)[number]['name'];
