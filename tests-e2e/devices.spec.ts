// Several devices of one agent, and a real caller.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../tools/centre.ts';
import { contactsOf } from './testkit/asterisk-truth.ts';
import { expect, test } from './testkit/fixtures.ts';
import { until } from './testkit/wait.ts';

function call(runDir: string, queue: string): () => void {
  const caller = spawn(
    process.execPath,
    [join(root, 'asterisk/call.ts'), '--queue', queue, '--run', runDir],
    {
      cwd: root,
      stdio: 'ignore',
    },
  );
  return () => void caller.kill('SIGINT');
}

test('[RG9] a queue call rings both browsers of one agent; the first to answer has it', async ({
  centre,
  openDesk,
}) => {
  const one = await openDesk('1001');
  const other = await openDesk('1001');
  await one.expectReachable();
  await other.expectReachable();
  await until('two contacts', async () => (await contactsOf(centre, '1001')).length === 2);
  const hangUp = call(centre.asterisk.runDir, 'support');
  try {
    await expect(one.at('call-card')).toHaveAttribute('data-state', 'ringing');
    await expect(other.at('call-card')).toHaveAttribute('data-state', 'ringing');
    await expect(one.at('call-queue')).toContainText('support');
    await one.at('call-answer').click();
    await expect(one.at('call-card')).toHaveAttribute('data-state', 'in-call');
    await expect(other.at('call-card')).toHaveAttribute('data-state', 'idle');
    await expect(one.statusButton).toHaveAttribute('data-status', 'ON_CALL');
    await expect(other.statusButton).toHaveAttribute('data-status', 'ON_CALL');
    await one.at('call-end').click();
    await expect(one.at('call-card')).toHaveAttribute('data-state', 'idle');
    await expect(one.statusButton).toHaveAttribute('data-status', 'ONLINE');
  } finally {
    hangUp();
  }
});

test('[SE3] [SE4] a second device joins the break; signing one out leaves the other its desk', async ({
  centre,
  openDesk,
  step,
}) => {
  const one = await openDesk('1001');
  await step('a break', async () => {
    await one.expectReachable();
    await one.chooseReason('BREAK', 'lunch');
    await one.expectStatus('BREAK', 'lunch');
  });
  const other = await openDesk('1001');
  await step('a second device', async () => {
    await other.expectReachable();
    await other.expectStatus('BREAK', 'lunch');
    await until('two contacts', async () => (await contactsOf(centre, '1001')).length === 2);
  });
  await step('the first signs out', async () => {
    await expect(one.at('desk')).toBeVisible();
    await one.signOut();
    await until('one contact', async () => (await contactsOf(centre, '1001')).length === 1);
    await other.expectStatus('BREAK', 'lunch');
  });
  await step('the second goes on', async () => {
    await other.choose('ONLINE');
    await other.expectStatus('ONLINE');
  });
});
