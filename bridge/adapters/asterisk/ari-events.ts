// RG1: what ARI says by itself → facts about registrations, the same as AMI's on a second transport.
import * as v from 'valibot';
import { contactState } from '../../../domain/registration/contacts.ts';
import type { RegistrationState } from '../../../domain/registration/evidence.ts';
import type { PbxContact } from '../../reconcile/ports.ts';
import { addressOfUri, milliseconds } from './pbx-facts.ts';

const Endpoint = v.object({
  technology: v.string(),
  resource: v.pipe(v.string(), v.nonEmpty()),
  state: v.optional(v.string(), 'unknown'),
});

const AriEventSchema = v.variant('type', [
  v.object({
    type: v.literal('ContactStatusChange'),
    endpoint: Endpoint,
    contact_info: v.object({
      uri: v.pipe(v.string(), v.nonEmpty()),
      contact_status: v.string(),
      /** Text, `0` when not measured. */
      roundtrip_usec: v.optional(v.string(), ''),
    }),
  }),
  v.object({
    type: v.literal('PeerStatusChange'),
    endpoint: Endpoint,
    peer: v.object({ peer_status: v.string() }),
  }),
  v.object({ type: v.literal('EndpointStateChange'), endpoint: Endpoint }),
  v.object({
    type: v.literal('DeviceStateChanged'),
    device_state: v.object({ name: v.string(), state: v.string() }),
  }),
]);

export type AriEvent = v.InferOutput<typeof AriEventSchema>;

/** What an event says of one extension, at the moment it came. */
export interface AriFact {
  readonly source: AriEvent['type'];
  readonly extension: string;
  /** Of the whole extension: with two devices one may go and it stays registered. */
  readonly verdict: RegistrationState;
  /** The one contact it tells of; events carry no user agent. */
  readonly contact: PbxContact | null;
}

/** One queue call is 130 events of channels and variables (measured): neither our business nor worth parsing. */
const WANTED = /"type":\s*"(?:ContactStatusChange|PeerStatusChange|EndpointStateChange|DeviceStateChanged)"/;

/** `null`: not for us. `undefined`: looked like ours, and is not what Asterisk 22 documents. */
export function decodeAriEvent(text: string): AriEvent | null | undefined {
  if (!WANTED.test(text)) return null;
  try {
    const parsed = v.safeParse(AriEventSchema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

const verdicts: Readonly<Record<string, RegistrationState>> = {
  ...{ online: 'registered', offline: 'unregistered' },
  ...{ Reachable: 'registered', Unreachable: 'unregistered' },
  ...{ NOT_INUSE: 'registered', UNAVAILABLE: 'unregistered', INVALID: 'unregistered' },
};
/** RG3: `online`, `Reachable`, `NOT_INUSE` …; every other word, `unknown` and `INUSE` among them, says nothing. */
const verdictOfWord = (word: string): RegistrationState =>
  Object.hasOwn(verdicts, word) ? (verdicts[word] ?? 'unknown') : 'unknown';

type ContactStatusChange = Extract<AriEvent, { type: 'ContactStatusChange' }>;

function contactFact({ type, endpoint, contact_info: info }: ContactStatusChange): AriFact | null {
  const state = contactState(info.contact_status);
  if (!state) return null;
  const extension = endpoint.resource;
  const word = verdictOfWord(endpoint.state);
  // A new contact comes before its endpoint counts as online (measured: `NonQualified` with `offline`, 3 ms apart).
  const verdict = state === 'reachable' && word === 'unregistered' ? 'unknown' : word;
  return {
    ...{ source: type, extension, verdict },
    contact: {
      ...{ extension, uri: info.uri, state, userAgent: null, address: addressOfUri(info.uri) },
      roundTripMs: milliseconds(info.roundtrip_usec),
    },
  };
}

/** What an event says; null when it is of something else than a PJSIP endpoint. */
export function factOfAri(event: AriEvent): AriFact | null {
  if (event.type === 'DeviceStateChanged') {
    const { name, state } = event.device_state;
    const extension = /^PJSIP\/([^/]+)$/.exec(name)?.[1];
    if (extension === undefined) return null;
    return { source: event.type, extension, verdict: verdictOfWord(state), contact: null };
  }
  if (event.endpoint.technology !== 'PJSIP') return null;
  if (event.type === 'ContactStatusChange') return contactFact(event);
  const word = event.type === 'PeerStatusChange' ? event.peer.peer_status : event.endpoint.state;
  return {
    source: event.type,
    extension: event.endpoint.resource,
    verdict: verdictOfWord(word),
    contact: null,
  };
}
