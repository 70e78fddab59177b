// The demo centre of `npm start` (OP6).
import { join } from 'node:path';
import { demoCentre } from '../asterisk/demo/centre.ts';
import { root, type CentrePlan } from './centre.ts';

export const demoRunDir = join(root, 'run/centre');

export const demoPlan = (runDir: string): CentrePlan => ({
  runDir,
  name: 'Demo centre',
  demo: true,
  queues: demoCentre.queues,
  people: demoCentre.people,
});
