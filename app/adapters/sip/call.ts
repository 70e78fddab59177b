// One incoming call: an INVITE from the first ring to its end, with its audio.
import { type Invitation, SessionState, Web } from 'sip.js';
import type { PhoneCall } from '../../models/ports.ts';
import { answerError } from './errors.ts';
import { partyOf } from './party.ts';

export interface CallListener {
  handleAnswered(call: PhoneCall): void;
  handleEnded(call: PhoneCall): void;
}

const header = (invitation: Invitation, name: string): string | null =>
  invitation.request.getHeader(name)?.trim() || null;

/** The dialplan counts whole seconds. */
const waitedMs = (text: string | null): number | null =>
  text !== null && /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : null;

/** SIP.js gives the handler only as an interface; ours is the browser's. */
function mediaOf(invitation: Invitation): Web.SessionDescriptionHandler | null {
  const handler = invitation.sessionDescriptionHandler;
  return handler instanceof Web.SessionDescriptionHandler ? handler : null;
}

function playRemote(invitation: Invitation, audio: HTMLAudioElement): void {
  const media = mediaOf(invitation);
  if (!media) return;
  audio.srcObject = media.remoteMediaStream;
  // The click on Answer allows it; a refusal leaves the call standing and the element ready.
  audio.play().catch(() => undefined);
}

function hangUp(invitation: Invitation): Promise<unknown> {
  switch (invitation.state) {
    case SessionState.Initial:
    case SessionState.Establishing:
      return invitation.reject({ statusCode: 486 });
    case SessionState.Established:
      return invitation.bye();
    case SessionState.Terminating:
    case SessionState.Terminated:
      return Promise.resolve();
  }
}

/** Sends 180 and follows the call. `audio` plays the other side while it lasts. */
export function followCall(
  invitation: Invitation,
  audio: HTMLAudioElement,
  listener: CallListener,
): PhoneCall {
  const call: PhoneCall = {
    party: partyOf(invitation.remoteIdentity),
    queue: header(invitation, 'X-Queue'),
    linkedId: header(invitation, 'X-Linkedid'),
    waitedMs: waitedMs(header(invitation, 'X-Waited')),
    async answer() {
      try {
        await invitation.accept();
      } catch (error) {
        throw answerError(error, invitation.state === SessionState.Terminated);
      }
    },
    async reject() {
      await hangUp(invitation);
    },
    async end() {
      await hangUp(invitation);
    },
    setMuted(muted) {
      mediaOf(invitation)?.enableSenderTracks(!muted);
    },
  };
  invitation.stateChange.addListener((state) => {
    if (state === SessionState.Established) {
      playRemote(invitation, audio);
      listener.handleAnswered(call);
    } else if (state === SessionState.Terminated) {
      audio.srcObject = null;
      listener.handleEnded(call);
    }
  });
  void invitation.progress().catch(() => undefined);
  return call;
}
