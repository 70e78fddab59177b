// An AMI connection straight to Asterisk, past the bridge's: reads the members, sees every pause, and has a hand for the
// stranger (PS4).
import { connectRawAmi, type RawAmi, type RawMessage } from '../testkit/raw-ami.ts';
import { deviceTime, until } from '../testkit/wait.ts';

export interface MemberSeen {
  readonly agent: string;
  readonly queue: string;
  readonly paused: boolean;
  readonly reason: string;
}

export interface PauseSeen extends MemberSeen {
  readonly at: number;
}

const memberOf = (message: RawMessage): MemberSeen => ({
  agent: (message.get('stateinterface') ?? '').replace('PJSIP/', ''),
  queue: message.get('queue') ?? '',
  paused: message.get('paused') === '1',
  reason: message.get('pausedreason') ?? '',
});

export class Eyes {
  /** Every QueueMemberPause while it was connected. */
  readonly pauses: PauseSeen[] = [];
  readonly #address: Parameters<typeof connectRawAmi>[0];
  #ami: RawAmi | null = null;
  #asked = 0;

  constructor(address: Parameters<typeof connectRawAmi>[0]) {
    this.#address = address;
  }

  get open(): boolean {
    return this.#ami !== null;
  }

  async connect(): Promise<void> {
    this.close();
    const ami = await connectRawAmi(this.#address);
    ami.onMessage((message) => {
      if (message.get('event') === 'QueueMemberPause')
        this.pauses.push({ ...memberOf(message), at: deviceTime() });
    });
    this.#ami = ami;
  }

  close(): void {
    this.#ami?.close();
    this.#ami = null;
  }

  /** Every member of every queue. */
  async members(): Promise<readonly MemberSeen[]> {
    const ami = this.#connected();
    this.#asked += 1;
    const id = `members-${this.#asked}`;
    const found: MemberSeen[] = [];
    let complete = false;
    const stop = ami.onMessage((message) => {
      if (message.get('actionid') !== id) return;
      if (message.get('event') === 'QueueMember') found.push(memberOf(message));
      complete ||= message.get('eventlist') === 'Complete' || message.get('response') === 'Error';
    });
    try {
      ami.send('QueueStatus', { ActionID: id });
      await until('the end of QueueStatus', () => complete, 2_000);
    } finally {
      stop();
    }
    return found;
  }

  /** Pauses or unpauses like any other tool would; no queue means all of them. */
  pause(agent: string, queue: string | null, reason: string | null): void {
    this.#connected().send('QueuePause', {
      Interface: `Local/${agent}@agents-all`,
      ...(queue === null ? {} : { Queue: queue }),
      Paused: reason === null ? 'false' : 'true',
      ...(reason === null ? {} : { Reason: reason }),
    });
  }

  #connected(): RawAmi {
    if (!this.#ami) throw new Error('the observer is not connected to Asterisk');
    return this.#ami;
  }
}
