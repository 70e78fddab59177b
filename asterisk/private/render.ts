// Fills the templates of reference/ in. `{{name}}` is the whole language, so a person can do it by hand too.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { memberLine, staticMembers, type QueuePlan } from './members.ts';

export const referenceDir = resolve(import.meta.dirname, '../reference');

/** Throws on a placeholder without a value, and on a value that would start a line of its own choosing. */
export function fillIn(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for {{${name}}}`);
    return String(value);
  });
}

/** The sections of queues.conf. */
export function queueSections(queues: readonly QueuePlan[]): string {
  return queues
    .map((queue) => [`[${queue.name}](desk-queue)`, ...staticMembers(queue).map(memberLine)].join('\n'))
    .join('\n\n');
}

/** The line of extconfig.conf, or none: without rows it would only cost. */
export function realtimeMembers(queues: readonly QueuePlan[]): string {
  return queues.some((queue) => queue.realtime) ? 'queue_members => odbc,agentdb,queue_members' : '';
}

/** The lines of the context where callers arrive. */
export function queueExtensions(queues: readonly QueuePlan[]): string {
  return queues
    .map(({ name }) => `exten => ${name},1,Gosub(enter-queue,s,1(${name}))\n same => n,Hangup()`)
    .join('\n');
}

/** Names become section names and dialplan: refused unless plain. Throws naming the first bad one. */
export function checkQueues(queues: readonly QueuePlan[]): void {
  const names = queues.map((queue) => queue.name);
  const bad = names.find(
    (name) => !/^[a-z][\w-]{1,40}$/i.test(name) || name === 'general' || name === 'desk-queue',
  );
  if (bad !== undefined) throw new Error(`a queue cannot be named "${bad}": letters, digits, - and _ only`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`queue ${twice} is there twice`);
  const ext = queues
    .flatMap((queue) => [...staticMembers(queue), ...(queue.realtime ?? [])])
    .map((member) => member.extension)
    .find((extension) => !/^\d{2,15}$/.test(extension));
  if (ext !== undefined) throw new Error(`a member must be an extension of 2 to 15 digits, not "${ext}"`);
}

/**
 * Files some module asks for whose defaults will do. Left out, each is an ERROR or WARNING in the log, among which
 * a real one would drown. An own PBX has them all.
 */
const quietFiles: Readonly<Record<string, string>> = {
  'acl.conf': '',
  'agents.conf': '',
  'ccss.conf': '[general]',
  'cdr.conf': '[general]\nenable = no',
  'cel.conf': '[general]\nenable = no',
  'features.conf': '[general]',
  'indications.conf':
    '[general]\ncountry = none\n\n[none]\ndescription = ringing by the phone itself\nringcadence = 1000,4000\nring = 425/1000,0/4000\nbusy = 425/500,0/500\ncongestion = 425/250,0/250',
  'pjproject.conf': '',
  'stasis.conf': '[threadpool]',
  'udptl.conf': '[general]',
  'websocket_client.conf': '',
};

/** Writes every template of reference/ into `confDir`, readable by the owner alone (secrets). */
export async function renderReference(
  confDir: string,
  values: Readonly<Record<string, string | number>>,
): Promise<void> {
  await mkdir(confDir, { recursive: true, mode: 0o700 });
  const names = (await readdir(referenceDir)).filter((name) => /\.(conf|ini)$/.test(name));
  const generated = 'Written by asterisk/private; the templates are in asterisk/reference.';
  for (const name of names) {
    const text = fillIn(await readFile(join(referenceDir, name), 'utf8'), { generated, ...values });
    await writeFile(join(confDir, name), text, { mode: 0o600 });
  }
  for (const [name, text] of Object.entries(quietFiles)) {
    await writeFile(join(confDir, name), `; ${generated}\n${text}\n`, { mode: 0o600 });
  }
}
