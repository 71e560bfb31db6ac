// The closed list of expected noes, of the client API and of the federation protocol alike. A code is
// stable for ever; its sentence says what to do and never repeats the input.

type Retry = 'never' | 'later' | 'now'
type Entry = { readonly status: number; readonly sentence: string; readonly retry?: Retry }

export const refusals = {
  // The request itself.
  'malformed-json': { status: 400, sentence: 'The body is not strict JSON in UTF-8.' },
  'unknown-property': {
    status: 400,
    sentence: 'The request has a property that this endpoint does not know.',
  },
  'invalid-request': { status: 400, sentence: 'The request does not have the shape this endpoint expects.' },
  'bad-target': { status: 400, sentence: 'The request target is not of the allowed form.' },
  'bad-header': { status: 400, sentence: 'A header is repeated, missing or of a form that is not allowed.' },
  'idempotency-key-required': {
    status: 400,
    sentence: 'Send an Idempotency-Key header of 1 to 64 visible characters.',
  },
  'bad-cursor': { status: 400, sentence: 'The page position is not one that this server gave out.' },
  'unsupported-media-type': {
    status: 415,
    sentence: 'Send application/json in UTF-8 without a content encoding.',
  },
  'encoding-not-allowed': {
    status: 415,
    sentence: 'The content type is not the one of this protocol, or the body is encoded.',
  },
  'too-large': { status: 413, sentence: 'The request is larger than the limit.' },
  'url-too-long': { status: 414, sentence: 'The request target is longer than the limit.' },
  'headers-too-large': { status: 431, sentence: 'The headers are larger or more than the limit.' },
  'request-timeout': { status: 408, sentence: 'The request took too long to arrive.', retry: 'now' },
  'not-found': { status: 404, sentence: 'There is nothing here, or you may not see it.' },
  'method-not-allowed': {
    status: 405,
    sentence: 'This resource does not have that method; see the Allow header.',
  },
  rate: { status: 429, sentence: 'Too many requests. Wait, then try again.', retry: 'later' },
  busy: { status: 503, sentence: 'The server has too much to do. Try again shortly.', retry: 'later' },
  'storage-unavailable': {
    status: 503,
    sentence: 'The database cannot be reached. Nothing was changed; try again shortly.',
    retry: 'later',
  },
  'recovery-mode': {
    status: 503,
    sentence:
      'This workspace was put back from a backup, or has replaced its keys, and asks its partners what they hold of it. Nothing is lost; wait.',
    retry: 'later',
  },
  internal: {
    status: 500,
    sentence: 'Something broke on this server. Its operator finds the cause under this instance.',
  },

  // Sessions and accounts.
  'auth-required': { status: 401, sentence: 'Sign in first: send a session cookie or a bearer token.' },
  'session-expired': { status: 401, sentence: 'The session has ended. Sign in again.' },
  'wrong-credentials': { status: 401, sentence: 'The handle or the password is wrong.' },
  'foreign-origin': { status: 403, sentence: 'The request comes from a page of another site.' },
  'owner-required': { status: 403, sentence: 'This needs an owner of the workspace.' },
  'last-owner': {
    status: 409,
    sentence: 'A workspace needs at least one owner. Make somebody else owner first.',
  },
  'invalid-time-zone': { status: 422, sentence: 'This is not a time zone of the form Europe/Berlin.' },
  'admin-required': { status: 403, sentence: 'This needs an administrator of the workspace.' },
  'link-invalid': {
    status: 410,
    sentence: 'The link was used, has expired, or never existed. Ask for a new one.',
  },
  'handle-taken': { status: 409, sentence: 'Somebody in this workspace has that handle. Choose another.' },
  'wrong-code': {
    status: 401,
    sentence: 'The code is wrong, was used, or is too old. After five wrong ones, ask for a new code.',
  },
  'code-required': {
    status: 409,
    sentence: 'Show that the address is yours first: ask for a code, and send it along.',
  },
  'name-required': { status: 422, sentence: 'A new account needs a name.' },
  'passkey-refused': {
    status: 401,
    sentence: 'This passkey opens no account here. Sign in by e-mail code instead.',
  },
  'email-taken': { status: 409, sentence: 'Another account has that e-mail address.' },
  'too-many-passkeys': { status: 409, sentence: 'There are ten passkeys already. Remove one first.' },
  'guest-account': {
    status: 403,
    sentence: 'A free account cannot do this. Ask somebody of the workspace, or use a workspace of your own.',
  },
  'guests-off': {
    status: 409,
    sentence: 'This workspace has no free accounts. Its administrator can allow them.',
  },
  'quota-exceeded': {
    status: 413,
    sentence: 'A free account holds up to 1 GiB of files. Delete some, then try again.',
  },
  'weak-password': { status: 422, sentence: 'The password is too short. Use at least ten characters.' },

  // Writing.
  'idempotency-conflict': { status: 409, sentence: 'This Idempotency-Key was used for another request.' },
  'text-empty': { status: 422, sentence: 'The text has nothing to read in it.' },
  'too-many-pending': {
    status: 429,
    sentence: 'Too many messages wait for the host of this space. Try again when it is back.',
    retry: 'later',
  },
  'already-member': { status: 409, sentence: 'That person is a member already.' },
  'already-invited': { status: 409, sentence: 'That person has an open invitation already.' },
  'already-recipient': { status: 409, sentence: 'That group is a recipient already.' },
  'wrong-kind': { status: 409, sentence: 'A space of this kind does not have that.' },
  'last-admin': {
    status: 409,
    sentence: 'A group needs at least one admin. Make somebody else admin first.',
  },
  'other-host': { status: 409, sentence: 'All groups of a thread have to be hosted by one node.' },
  'people-elsewhere': {
    status: 409,
    sentence: 'Another company will host this thread. Start it without them, then invite them.',
  },
  'too-many-members': {
    status: 409,
    sentence: 'The space has as many members, companies or groups as it can hold.',
  },
  'history-too-wide': {
    status: 403,
    sentence: 'Nobody can give more of the history than they see. Choose a later beginning.',
  },
  'invalid-address': { status: 422, sentence: 'This is not an address of the form @name:company.example.' },
  'companies-changed': {
    status: 409,
    sentence:
      'This brings in companies that you have not agreed to; see `companies`. Look at them and send again.',
  },
  'policy-forbids': {
    status: 403,
    sentence: 'The policy of this workspace does not allow it. Ask an administrator.',
  },
  'space-held': {
    status: 409,
    sentence: 'A company has arrived that an administrator of this workspace has to agree to first.',
  },
  'not-a-partner': {
    status: 409,
    sentence: 'The companies have not approved each other yet. Ask an administrator to introduce them.',
  },
  'peer-unreachable': {
    status: 409,
    sentence: 'The other workspace does not answer; the exchanges show why. Try again later.',
    retry: 'later',
  },
  'not-a-workspace': {
    status: 422,
    sentence: 'No Parley node answers at that domain; the exchanges show why.',
  },

  'wrong-fingerprint': {
    status: 409,
    sentence: 'The company shows other keys than those that were read out. Compare both fingerprints again.',
  },

  // Who is speaking (federation).
  'signature-missing': { status: 401, sentence: 'The request is not signed.' },
  'signature-profile': {
    status: 401,
    sentence: 'The signature is not of the one form that this protocol allows.',
  },
  'signature-invalid': { status: 401, sentence: 'The signature does not verify.' },
  'key-unknown': { status: 401, sentence: 'The key is not one of the signing node.', retry: 'later' },
  'key-retired': {
    status: 401,
    sentence: 'The key is no longer active. Sign again with a current one.',
    retry: 'now',
  },
  'key-conflict': {
    status: 403,
    sentence: 'The node shows keys that do not continue those we pinned. An administrator has to decide.',
    // What waits goes on when they have.
    retry: 'later',
  },
  'clock-skew': { status: 401, sentence: 'The clocks differ too much; see `now` for ours.', retry: 'later' },
  replay: { status: 401, sentence: 'This signature was used before. Sign again.', retry: 'now' },
  'wrong-destination': { status: 421, sentence: 'The request is addressed to another node.' },
  'digest-mismatch': { status: 400, sentence: 'The body is not the one that was signed.' },
  'json-strict': { status: 400, sentence: 'The body is not strict JSON.' },
  schema: { status: 400, sentence: 'The body does not have the shape this endpoint expects.' },
  stranger: { status: 403, sentence: 'This node does not know you. Introduce yourself first.' },
  'peer-retired': {
    status: 403,
    sentence: 'That company has closed its node for good; its key history says so.',
  },
  'not-retired': { status: 409, sentence: 'That company has not closed for good.' },
  'partner-blocked': { status: 403, sentence: 'This node does not exchange anything with you.' },
  'partner-paused': {
    status: 403,
    sentence: 'An administrator has paused the exchange with you.',
    retry: 'later',
  },
  'approval-pending': {
    status: 403,
    sentence: 'An administrator has not approved the introduction yet.',
    retry: 'later',
  },

  // Spaces (federation and rules).
  'not-participating': { status: 403, sentence: 'Your node does not take part in this space.' },
  'not-host': { status: 421, sentence: 'This node does not host the space.' },
  'not-a-member': { status: 403, sentence: 'The sender is not a member.' },
  'no-right': { status: 403, sentence: 'The sender does not have the right to do this here.' },
  'unknown-target': { status: 409, sentence: 'What the event refers to is not in this space.' },
  'event-id-conflict': { status: 409, sentence: 'Another event has this id.' },
  'event-expired': { status: 409, sentence: 'The event was held back too long.' },
  'event-type': { status: 400, sentence: 'Events of this type cannot be written here.' },
  'content-mismatch': { status: 400, sentence: 'The content is not the one that the header promises.' },
  'features-missing': { status: 409, sentence: 'The space needs a feature that this node does not have.' },
  'host-silent': {
    status: 409,
    sentence: 'The company that hosts this has not been heard of. It can be read until it is back.',
  },
  'space-closed': { status: 409, sentence: 'The space is closed.' },
  'space-frozen': { status: 409, sentence: 'The space is frozen.' },
  'group-behind': {
    status: 409,
    sentence: 'Our copy of a group that these entries lean on is behind. Send them again shortly.',
    retry: 'later',
  },
  'log-moved': { status: 409, sentence: 'This is not what the log is any more. Look again.' },
  'too-far-back': { status: 409, sentence: 'What is held here does not go back to where the branches part.' },
  'group-leant-on': {
    status: 409,
    sentence: 'Threads began to address the group by what would be cut off. Decide about them first.',
  },
  'space-purged': { status: 410, sentence: 'The space was removed from this node.' },
  gap: { status: 409, sentence: 'Entries are missing before these.', retry: 'now' },
  fork: { status: 409, sentence: 'These entries contradict a history that we hold.' },
  'no-conflict': { status: 422, sentence: 'These checkpoints do not contradict each other.' },
  'not-visible': { status: 404, sentence: 'There is nothing here, or you may not see it.' },
  'roster-changed': {
    status: 409,
    sentence: 'Other companies take part, or more of the history comes, than the invitation said.',
  },
  'invite-expired': { status: 410, sentence: 'The invitation has expired.' },
  'invite-used': { status: 409, sentence: 'The invitation was answered before.' },
  'invite-revoked': { status: 410, sentence: 'The invitation was withdrawn.' },
  'invite-unknown': { status: 404, sentence: 'There is no such invitation for you.' },
  'claim-not-authoritative': {
    status: 403,
    sentence: 'Your node does not speak for that address. Confirm the address with a code, then try again.',
  },
  'claim-needs-confirmation': {
    status: 409,
    sentence: 'Whoever sent the invitation has to confirm that you are meant.',
    retry: 'later',
  },
  'not-vouched': { status: 403, sentence: "The sender's own node does not vouch for them any more." },
  'identity-rollback': { status: 409, sentence: 'A newer identity document is known.' },
  'fence-unknown': { status: 404, sentence: 'There is no such fence for you.' },
  'fence-conflict': { status: 409, sentence: 'Another fence has this number.' },
  version: {
    status: 426,
    sentence: 'This node speaks other versions of the protocol; see `supported`.',
    retry: 'later',
  },
} as const satisfies Record<string, Entry>

export type RefusalCode = keyof typeof refusals
