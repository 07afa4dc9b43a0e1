import type { ElementType } from './element-types.ts';

/** The Machine features that reference clients ask for. */
const machineFeatures: readonly string[] = [
  'elementDisplayName',
  'pylumId',
  'isActiveProbeConnected',
  'isConnected',
  'isIsolated',
  'osType',
  'osVersionType',
  'platformArchitecture',
  'uptime',
  'lastSeenTimeStamp',
  'timeStampSinceLastConnectionTime',
  'domainFqdn',
  'adDNSHostName',
  'adCanonicalName',
  'adCompany',
  'adDepartment',
  'adDescription',
  'adDisplayName',
  'adLocation',
  'adMachineRole',
  'adOU',
  'adOrganization',
  'adSid',
  'users',
  'processes',
  'services',
  'totalMemory',
  'group',
  'self',
  'hasSuspicions',
  'hasMalops',
  'isSuspiciousOrHasSuspiciousProcessOrFile',
  'isSuspicious',
  'timezoneUTCOffsetMinutes',
  'mbrHashString',
  'hostsFile',
  'ownerOrganization',
  'removableDevices',
  'deviceModel',
  'networkInterfaces',
  'mountPoints',
  'logonSessions',
  'drivers',
];

/** The File features that reference clients ask for (3.3). Most are the vendor's and have no value here. */
const fileFeatures: readonly string[] = [
  'elementDisplayName md5String sha1String sha256String size correctedPath canonizedPath path mount mountedAs',
  'createdTime modifiedTime ownerMachine ownerUser self fileHash isSigned signatureVerified',
  'signedInternalOrExternal signerInternalOrExternal signatureVerifiedInternalOrExternal signedByMicrosoft',
  'companyName productName productVersion productType internalName originalFileName fileDescription fileVersion',
  'legalCopyright legalTrademarks comments extensionType secondExtensionType isPEFile',
  'maliciousClassificationType classificationDetectionName classificationBlocking classificationComment',
  'classificationLink avRemediationStatus avScanTime quarantineVersion originalVersion isSuspicious relatedToMalop',
  'hasMalops hasSuspicions isDownloadedFromInternet downloadedFromDomain downloadedFromIpAddress downloadedFromUrl',
  'downloadedFromUrlReferrer downloadedFromEmailFrom downloadedFromEmailMessageId downloadedFromEmailSubject',
  'autorun autoruns hasAutorun isFromRemovableDevice temporaryFolderEvidence fileIsQuarantined fileIsQuarantinedVersion quarantineFile',
  'fileAccessEvents signer privateBuild specialBuild',
].flatMap((line) => line.split(' '));

const ownerFeatures = machineFeatures.map((feature) => `ownerMachine.${feature}`);

const quarantineFileFeatures =
  'elementDisplayName md5String sha1String sha256String size correctedPath canonizedPath path quarantineTime ownerMachine self quarantineFile'.split(
    ' ',
  );

/** The Process features that reference clients ask for; most are the vendor's and have no value here. */
const processFeatures: readonly string[] = [
  'elementDisplayName pid applicablePid commandLine decodedCommandLine creationTime endTime user calculatedUser calculatedName imageFile',
  'imageFileHash ownerMachine parentProcess children childrenCreatedByThread hasMalops hasSuspicions isSuspicious self',
  'sha256String iconBase64 ransomwareAutoRemediationSuspended executionPrevented isWhiteListClassification relatedToMalop',
  'productType matchedWhiteListRuleIds firstExecutionOfDownloadedProcessEvidence unwantedClassificationSuspicion',
  'isImageFileSignedAndVerified knownMaliciousToolSuspicion maliciousByHashEvidence isMaliciousByHashEvidence',
  'unknownEvidence malwareClassificationSuspicion ransomwareByHashSuspicion integrity tid isAggregate isDotNetProtected',
  'hasVisibleWindows markedForPrevention creatorProcess creatorThread originalInjector hostProcess injectionMethod',
  'hostedChildren hostUser createdChildren injectedChildren loadedModules connections services openFiles logonSession',
  'architecture execedBy autorun service scheduledTask imageFileExtensionType productType registryEvents fileAccessEvents',
  'openedFiles maliciousOpenedFiles remoteSession wmiActivities powerShellModules modulesFromTemp detectionEvents',
  'externalConnections internalConnections incomingConnections outgoingConnections listeningConnections localConnections',
  'outgoingExternalConnections outgoingInternalConnections suspiciousExternalConnections suspiciousInternalConnections',
  'wellKnownPortConnections connectionsToMaliciousDomain connectionsToBlackListDomain connectionsToMalwareAddresses',
  'connectionsOfHostProcess outgoingConnectionsOfHostProcess totalNumberOfConnections totalReceivedBytes',
  'totalTransmittedBytes ransomwareClassificationModules unwantedClassificationModules unsignedWithSignedVersionModules',
  'resolvedDnsQueriesDomainToDomain resolvedDnsQueriesDomainToIp resolvedDnsQueriesIpToDomain dnsQueries',
  'suspiciousDnsQueryDomainToDomain unresolvedQueryFromSuspiciousDomain unresolvedQueryFromBlackListDomain',
  'unresolvedDnsQueriesFromDomain unresolvedDnsQueriesFromIp unresolvedRecordNotExist hookedFunctions isSigned',
  'hasIncomingConnection hasOutgoingConnection hasExternalConnection hasInternalConnection hasListeningConnection',
].flatMap((line) => line.split(' '));

/** The MalopProcess features that reference clients ask for. */
const malopFeatures: readonly string[] = [
  'elementDisplayName malopStartTime malopLastUpdateTime malopActivityTypes managementStatus creationTime closeTime severity',
  'description rootCauseElementNames rootCauseElementTypes primaryRootCauseElements rootCauseElements suspects',
  'affectedMachines affectedUsers filesToRemediate decisionFeature decisionFeatureSet detectionType comments priority self',
  'closerName customClassification hasRansomwareSuspendedProcesses isBlocked iconBase64 ransomwareAutoRemediationSuspended',
  'allRansomwareProcessesSuspended totalNumOfIncomingConnections totalNumOfOutgoingConnections totalReceivedBytes malopPriority',
  'totalTransmittedBytes rootCauseElementHashes rootCauseElementCompanyProduct',
].flatMap((line) => line.split(' '));

const userFeatures: readonly string[] = [
  'elementDisplayName domain ownerMachine ownerOrganization isLocalSystem emailAddress self hasMalops hasSuspicions',
  'numberOfMachines newProcessesCount processes isAdmin privileges sid adSid adMail adLogonName adDisplayName adCompany',
  'adCanonicalName adAssociatedDomain adCountry adTextCountry adDepartment adMemberOf adOU adPrimaryGroupID adTitle',
  'adSamAccountName adCreated',
].flatMap((line) => line.split(' '));

const imageFeatures = fileFeatures.map((feature) => `imageFile.${feature}`);

const known: Record<ElementType, ReadonlySet<string>> = {
  Machine: new Set(machineFeatures),
  File: new Set([...fileFeatures, ...ownerFeatures]),
  QuarantineFile: new Set([...quarantineFileFeatures, ...ownerFeatures]),
  Process: new Set([...processFeatures, ...imageFeatures, ...ownerFeatures]),
  MalopProcess: new Set(malopFeatures),
  User: new Set(userFeatures),
};

/** Those of the type's own, and those of what it leads to. */
export function featuresOf(type: ElementType): Iterable<string> {
  return known[type];
}

/** What the vendor's detection says of an element has names without end, and here it says nothing. */
const detection = /^(?:imageFile\.)?[a-z]\w*(?:Evidence|Suspicion)$/;

export function isFeature(type: ElementType, feature: string): boolean {
  return known[type].has(feature) || detection.test(feature);
}

const hostNames: ReadonlySet<string> = new Set(['ownerMachine', 'affectedMachines', 'domainFqdn', 'adDNSHostName']);
const userNames: ReadonlySet<string> = new Set(['user', 'users', 'calculatedUser']);
const number =
  /^(?:size|uptime|totalMemory|pid|applicablePid|tid|timezoneUTCOffsetMinutes)$|^(?:total)?[nN]um(?:ber)?Of|Time/;

function ownName(feature: string): string {
  return feature.slice(feature.lastIndexOf('.') + 1);
}

export function isNumberFeature(feature: string): boolean {
  return number.test(ownName(feature));
}

/**
 * Features whose values are one whatever the case that they are written in: vendors print hashes in capitals, clients compare the names
 * of hosts in capitals, and `correctedPath` is lowered for some platforms only.
 */
export function disregardsCase(type: ElementType, feature: string): boolean {
  const name = ownName(feature);
  const isOwnName = feature === 'elementDisplayName' && (type === 'Machine' || type === 'User');
  return (
    isOwnName ||
    feature === 'ownerMachine.elementDisplayName' ||
    hostNames.has(name) ||
    userNames.has(name) ||
    name === 'correctedPath' ||
    /^(?:is|has)[A-Z]|(?:md5|sha1|sha256)String$|^imageFileHash$/.test(name)
  );
}
