// Runs an Asterisk in the folder named and says its process id: a program for tests to kill. The child process
// keeps it running.
import { prepareAsterisk } from '../private/index.ts';
import { testQueues } from './test-pbx.ts';

const pbx = await prepareAsterisk({ runDir: process.argv[2] ?? '', queues: testQueues });
await pbx.start();
console.log(pbx.pid);
