// npm start [-- --port N]: builds the app, starts a private Asterisk, the bridge and the demo centre, prints the logins.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildApp } from './app-build.ts';
import { prepareCentre, type Centre } from './centre.ts';
import { demoPlan, demoRunDir } from './demo-plan.ts';

const USUAL_PORT = 8080;
const pidFile = join(demoRunDir, 'start.pid');

/** Two centres in one run folder would end each other's Asterisk. */
function refuseSecond(): void {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  const commandLine = `/proc/${pid}/cmdline`;
  if (existsSync(commandLine) && readFileSync(commandLine, 'utf8').includes('tools/start.ts')) {
    throw new Error(`the centre is running already (process ${pid}); stop it with Ctrl-C there`);
  }
}

function printWelcome(centre: Centre): void {
  const width = Math.max(...centre.logins.map(({ name }) => name.length));
  console.log(`\nDemo centre ready: ${centre.url}   (Asterisk ${centre.asterisk.version}, loopback only)\n`);
  console.log('Sign in (demo accounts; the passwords were made up for this folder):');
  for (const { extension, name, role, password } of centre.logins) {
    console.log(`  ${extension}  ${name.padEnd(width)}  ${role.padEnd(10)}  ${password}`);
  }
  console.log('\nSend a caller:  npm run call -- --queue support');
  console.log('Stop:           Ctrl-C\n');
}

async function run(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string' } } });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw new Error(`--port must be a port number, not ${values.port ?? ''}`);
  }
  refuseSecond();
  mkdirSync(demoRunDir, { recursive: true, mode: 0o700 });
  writeFileSync(pidFile, String(process.pid));
  const began = Date.now();
  buildApp(console.log);
  const centre = await prepareCentre({
    ...demoPlan(demoRunDir),
    ...(port === undefined ? { likedHttpPort: USUAL_PORT } : { httpPort: port }),
    log: (line) => console.log(`  ${line}`),
  });
  let stopping: Promise<void> | null = null;
  const stop = (): void => {
    stopping ??= centre.stop().then(() => {
      rmSync(pidFile, { force: true });
      console.log('Stopped.');
      process.exit(0);
    });
  };
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop);
  await centre.start();
  if (stopping) return;
  printWelcome(centre);
  console.log(`Up after ${((Date.now() - began) / 1_000).toFixed(1)} s.`);
}

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
