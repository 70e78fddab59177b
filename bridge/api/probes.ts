// RG12, RG13: whether agents can be rung, put together: who is here, the questions, the end of a desk that stays closed.
import { randomBytes } from 'node:crypto';
import { oversees } from '../../domain/access/rules.ts';
import type { Pbx } from '../reconcile/ports.ts';
import { ClosedDesks, type DeskClosedDeps } from '../probe/desk-closed.ts';
import { watchPresence } from '../probe/presence.ts';
import { ProbeRoom } from '../probe/probe-room.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { DONE, type CommandResult, type Commands } from './commands.ts';
import type { Hub } from './hub.ts';

export interface Probes extends Pick<Commands, 'probe' | 'probeSeen'> {
  stop(): void;
}

export interface ProbesDeps extends Omit<DeskClosedDeps, 'presence' | 'deskClosedMs'> {
  readonly config: { readonly DESK_CLOSED_MIN: number };
  readonly hub: Hub;
  readonly pbx: Pbx;
  readonly sessions: Pick<Sessions, 'open'>;
}

export function openProbes(deps: ProbesDeps): Probes {
  const { roster, hub, pbx, sessions, config } = deps;
  const agentOf = (session: string): string | null => sessions.open(session)?.extension ?? null;
  const presence = watchPresence({ hub, agentOf });
  const room = new ProbeRoom({ ...deps, presence, newNonce: () => randomBytes(12).toString('hex') });
  const closed = new ClosedDesks({ ...deps, presence, deskClosedMs: config.DESK_CLOSED_MIN * 60_000 });

  return {
    probeSeen(session, nonce) {
      const extension = agentOf(session);
      if (extension !== null) room.seen(extension, session, nonce);
    },
    async probe(actor, target): Promise<CommandResult> {
      const record = roster.get(target);
      if (!record) return { ok: false, code: 'unknown-agent' };
      const own = actor.extension === target && actor.role !== 'wall';
      if (!own && !oversees(actor, record.person)) return { ok: false, code: 'forbidden' };
      if (pbx.state !== 'ready') return { ok: false, code: 'asterisk-unavailable' };
      if (record.registration.state !== 'registered') return { ok: false, code: 'not-registered' };
      try {
        await room.demand(target);
        return DONE;
      } catch {
        return { ok: false, code: 'asterisk-unavailable' };
      }
    },
    stop() {
      room.stop();
      closed.stop();
    },
  };
}
