// SE4: the steps of an ending. One that fails is told and does not stop the next.
import { errorFields, type Log } from '../log.ts';

/** Whether the step was done; never rejects. */
export type Attempt = (step: string, agent: string, action: () => Promise<unknown>) => Promise<boolean>;

export function createAttempt(log: Log): Attempt {
  return async (step, agent, action) => {
    try {
      await action();
      return true;
    } catch (error) {
      log.error({ agent, step, ...errorFields(error) }, 'failed to set agent offline');
      return false;
    }
  };
}
