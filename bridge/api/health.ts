// OP2, OP3: what works now, for /health and for every desk.
import type { Clock } from '../../domain/clock.ts';
import type { Health } from '../../domain/protocol/views.ts';
import type { Pbx } from '../reconcile/ports.ts';
import type { LogStore } from '../roster/ports.ts';

export interface HealthWatch {
  now(): Health & { readonly ok: boolean };
  /** A log store that tells the watch how its writes end. */
  watched(store: LogStore): LogStore;
  onChange(listener: (health: Health) => void): void;
  /** Something the health is made of changed. */
  tell(): void;
}

export function watchHealth(deps: {
  readonly pbx: Pbx;
  readonly clock: Clock;
  isInStep(): boolean;
}): HealthWatch {
  const { pbx, clock } = deps;
  const listeners = new Set<(health: Health) => void>();
  let store: Health['store'] = { state: 'ready', since: clock.now() };

  function health(): Health {
    // Logged in is not yet in step: until the first snapshot is taken nobody's pause is known.
    const state = pbx.state === 'ready' && !deps.isInStep() ? 'connecting' : pbx.state;
    return { asterisk: { state, since: pbx.since }, store };
  }

  const tell = (): void => {
    for (const listener of listeners) listener(health());
  };

  function noteStore(state: Health['store']['state']): void {
    if (store.state === state) return;
    store = { state, since: clock.now() };
    tell();
  }

  async function noted<Result>(write: Promise<Result>): Promise<Result> {
    try {
      const stored = await write;
      noteStore('ready');
      return stored;
    } catch (error) {
      noteStore('failing');
      throw error;
    }
  }

  pbx.onState(tell);
  return {
    now() {
      const current = health();
      return { ...current, ok: current.asterisk.state === 'ready' && current.store.state === 'ready' };
    },
    watched: (inner) => ({
      ...inner,
      append: (entry) => noted(inner.append(entry)),
      appendAll: (entries) => noted(inner.appendAll(entries)),
    }),
    onChange: (listener) => void listeners.add(listener),
    tell,
  };
}
