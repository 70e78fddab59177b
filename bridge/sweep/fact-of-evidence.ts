// RG3: what a method that lists no contacts says of one agent, as a fact for the roster.
import type { Evidence } from '../../domain/registration/evidence.ts';
import type { AgentFact } from '../../domain/roster/reduce.ts';

/**
 * Whoever is not registered has no contact that could be reached: one left standing would count as the agent's own when
 * the next phone comes and goes, and the agent would stay ONLINE without any. Evidence must be newer than all that is
 * known of the agent.
 */
export const factOfEvidence = (evidence: Evidence): AgentFact =>
  evidence.verdict === 'unregistered'
    ? { type: 'contacts', contacts: [], at: evidence.at }
    : { type: 'evidence', evidence };
