// Every bound of the product, units in the names. `protocol.md` §19 and `reliability.md` §6.4 give the reasons
// of those that are not obvious; a limit that is not here does not exist.

export const limits = {
  // Strict JSON, everywhere.
  jsonDepthMax: 16,
  jsonNamesPerObjectMax: 256,
  jsonArrayLengthMax: 1_000,

  // Events and entries.
  headerBytesMax: 4 * 1024,
  // With eight groups in `via` an entry takes about 1.9 KiB.
  entryBytesMax: 4 * 1024,
  contentBytesMax: 64 * 1024,
  saltBytes: 16,
  eventLifeMs: 72 * 60 * 60 * 1000,
  groupsPerThreadMax: 8,
  membersPerSpaceMax: 5_000,
  // A genesis travels in invites of at most 16 KiB; everybody else joins behind it.
  usersPerGenesisMax: 64,
  placesPerDmMax: 8,
  nodesPerSpaceMax: 50,

  // Messages.
  messageCharactersMax: 16_000,
  mentionsPerMessageMax: 50,
  titleCharactersMax: 200,

  // Batches.
  submitEventsMax: 50,
  submitBytesMax: 1024 * 1024,
  pushEntriesMax: 200,
  pushBytesMax: 2 * 1024 * 1024,
  pullEntriesMax: 500,
  pullBytesMax: 4 * 1024 * 1024,
  // A part of a snapshot: 200 lines with an identity of 8 KiB each stay below 2 MiB.
  snapshotLinesPerPart: 200,
  snapshotLinesMax: 500,
  snapshotPartsMax: 64,
  threadsPerPageMax: 500,
  fencesPerPullMax: 200,
  fencedSpacesPerPageMax: 1_000,
  headsMax: 1_000,
  entryAheadMs: 10 * 60 * 1000,
  cosignaturesMax: 50,
  cosignaturesMissingMs: 24 * 60 * 60 * 1000,
  probesMax: 200,
  // What two checkpoints are shown to contradict each other by. Entries take about 450 bytes.
  evidenceEntriesMax: 1_000,
  evidenceBytesMax: 2 * 1024 * 1024,
  evidencePerSpaceMax: 8,

  // Signed documents.
  statementBytesMax: 64 * 1024,
  identityBytesMax: 8 * 1024,
  inviteBytesMax: 16 * 1024,
  smallDocumentBytesMax: 4 * 1024,
  proofBytesMax: 8 * 1024,
  operationsPerLogMax: 256,
  operationsPerPageMax: 100,
  operationBytesMax: 4 * 1024,
  keysPerNodeMax: 8,
  // A new key is published this long before it is used, and the old one stays active this long after that.
  keyLeadSeconds: 24 * 60 * 60,
  keyOverlapSeconds: 24 * 60 * 60,
  ownKeysSweepMs: 60_000,
  introductionSweepMs: 60 * 60 * 1000,
  recoveryKeysMax: 3,
  wellKnownBytesMax: 64 * 1024,
  baseUrlCharactersMax: 512,
  versionsMax: 16,
  featuresMax: 64,
  featureCharactersMax: 64,
  namedLimitsMax: 64,
  emailDomainsMax: 50,
  contactCharactersMax: 200,
  mustNamesMax: 32,
  problemDetailCharactersMax: 300,
  statementLifeSeconds: 7 * 24 * 60 * 60,
  statementLifeRecommendedSeconds: 24 * 60 * 60,
  displayNameGraphemesMax: 80,
  displayNameBytesMax: 256,
  avatarBytesMax: 1024 * 1024,
  identityLifeSeconds: 7 * 24 * 60 * 60,
  // How long somebody still writes whom their node has not vouched for again.
  identityGraceMs: 30 * 24 * 60 * 60 * 1000,
  identitiesPerPushMax: 100,
  identitySweepMs: 60_000,
  endingsSweepMs: 30_000,
  profileChangesPerHourMax: 10,
  timeZoneCharactersMax: 64,
  inviteLifeSeconds: 14 * 24 * 60 * 60,
  invitesPerUserPerDayMax: 50,
  invitesPerPartnerOpenMax: 500,
  invitesPerStrangerOpenMax: 20,
  // What does not matter any more is kept for a while, so that people see what became of it.
  invitesKeptMs: 90 * 24 * 60 * 60 * 1000,
  dryRunDaysMax: 90,
  dryRunDecisionsMax: 10_000,
  peerRulesMax: 1_000,
  decisionLifeMs: 90 * 24 * 60 * 60 * 1000,

  // Request signatures.
  signatureLifeSeconds: 60,
  clockBehindSeconds: 90,
  clockAheadSeconds: 30,
  clockWarnSeconds: 10,
  clockWarnEveryMs: 60 * 60 * 1000,
  nonceLifeMs: 3 * 60 * 1000,

  // What peers may ask of us (Q1 to Q7 of SPEC.md). A partner's share can be set lower.
  requestsPerSecondMax: 50,
  requestsBurstMax: 200,
  requestsAtOnceMax: 8,
  requestsQueuedMax: 64,
  eventsPerSecondMax: 100,
  /** Of one person, whether they write here or from another node. */
  eventsPerUserPerSecondMax: 5,
  eventsPerUserBurstMax: 30,
  strangerRequestsPerSecondMax: 5,
  strangerRequestsBurstMax: 20,
  /** Requests that are being looked at, of a node that has shown a signature from the same address. */
  provenRequestsBurstMax: 100,
  /** Nodes that strangers have named, all strangers together. */
  strangerLooksPerSecondMax: 20,
  strangerLooksBurstMax: 200,
  /** Rows of the federation log about callers that have not shown who they are: of an address, and of all. */
  strangerRowsPerSecondMax: 1,
  strangerRowsBurstMax: 60,
  unprovenRowsPerSecondMax: 20,
  unprovenRowsBurstMax: 1_000,
  sourcesRememberedMax: 10_000,

  // HTTP, ours and towards peers.
  apiBodyBytesMax: 128 * 1024,
  urlBytesMax: 2 * 1024,
  headersMax: 64,
  headersBytesMax: 16 * 1024,
  keepAliveMs: 72_000,
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 10_000,
  connectionsCheckMs: 1_000,
  requestTimeoutMs: 30_000,
  startMs: 120_000,
  answerBytesMax: 4 * 1024 * 1024,
  pageLengthMax: 200,
  pageLengthDefault: 50,

  // Delivery.
  retryDelayMinMs: 1_000,
  retryDelayMaxMs: 60 * 60 * 1000,
  sweepMs: 5_000,
  // The breaker of a peer: so many failures without an answer between them open it, and then one request at a time
  // asks whether it is back, after a pause that doubles up to `retryDelayMaxMs`.
  breakerFailuresMax: 5,
  breakerWindowMs: 10 * 60 * 1000,
  breakerProbeMinMs: 60_000,
  // Then lanes take turns, control first: each waits so much longer, in case the one before has nothing to say.
  breakerTurnMs: 1_000,
  // A peer that speaks is tried at once, and not more often than this: it may hear nothing of what we say.
  breakerHeardMs: 5_000,
  // What a process remembers of how peers answer is forgotten after this time, and beyond this number.
  breakerKeptMs: 2 * 60 * 60 * 1000,
  breakersMax: 10_000,
  // Requests to one peer at once, by lane: so much memory it can hold on to, and no lane takes the connections of another.
  callsAtOnceMax: { discovery: 1, control: 2, log: 3, submit: 2 },
  callsQueuedMax: 64,
  // A follower that lacks more than this pulls it at its own pace.
  pushBacklogMax: 10_000,
  // How long a follower is given before its host looks again how far it has pulled.
  pullPatienceMs: 30_000,
  peerUnreachableMs: 24 * 60 * 60 * 1000,
  peerGoneMs: 30 * 24 * 60 * 60 * 1000,
  discoveryFailureMinMs: 60_000,
  unknownKeyRefetchesPerHourMax: 6,
  keyFetchesPerHourMax: 30,

  // Leases: what another company hosts is served for so long without a new word of it.
  leaseSeconds: 24 * 60 * 60,
  leaseOutageSeconds: 7 * 24 * 60 * 60,
  strictLeaseSeconds: 15 * 60,
  /** A lease is renewed after this part of its life. */
  leaseRenewalPart: 3,
  leaseSweepMs: 15_000,
  archiveAfterMs: 30 * 24 * 60 * 60 * 1000,

  // Restores.
  /** How often a mark is set beside the database; what is lost of a database within it is noticed by others only. */
  markMs: 20_000,
  branchWishesMs: 20_000,
  recoverySweepMs: 60_000,
  incarnationCharactersMax: 64,
  copiesPerPageMax: 100,
  /** Entries of one log that a host takes back from a follower. */
  // No partner can make a host use up the numbers of its epochs.
  epochsAheadMax: 1_000,
  adoptedEntriesMax: 100_000,

  // Purges.
  purgeOverdueMs: 24 * 60 * 60 * 1000,
  purgeRowsAtOnce: 2_000,
  purgeSweepMs: 60_000,
  removalShownMs: 30 * 24 * 60 * 60 * 1000,

  // Pending submissions of our own users to other hosts.
  pendingPerUserMax: 200,
  pendingPerSpaceMax: 2_000,

  // Group commit.
  batchIntentsMax: 500,
  batchBytesMax: 1024 * 1024,
  queuedIntentsMax: 10_000,

  // Streams.
  streamBufferBytesMax: 1024 * 1024,
  streamFrameBytesMax: 64 * 1024,
  streamSpacesMax: 1_000,
  streamsPerUserMax: 20,
  streamPingMs: 25_000,

  // Accounts and sessions.
  passwordCharactersMin: 10,
  passwordCharactersMax: 200,
  sessionLifeMs: 30 * 24 * 60 * 60 * 1000,
  enrolmentLifeMs: 7 * 24 * 60 * 60 * 1000,
  passwordHashesAtOnceMax: 2,
  passwordHashesQueuedMax: 64,
  signInsPerMinuteMax: 10,
  passkeysPerAccountMax: 10,
  passkeyNameCharactersMax: 80,
  passkeyChallengeLifeMs: 5 * 60 * 1000,
  passkeyOptionsPerMinuteMax: 60,
  codeDigits: 6,
  codeLifeMs: 10 * 60 * 1000,
  codeAttemptsMax: 5,
  codesPerAddressPerHourMax: 5,
  codesPerMinuteMax: 5,

  // Mail, and accounts of people without a workspace.
  emailCharactersMax: 254,
  mailRetryDelayMinMs: 30_000,
  mailRetryDelayMaxMs: 60 * 60 * 1000,
  mailTimeoutMs: 30_000,
  mailLinkLifeMs: 7 * 24 * 60 * 60 * 1000,
  mailRowLifeMs: 30 * 24 * 60 * 60 * 1000,
  mailDomainLifeMs: 60 * 60 * 1000,
  guestUnusedLifeMs: 90 * 24 * 60 * 60 * 1000,
  guestStorageBytesMax: 1024 * 1024 * 1024,
  guestMoveLifeMs: 60 * 60 * 1000,
  deviceCharactersMax: 120,

  idempotencyKeyCharactersMax: 64,
  exchangeLifeMs: 30 * 24 * 60 * 60 * 1000,
} as const
