// Somebody pauses the agent from Asterisk's command line, and the desk says what is so.
import { expect, test } from './testkit/fixtures.ts';
import { membersOf } from './testkit/asterisk-truth.ts';

test('[PS4] a pause from Asterisk’s command line is on the desk with its reason, an unpause brings Online back', async ({
  centre,
  openDesk,
  step,
}) => {
  const desk = await openDesk('1001');
  const paused = async () =>
    (await membersOf(centre, '1001')).map(({ paused: is, reason }) => (is ? reason : null));
  const member = 'member Local/1001@agents-all queue support';
  await step('the agent is online and ready', async () => {
    await desk.expectStatus('ONLINE');
    await expect.poll(paused).toEqual([null]);
  });
  await step('paused from outside', async () => {
    await centre.asterisk.cli(`queue pause ${member} reason lunch`);
    await desk.expectStatus('PAUSE', 'lunch');
  });
  await step('it stays', async () => {
    await desk.expectStatus('PAUSE', 'lunch');
    await expect.poll(paused).toEqual(['lunch']);
  });
  await step('unpaused from outside', async () => {
    await expect.poll(paused).toEqual(['lunch']);
    await centre.asterisk.cli(`queue unpause ${member}`);
    await desk.expectStatus('ONLINE');
  });
});
