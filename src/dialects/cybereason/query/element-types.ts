/** The element types that Custody has. */
export const elementTypes = ['File', 'QuarantineFile', 'Machine', 'Process', 'MalopProcess', 'User'] as const;

export type ElementType = (typeof elementTypes)[number];

export function isElementType(text: string): text is ElementType {
  return elementTypes.some((type) => type === text);
}

/** Other types of the vendor's: of these there are no elements here, which is the truth and no mistake of the client's. */
const foreignTypes: ReadonlySet<string> = new Set(
  [
    'MalopLogonSession MalopDetectionEvents LogonSession RemoteSession DomainName IpAddress Connection ListeningConnection',
    'Service Autorun Driver Module DetectionEvents FileAccessEvent RegistryEvent RegistryEntry ScheduledTask ScheduledTaskAction',
    'FunctionHook Hook Thread MountPoint NetworkInterface NetworkMachine LocalNetwork Proxy HostsFile RemovableDevice',
    'InstalledProgram Organization DnsQueryResolvedDomainToDomain DnsQueryResolvedDomainToIp DnsQueryResolvedIpToDomain',
    'DnsQueryUnresolvedFromDomain DnsQueryUnresolvedFromIp WmiActivity WmiQuery WmiPersistentObject PowerShellModule MsrpcEvent',
  ].flatMap((line) => line.split(' ')),
);

/** Whether the vendor has the type. Capital and small letters count, as they do to the vendor. */
export function isKnownType(text: string): boolean {
  return isElementType(text) || foreignTypes.has(text);
}

/**
 * The features of each type that lead to other elements, and of which type those are. Of two types that several features connect, the
 * first is meant where a client names none. Some lead nowhere here, because no agent reports them; a client that tries each of them
 * must be told of no elements, and not of a mistake.
 */
export const links: Record<ElementType, Readonly<Record<string, ElementType>>> = {
  File: { ownerMachine: 'Machine' },
  QuarantineFile: { ownerMachine: 'Machine', quarantineFile: 'QuarantineFile' },
  Machine: { processes: 'Process', users: 'User' },
  Process: {
    imageFile: 'File',
    ownerMachine: 'Machine',
    user: 'User',
    calculatedUser: 'User',
    hostUser: 'User',
    parentProcess: 'Process',
    creatorProcess: 'Process',
    originalInjector: 'Process',
    hostProcess: 'Process',
    children: 'Process',
    childrenCreatedByThread: 'Process',
    hostedChildren: 'Process',
    injectedChildren: 'Process',
  },
  MalopProcess: {
    suspects: 'Process',
    affectedMachines: 'Machine',
    affectedUsers: 'User',
    primaryRootCauseElements: 'File',
    rootCauseElements: 'File',
    filesToRemediate: 'File',
  },
  User: { ownerMachine: 'Machine', processes: 'Process' },
};

/**
 * Features that say no more than one of the other end does, under that name. The latter is what is searched by: how many processes a
 * machine has is not for one element to hold.
 */
const inverses: Partial<Record<ElementType, Readonly<Record<string, string>>>> = {
  Machine: { processes: 'ownerMachine' },
  User: { processes: 'user' },
};

/** What the other end calls a feature; undefined where only this end has it. */
export function inverseOf(type: ElementType, feature: string): string | undefined {
  const named = inverses[type] ?? {};
  return Object.hasOwn(named, feature) ? named[feature] : undefined;
}

/** Links that every element of the type has: whatever is at their end, an element without filters restricts nothing. */
const totalLinks: Partial<Record<ElementType, readonly string[]>> = {
  File: ['ownerMachine'],
  QuarantineFile: ['ownerMachine'],
  Process: ['imageFile', 'ownerMachine'],
  User: ['ownerMachine'],
};

export function isTotal(type: ElementType, feature: string): boolean {
  return totalLinks[type]?.includes(feature) ?? false;
}

/** What the vendor groups the results of each type by. */
export const groupingFeatures: Record<ElementType, string> = {
  File: 'fileHash',
  QuarantineFile: 'self',
  Machine: 'self',
  Process: 'imageFileHash',
  MalopProcess: 'self',
  User: 'self',
};
