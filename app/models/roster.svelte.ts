// WR1: everyone this connection is shown, as the bridge last reported them.
import type { Health } from '../../domain/protocol/views.ts';
import { NOBODY, withAgents, type Agents } from './agents.ts';
import type { BridgeEvent } from './link.ts';

type RosterEvent = Extract<BridgeEvent, { type: 'agents:snapshot' | 'agent:status' | 'system:health' }>;

export class Roster {
  #agents = $state.raw<Agents>(NOBODY);
  #health = $state.raw<Health | null>(null);
  #loaded = $state.raw(false);

  /** By extension. */
  get agents(): Agents {
    return this.#agents;
  }

  get health(): Health | null {
    return this.#health;
  }

  /** Whether any snapshot has arrived: an empty roster is not a missing one. */
  get loaded(): boolean {
    return this.#loaded;
  }

  handleEvent(event: RosterEvent): void {
    if (event.type === 'system:health') {
      this.#health = event.health;
      return;
    }
    this.#agents = withAgents(event.type === 'agents:snapshot' ? NOBODY : this.#agents, event.agents);
    if (event.type === 'agents:snapshot') this.#loaded = true;
  }

  clear(): void {
    this.#agents = NOBODY;
    this.#health = null;
    this.#loaded = false;
  }
}
